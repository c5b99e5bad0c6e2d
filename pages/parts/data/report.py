"""The check report: what is read, what is dropped and why, and tags that look wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.articles.check import CheckReport
from core.dataset.variants import find_variants
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import count, plain

if TYPE_CHECKING:
    import altair

_SHOWN = 100


def show_report(report: CheckReport) -> None:
    st.markdown("#### What is in it")
    with st.container(horizontal=True):
        st.metric("Rows", f"{report.rows:,}", width="content")
        st.metric("Articles", f"{report.articles:,}", width="content")
        st.metric("Dropped", f"{report.bad_count:,}", width="content")
        st.metric(
            "Copies",
            f"{report.copy_count:,}",
            help="Articles with the address, or the title and description, of an earlier one. "
            "They are kept; training keeps copies on one side of the split.",
            width="content",
        )
        st.metric("Tags", f"{len(report.tag_counts):,}", width="content")
        st.metric("Tags per article", f"{report.tags_per_article:.2f}", width="content")
    st.caption(
        f"Without tags: {report.without_tags:,} · without a description: "
        f"{report.without_description:,} · without a full text: {report.without_fulltext:,}"
    )
    if report.left_out:
        st.caption(plain(" · ".join(report.left_out)))
    _show_problems(report)
    _show_odd_tags(report)
    if report.articles:
        st.altair_chart(
            tag_number_chart(report.articles_by_tag_number),
            alt=f"Articles by their number of tags; {report.tags_per_article:.2f} on average.",
        )
        show_download(_tag_numbers(report.articles_by_tag_number), "tags-per-article.csv")


def show_cells(report: CheckReport) -> None:
    """Five cells and the tags read from them, and in which order dates are read."""
    if report.tag_examples:
        st.caption(f"Tags: {plain(str(report.plan.tag_form))}.")
        rows = [(example.cell, " · ".join(example.tags)) for example in report.tag_examples]
        frame = pd.DataFrame(rows, columns=["cell of tags", "tags read from it"])
        st.dataframe(frame, hide_index=True, width="stretch", alt="Cells and the tags in them.")
    if sentence := report.plan.date_form.sentence:
        st.caption(plain(sentence))


def _show_problems(report: CheckReport) -> None:
    if not report.bad_count and not report.copy_count and not report.left_empty:
        st.caption("Every row can be used, and none repeats another.")
        return
    listed = [(str(row), "dropped") for row in report.bad_rows]
    listed += [(str(row), "copy") for row in report.copies]
    listed += [(str(row), "left empty") for row in report.left_empty]
    label = f"{count(report.bad_count, 'row')} dropped, {count(report.copy_count, 'repeat')}"
    if report.left_empty:
        empty = sum(report.left_empty_counts.values())
        label += f", {count(empty, 'optional cell')} left empty"
    with st.expander(label, expanded=bool(report.bad_count)):
        frame = pd.DataFrame(listed[:_SHOWN], columns=["row", "what"])
        st.dataframe(
            frame,
            hide_index=True,
            width="stretch",
            alt="Rows dropped, repeated or with a cell left empty.",
        )
        if len(listed) > _SHOWN:
            st.caption(f"{len(listed) - _SHOWN:,} more are in the download.")
        st.download_button(
            "Download all with their lines",
            report.problems_csv,
            file_name="problems.csv",
            mime="text/csv",
            on_click="ignore",
            key="download_problems",
        )


def _show_odd_tags(report: CheckReport) -> None:
    rows = [(odd.tag, odd.articles, odd.why) for odd in report.odd_tags]
    rows += [
        (v.tag, v.tag_articles, f"perhaps {v.into} ({v.reason})")
        for v in find_variants(report.tag_counts)
    ]
    if not rows:
        return
    frame = pd.DataFrame(rows, columns=["tag", "articles", "why"])
    with st.expander(f"{count(len(rows), 'tag')} to look at"):
        st.dataframe(frame, hide_index=True, width="stretch", alt="Tags that look wrong.")
        st.caption(plain("Explore > Spellings merges them once the set is kept."))
        show_download(frame, "odd-tags.csv")


def _tag_numbers(numbers: dict[int, int]) -> pd.DataFrame:
    return pd.DataFrame({"tags": list(numbers), "articles": list(numbers.values())})


def tag_number_chart(numbers: dict[int, int]) -> altair.Chart:
    """Articles by how many tags they have."""
    import altair as alt

    return (
        alt.Chart(_tag_numbers(numbers), title="Articles by their number of tags")
        .mark_bar()
        .encode(
            x=alt.X("tags:O", title="tags", axis=alt.Axis(labelAngle=0)),
            y=alt.Y("articles:Q", title="articles"),
            tooltip=["tags", alt.Tooltip("articles:Q", format=",")],
        )
        .properties(height=220)
    )
