"""Articles and their counts through Streamlit's caches: keyed by fingerprint, never by path."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import streamlit as st

from core.articles.article import Article
from core.articles.store.record import SetInfo
from core.articles.store.sets import read_sources
from core.dataset.statistics import (
    Remaining,
    Statistics,
    article_table,
    build_remaining,
    build_statistics,
)

if TYPE_CHECKING:
    import pandas as pd

SET_KEY: dict[str | type[Any], Callable[[Any], Any]] = {SetInfo: lambda info: info.fingerprint}


# cache_resource, not cache_data: these are immutable and too large to copy on every rerun.
@st.cache_resource(max_entries=4, show_spinner="Reading the articles ...", hash_funcs=SET_KEY)
def load_articles(info: SetInfo) -> tuple[Article, ...]:
    """The articles of a data set, in the order of its file."""
    return read_sources([info.name])


@st.cache_resource(max_entries=4, show_spinner="Counting the tags ...", hash_funcs=SET_KEY)
def load_statistics(info: SetInfo) -> tuple[Statistics, list[Remaining]]:
    """The counts of a data set, and what stays of it at each minimum count of a tag."""
    articles = load_articles(info)
    statistics = build_statistics(articles)
    return statistics, build_remaining(articles, statistics.tag_counts)


@st.cache_resource(max_entries=4, show_spinner=False, hash_funcs=SET_KEY)
def load_article_table(info: SetInfo) -> pd.DataFrame:
    """One row an article, with its id, title, description, tags, language, source and date."""
    return article_table(load_articles(info))
