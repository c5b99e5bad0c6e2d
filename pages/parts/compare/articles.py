"""Compare, article by article: which ones the runs get wrong, and one of them in full."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.base.numbers import signed
from core.evaluate.drilldown import article_table, inspect_article
from pages.parts.compare.runs import Chosen
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import count, plain

if TYPE_CHECKING:
    from core.articles.article import Article

_SHOWN_CHARACTERS = 2000


def show_articles(chosen: Chosen) -> None:
    """The test articles, those with most mistakes first."""
    articles = chosen.articles()
    if isinstance(articles, str):
        st.info(plain(articles))
        articles = {}
    frame = article_frame(chosen, articles)
    search = st.text_input("Search in titles and tags", key="article_search")
    if search.strip():
        texts = frame["title"] + " " + frame["tags"].map(" ".join)
        frame = frame[texts.str.contains(search.strip(), case=False, regex=False)]
    if frame.empty:
        st.info("No test article fits. Clear the search.")
        return
    st.caption(f"{count(len(frame), 'test article')}, most mistakes first; choose one to open it.")
    key = f"article rows with {search}"  # another list, no row chosen
    st.dataframe(
        frame,
        hide_index=True,
        height=320,
        on_select=lambda: open_article(key, frame),
        selection_mode="single-row",
        key=key,
        alt="Test articles with their tags and each run's mistakes.",
    )
    show_download(frame.assign(tags=frame["tags"].map("; ".join)), "articles-compared.csv")


def article_frame(chosen: Chosen, articles: Mapping[str, Article]) -> pd.DataFrame:
    frame = article_table(chosen.contenders())
    titles = [articles[i].title if i in articles else i for i in frame["id"]]
    frame.insert(0, "title", titles)
    mistakes = frame.filter(regex="^(missed|wrong) by ").sum(axis=1)
    order = mistakes.sort_values(ascending=False, kind="stable").index
    last = frame.pop("id")
    return frame.assign(id=last).loc[order].reset_index(drop=True)


def open_article(key: str, frame: pd.DataFrame) -> None:
    """Name the chosen row's article in the address, which opens it."""
    if rows := st.session_state[key].selection.rows:
        st.query_params["article"] = frame["id"].iloc[rows[0]]


def show_article(chosen: Chosen) -> None:
    """The article that the address names: its text, its tags, and every run's scores."""
    if not (article := st.query_params.get("article")):
        return
    contenders = chosen.contenders()
    if article not in contenders[0].test_ids:
        st.warning(f"This link names an article that is not in this test part: {plain(article)}.")
        return
    verdicts = [(contender.name, inspect_article(contender, article)) for contender in contenders]
    with st.container(border=True):
        show_text(chosen, article, true_tags(verdicts[0][1]))
        for column, (name, found) in zip(st.columns(len(verdicts)), verdicts, strict=True):
            column.markdown(f"**{plain(name)}**")
            column.table(
                score_frame(found),
                hide_index=True,
                alt=f"Tags that {name} ranks highest for this article.",
            )
            cuts = {signed(cut) for cut in found["cut"]}
            column.caption(
                f"A tag is taken above {plain(cuts.pop())}."
                if len(cuts) == 1
                else "Every tag has a cut of its own."
            )
        if st.button("Close the article"):
            del st.query_params["article"]
            st.rerun()


def show_text(chosen: Chosen, article: str, tags: Sequence[str]) -> None:
    articles = chosen.articles()
    if isinstance(articles, str):
        st.markdown(f"**{plain(article)}**")
        st.caption(f"Its tags: {plain(', '.join(tags))}. {plain(articles)}")
        return
    found = articles[article]
    st.markdown(f"**{plain(found.title)}**")
    st.caption(f"Its tags: {plain(', '.join(tags))}")
    st.text(found.description)
    if found.fulltext:
        with st.expander("Full text"):
            st.text(found.fulltext[:_SHOWN_CHARACTERS])


def true_tags(found: pd.DataFrame) -> list[str]:
    return list(found["tag"][found["true"]])


def score_frame(found: pd.DataFrame) -> pd.DataFrame:
    """Right, wrong and missed tags in words."""
    return pd.DataFrame(
        {
            "Tag": [plain(tag) for tag in found["tag"]],
            "Score": [plain(signed(score)) for score in found["score"]],
            "": [
                _outcome(predicted, true)
                for predicted, true in zip(found["predicted"], found["true"], strict=True)
            ],
        }
    )


def _outcome(predicted: bool, true: bool) -> str:
    if predicted:
        return "right" if true else "wrong"
    return "missed" if true else ""
