"""Articles and their counts through Streamlit's caches: keyed by fingerprint, never by path."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.articles.article import Article
from core.articles.store.sets import read_sources
from core.articles.store.versions import SetInfo
from core.dataset.config import DataConfig
from core.dataset.statistics import (
    Remaining,
    Statistics,
    article_table,
    build_remaining,
    build_statistics,
)

if TYPE_CHECKING:
    import pandas as pd

    from core.dataset.dataset import TagDataset


def load_articles(info: SetInfo) -> tuple[Article, ...]:
    return _articles(info.fingerprint, info.name)


def load_statistics(info: SetInfo) -> tuple[Statistics, list[Remaining]]:
    return _statistics(info.fingerprint, info.name)


def load_article_table(info: SetInfo) -> pd.DataFrame:
    return _article_table(info.fingerprint, info.name)


def load_dataset(info: SetInfo, config: DataConfig) -> TagDataset:
    """Raises DataError if the settings leave nothing."""
    return _dataset(info.fingerprint, config.model_dump_json(), info.name)


# cache_resource, not cache_data: these are immutable and too large to copy on every rerun.
@st.cache_resource(max_entries=4, show_spinner="Reading the articles ...")
def _articles(fingerprint: str, _name: str) -> tuple[Article, ...]:
    return read_sources([_name])


@st.cache_resource(max_entries=4, show_spinner="Counting the tags ...")
def _statistics(fingerprint: str, _name: str) -> tuple[Statistics, list[Remaining]]:
    articles = _articles(fingerprint, _name)
    statistics = build_statistics(articles)
    return statistics, build_remaining(articles, statistics.tag_counts)


@st.cache_resource(max_entries=4, show_spinner=False)
def _article_table(fingerprint: str, _name: str) -> pd.DataFrame:
    return article_table(_articles(fingerprint, _name))


@st.cache_resource(max_entries=4, show_spinner="Filtering the articles ...")
def _dataset(fingerprint: str, config: str, _name: str) -> TagDataset:
    from core.dataset.dataset import build_dataset

    return build_dataset(_articles(fingerprint, _name), DataConfig.model_validate_json(config))
