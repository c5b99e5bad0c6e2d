"""One article to read, opened by its id in the address, and lists that open one."""

from functools import partial

import pandas as pd
import streamlit as st

from core.articles.article import Article
from core.articles.store.record import SetInfo
from pages.parts.shared.link import put_in_link
from pages.parts.shared.loading import load_articles
from pages.parts.shared.words import plain

_LISTED = ["title", "tags", "language", "source", "published"]
_FULLTEXT_CHARACTERS = 2000


def open_article(article_id: str | None) -> None:
    """Name the article in the address; None closes the one that is open."""
    put_in_link(article=article_id or "")


def show_open_article(info: SetInfo) -> None:
    """The article that the address names, if it is in this data set."""
    named = st.query_params.get("article")
    if named is None:
        return
    article = next((a for a in load_articles(info) if a.id == named), None)
    if article is None:
        st.caption(f"The article {plain(named)} is not in {plain(info.name)}; choose another one.")
        return
    show_article(article)


def show_article(article: Article) -> None:
    """One article: where it comes from, its tags, and its text as it is, without Markdown."""
    with st.container(border=True):
        st.markdown(f"##### {plain(article.title)}")
        facts = [", ".join(article.creators), article.source, article.language]
        facts.append(str(article.published or ""))
        st.caption(plain(" · ".join(filter(None, facts))))
        if article.tags:
            st.markdown(" ".join(f":gray-badge[{plain(tag)}]" for tag in article.tags))
        if article.url.startswith(("https://", "http://")):
            st.link_button("Read it at its source", article.url, key=f"source of {article.id}")
        st.text(article.description)
        cut = len(article.fulltext) > _FULLTEXT_CHARACTERS
        st.text(article.fulltext[:_FULLTEXT_CHARACTERS] + (" ..." if cut else ""))


def show_list(table: pd.DataFrame, *, key: str, alt: str) -> None:
    """A list of articles (of article_table); choosing a row opens the article."""
    st.dataframe(
        table[_LISTED],
        hide_index=True,
        on_select=partial(_open_chosen, key, table["id"]),
        selection_mode="single-row",
        key=key,
        alt=alt,
    )


def _open_chosen(key: str, ids: pd.Series) -> None:
    rows = st.session_state[key].selection.rows
    open_article(ids.iloc[rows[0]] if rows else None)
