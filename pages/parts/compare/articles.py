"""Compare, article by article: which ones the runs get wrong, and one of them in full."""

from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from core.articles.article import Article
from core.base.numbers import signed
from core.evaluate.drilldown import article_table, inspect_article
from pages.parts.compare.runs import Chosen
from pages.parts.shared.link import put_in_link, warn_if_link_names
from pages.parts.shared.tables import show_table
from pages.parts.shared.words import count, plain

_SHOWN_CHARACTERS = 2000


def show_articles(chosen: Chosen) -> None:
    """The test articles, those with most mistakes first."""
    articles, why_not = chosen.articles()
    if why_not:
        st.info(plain(why_not))
    frame = _article_frame(chosen, articles)
    search = st.text_input("Search in titles and tags", key="article_search")
    if search.strip():
        texts = frame["title"] + " " + frame["tags"].map(" ".join)
        frame = frame[texts.str.contains(search.strip(), case=False, regex=False)]
    if frame.empty:
        st.info("No test article fits. Clear the search.")
        return
    st.caption(f"{count(len(frame), 'test article')}, most mistakes first; choose one to open it.")
    key = f"article rows with {search}"  # another list, no row chosen
    show_table(
        frame.assign(tags=frame["tags"].map("; ".join)),
        "articles-compared.csv",
        shown=frame,
        height=320,
        on_select=partial(open_article, key, frame),
        selection_mode="single-row",
        key=key,
        alt="Test articles with their tags and each run's mistakes.",
    )


def _article_frame(chosen: Chosen, articles: Mapping[str, Article]) -> pd.DataFrame:
    frame = article_table(chosen.contenders())
    titles = [articles[i].title if i in articles else i for i in frame["id"]]
    frame.insert(0, "title", titles)
    mistakes = frame.filter(regex="^(missed|wrong) by ").sum(axis=1)
    order = mistakes.sort_values(ascending=False, kind="stable").index
    last = frame.pop("id")
    return frame.assign(id=last).loc[order].reset_index(drop=True)


def open_article(key: str, frame: pd.DataFrame) -> None:
    """Name the article of the row that is chosen in the table `key` in the address: it opens."""
    if rows := st.session_state[key].selection.rows:
        put_in_link(article=frame["id"].iloc[rows[0]])


def show_article(chosen: Chosen) -> None:
    """The article that the address names: its text, its tags, and every run's scores."""
    if not (article := st.query_params.get("article")):
        return
    contenders = chosen.contenders()
    if article not in contenders[0].test_ids:
        warn_if_link_names(article, "an article that is not in this test part")
        return
    found = {contender.name: inspect_article(contender, article) for contender in contenders}
    first = found[contenders[0].name]
    with st.container(border=True):
        _show_text(chosen, article, tags=", ".join(first["tag"][first["true"]]))
        for column, (name, scores) in zip(st.columns(len(found)), found.items(), strict=True):
            with column:
                _show_scores(name, scores)
        if st.button("Close the article"):
            put_in_link(article="")
            st.rerun()


def _show_text(chosen: Chosen, article: str, *, tags: str) -> None:
    articles, why_not = chosen.articles()
    found = articles.get(article)
    st.markdown(f"**{plain(found.title if found else article)}**")
    st.caption(f"Its tags: {plain(tags)}" + (f". {plain(why_not)}" if why_not else ""))
    if found:
        st.text(found.description)
        if found.fulltext:
            with st.expander("Full text"):
                st.text(found.fulltext[:_SHOWN_CHARACTERS])


def _show_scores(name: str, scores: pd.DataFrame) -> None:
    """scores: of inspect_article; right, wrong and missed tags are named so."""
    outcomes = {
        (True, True): "right",
        (True, False): "wrong",
        (False, True): "missed",
        (False, False): "",
    }
    decided = zip(scores["predicted"], scores["true"], strict=True)
    frame = pd.DataFrame(
        {
            "Tag": scores["tag"].map(plain),
            "Score": [plain(signed(score)) for score in scores["score"]],
            "": [outcomes[bool(predicted), bool(true)] for predicted, true in decided],
        }
    )
    st.markdown(f"**{plain(name)}**")
    st.table(frame, hide_index=True, alt=f"Tags that {name} ranks highest for this article.")
    cuts = {signed(cut) for cut in scores["cut"]}
    several = "Every tag has a cut of its own."
    st.caption(several if len(cuts) > 1 else f"A tag is taken above {plain(cuts.pop())}.")
