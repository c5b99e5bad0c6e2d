"""Explore, Origins: languages, sources, authors, hosts, and when."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.articles.store.versions import SetInfo
from core.dataset.origins import period_unit, time_line
from pages.parts.explore.charts import time_lines
from pages.parts.explore.loading import load_origins
from pages.parts.shared.charts import count_bars
from pages.parts.shared.loading import load_articles, load_statistics
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import count, plain

MOST_BARS = 20
MOST_TAGS = 5


def show_section(info: SetInfo) -> None:
    statistics, origins = load_statistics(info)[0], load_origins(info)
    kinds = {
        "language": statistics.languages,
        "source": statistics.sources,
        "author": origins.authors,
        "host": origins.hosts,
    }
    if missing := [sentence for sentence in map(why_no_chart, kinds, kinds.values()) if sentence]:
        st.caption(" ".join(missing))
    columns = st.columns(2)
    drawn = [kind for kind, counts in kinds.items() if not why_no_chart(kind, counts)]
    for number, kind in enumerate(drawn):
        with columns[number % 2]:
            show_counts(kind, kinds[kind])
    show_time_line(info, origins.dated)


def why_no_chart(kind: str, counts: Mapping[str, int]) -> str:
    """The sentence instead of a chart where there is nothing to compare, else ""."""
    names = list(counts)
    if not names or names == ["unknown"]:
        return f"No article names its {kind}."
    return f"One {kind} only: {plain(names[0])}." if len(names) == 1 else ""


def show_counts(kind: str, counts: Mapping[str, int]) -> None:
    names = list(counts)
    more = f": {MOST_BARS} of {len(names):,}" if len(names) > MOST_BARS else ""
    st.altair_chart(
        count_bars(
            {name: counts[name] for name in names[:MOST_BARS]},
            title=f"Articles by {kind}{more}",
            label=kind,
        ),
        alt=f"Bars of articles by {kind}; {names[0]} has most, {counts[names[0]]}.",
    )
    frame = pd.DataFrame(list(counts.items()), columns=[kind, "articles"])
    show_download(frame, f"articles-by-{kind}.csv", f"Download the {kind}s")


def show_time_line(info: SetInfo, dated: int) -> None:
    st.markdown("#### Time line")
    if not dated:
        st.info(
            "No article has a date. Give the file a column named published or date "
            "(such as 2024-05-31) to see when the articles appeared."
        )
        return
    articles = load_articles(info)
    tags = st.multiselect(
        "Only articles with these tags",
        list(load_statistics(info)[0].tag_counts),
        max_selections=MOST_TAGS,
        key="time_tags",
        bind="query-params",
    )
    frame = time_line(articles, tags)
    yearly = period_unit(articles) == "Y"
    st.altair_chart(
        time_lines(frame, yearly=yearly),
        alt=f"Line of articles per {'year' if yearly else 'month'}.",
    )
    if dated < len(articles):
        st.caption(f"{count(len(articles) - dated, 'article')} without a date left out.")
    show_download(frame, "time-line.csv", "Download the time line")
