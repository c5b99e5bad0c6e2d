"""Explore, Origins: languages, sources, authors, hosts, and when."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from core.articles.store.record import SetInfo
from core.dataset.origins import period_unit, time_line
from pages.parts.explore.charts import time_lines
from pages.parts.explore.loading import load_origins
from pages.parts.shared.charts import count_bars
from pages.parts.shared.loading import load_articles, load_statistics
from pages.parts.shared.tables import show_chart
from pages.parts.shared.words import count, plain

_MOST_BARS = 20
_MOST_TAGS = 5


def show_section(info: SetInfo) -> None:
    """Where the articles come from, and the time line."""
    statistics, origins = load_statistics(info)[0], load_origins(info)
    kinds = {
        "language": statistics.languages,
        "source": statistics.sources,
        "author": origins.authors,
        "host": origins.hosts,
    }
    missing = {kind: _why_no_chart(kind, counts) for kind, counts in kinds.items()}
    if sentences := [sentence for sentence in missing.values() if sentence]:
        st.caption(" ".join(sentences))
    columns = st.columns(2)
    for number, kind in enumerate(kind for kind in kinds if not missing[kind]):
        with columns[number % 2]:
            _show_counts(kind, kinds[kind])
    _show_time_line(info, origins.dated)


def _why_no_chart(kind: str, counts: Mapping[str, int]) -> str:
    """The sentence instead of a chart where there is nothing to compare, else ""."""
    names = list(counts)
    if not names or names == ["unknown"]:
        return f"No article names its {kind}."
    return f"One {kind} only: {plain(names[0])}." if len(names) == 1 else ""


def _show_counts(kind: str, counts: Mapping[str, int]) -> None:
    frame = pd.DataFrame(list(counts.items()), columns=[kind, "articles"])
    drawn = dict(list(counts.items())[:_MOST_BARS])
    more = f": {_MOST_BARS} of {len(counts):,}" if len(counts) > _MOST_BARS else ""
    first, most = next(iter(counts.items()))
    show_chart(
        count_bars(drawn, title=f"Articles by {kind}{more}", label=kind),
        frame,
        f"articles-by-{kind}.csv",
        label=f"Download the {kind}s",
        alt=f"Bars of articles by {kind}; {first} has most, {most}.",
    )


def _show_time_line(info: SetInfo, dated: int) -> None:
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
        max_selections=_MOST_TAGS,
        key="time_tags",
        bind="query-params",
    )
    frame, yearly = time_line(articles, tags), period_unit(articles) == "Y"
    show_chart(
        time_lines(frame, yearly=yearly),
        frame,
        "time-line.csv",
        label="Download the time line",
        alt=f"Line of articles per {'year' if yearly else 'month'}.",
    )
    if dated < len(articles):
        st.caption(f"{count(len(articles) - dated, 'article')} without a date left out.")
