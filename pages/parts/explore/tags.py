"""Explore, Tags: how often each tag is used, and what a minimum count leaves."""

from dataclasses import astuple

import streamlit as st

from core.articles.store.record import SetInfo
from core.dataset.statistics import (
    RARE_TAG_COUNT,
    Remaining,
    Statistics,
    changing_steps,
    tail_rows,
)
from pages.parts.explore.tag_charts import remaining_lines, tag_bars, tail_line
from pages.parts.shared.downloads import offer_csv
from pages.parts.shared.loading import load_statistics
from pages.parts.shared.words import count

_BARS = (25, 50, 100, 200)


def show_section(info: SetInfo) -> None:
    """The bars of the tags, the slider of the minimum count, and the long tail."""
    statistics, remaining = load_statistics(info)
    if not remaining:
        st.info("These articles have no tags, so there is nothing to count.")
        return
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="center")
    with left:
        minimum = _choose_minimum(remaining[-1].min_count)
    stay = remaining[minimum - 1]
    right.markdown(
        f"**{count(stay.tags, 'tag')}, {count(stay.articles, 'article')} stay**; "
        f"{count(statistics.tags - stay.tags, 'tag')} are rarer."
    )
    _show_bars(statistics, minimum)
    _show_tail(statistics, remaining, minimum)


def _choose_minimum(most: int) -> int:
    if st.session_state.get("min_count", 1) > most:
        st.session_state["min_count"] = most  # chosen on a larger data set
    if most == 1:
        return 1
    return st.slider(
        "Minimum number of articles a tag must have",
        1,
        most,
        min(RARE_TAG_COUNT, most),
        key="min_count",
        bind="query-params",
        help="Rarer tags give a model too little to learn from. Train uses the same setting.",
    )


def _show_bars(statistics: Statistics, minimum: int) -> None:
    ranked = list(statistics.tag_counts.items())
    shown = st.session_state.get("bars", 100)
    top, bottom = ranked[:shown], ranked[shown:][-shown:]
    st.vega_lite_chart(
        tag_bars(top, title=f"The {len(top)} most frequent tags", line_at=minimum),
        key="top_tags",
        alt=f"Bars of articles per tag, from {top[0][1]} for {top[0][0]} down to {top[-1][1]}.",
    )
    if bottom:
        st.vega_lite_chart(
            tag_bars(bottom, title=f"The {len(bottom)} rarest tags"),
            key="bottom_tags",
            alt=f"Bars of articles per tag, from {bottom[0][1]} down to {bottom[-1][1]}.",
        )
    st.caption("Ctrl and the wheel zoom into the bars, a drag moves them, a double click resets.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Tags in a chart",
            _BARS,
            index=_BARS.index(100),
            key="bars",
            bind="query-params",
            width=140,
        )
        offer_csv(("tag", "articles"), lambda: ranked, "tag-counts.csv", "Download the tag counts")


def _show_tail(statistics: Statistics, remaining: list[Remaining], minimum: int) -> None:
    left, right = st.columns(2)
    stays, tail = changing_steps(remaining), tail_rows(statistics.tag_counts)
    with left:
        st.vega_lite_chart(
            remaining_lines(stays, minimum=minimum),
            alt="Lines of the share of tags and of articles that stay at each minimum count.",
        )
        offer_csv(
            ("min_count", "tags", "articles"),
            lambda: map(astuple, stays),
            "what-stays.csv",
            "Download what stays",
        )
    with right:
        st.vega_lite_chart(
            tail_line(tail),
            alt="Area of the share of all tags given that the most frequent tags make up.",
        )
        columns = ("rank", "tag", "articles", "share")
        offer_csv(columns, lambda: tail, "long-tail.csv", "Download the long tail")
