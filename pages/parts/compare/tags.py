"""Compare, tag by tag: the table, and one tag with its curve, confusions and mistakes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from core.base.numbers import signed
from core.evaluate.drilldown import TagVerdict, inspect_tag
from pages.parts.compare.articles import open_article
from pages.parts.compare.charts import curve_frame, precision_recall_lines
from pages.parts.compare.runs import Chosen
from pages.parts.shared.tables import show_chart, show_figures, show_table
from pages.parts.shared.words import count, plain

if TYPE_CHECKING:
    from core.articles.article import Article
    from core.evaluate.comparison import Comparison
    from core.runs.lineup import Lineup

_FEWEST_SHOWN = 8


def show_tags(chosen: Chosen, lineup: Lineup) -> None:
    comparison = lineup.tables[0]
    support = chosen.runs[0].per_tag["support"].tolist()
    frame = tag_frame(comparison, lineup.tag_counts, support)
    st.caption(
        "Sort by a column's head; choose a row to look into its tag. Ranges are 95% intervals, "
        "with * where they exclude 0: of 20 tags one does so by chance."
    )
    show_table(
        frame,
        "per-tag-comparison.csv",
        label="Download this table",
        shown=frame.style.format(precision=3),
        height=320,
        on_select=lambda: _take_row(frame),
        selection_mode="single-row",
        key="tag_rows",
        alt="F1 of each tag in each run, with its support and the difference.",
    )
    tag = st.selectbox(
        "Look into a tag",
        list(chosen.runs[0].tags),
        index=None,
        key="tag",
        bind="query-params",
        placeholder="Choose a tag",
    )
    if tag is not None:
        show_tag(chosen, tag)


def tag_frame(
    comparison: Comparison, counts: Sequence[int], support: Sequence[int]
) -> pd.DataFrame:
    """One row a tag, first where another run gains most on the reference."""
    frame = pd.DataFrame(
        {
            "tag": [row.figure for row in comparison.tags],
            "in training": list(counts),
            "support": list(support),
        }
    )
    for position, name in enumerate(comparison.names):
        frame[f"F1 {name}"] = [row.values[position] for row in comparison.tags]
    for position, name in enumerate(comparison.names):
        differences = [row.differences[position] for row in comparison.tags]
        if differences[0] is None:
            continue
        frame[f"{name} gains"] = [d.value for d in differences if d]
        frame[f"{name} gains 95%"] = [
            f"{signed(d.low)} to {signed(d.high)}{' *' if d.is_sure else ''}"
            for d in differences
            if d
        ]
    gains = [column for column in frame if column.endswith(" gains")]
    return frame.sort_values(gains[0], ascending=False, kind="stable") if gains else frame


def _take_row(frame: pd.DataFrame) -> None:
    if rows := st.session_state["tag_rows"].selection.rows:
        st.session_state["tag"] = frame["tag"].iloc[rows[0]]


def show_tag(chosen: Chosen, tag: str) -> None:
    verdicts = [inspect_tag(contender, tag) for contender in chosen.contenders()]
    st.markdown(f"#### {plain(tag)}")
    show_figures(verdict_frame(verdicts), alt=f"How each run does on {tag}.")
    left, right = st.columns(2, gap="large")
    with left:
        show_curve(verdicts, chosen.colours, tag)
    with right:
        for verdict in verdicts:
            show_confusions(verdict, tag)
    articles = chosen.articles()
    if isinstance(articles, str):
        st.info(plain(articles))
        articles = {}
    for verdict in verdicts:
        with st.expander(
            f"{plain(verdict.name)}: {len(verdict.missed):,} missed, {len(verdict.wrong):,} wrong",
            expanded=len(verdicts) == 1,
        ):
            show_mistakes(verdict, tag, articles)


def verdict_frame(verdicts: Sequence[TagVerdict]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Precision": [verdict.precision for verdict in verdicts],
            "Recall": [verdict.recall for verdict in verdicts],
            "F1": [verdict.f1 for verdict in verdicts],
            "Support": [verdict.support for verdict in verdicts],
            "Suggested": [verdict.predicted for verdict in verdicts],
        },
        index=pd.Index([plain(verdict.name) for verdict in verdicts], name="run"),
    )


def show_curve(verdicts: Sequence[TagVerdict], colours: Mapping[str, str], tag: str) -> None:
    curves = {verdict.name: verdict.curve for verdict in verdicts}
    cuts = [(verdict.name, verdict.recall, verdict.precision) for verdict in verdicts]
    show_chart(
        precision_recall_lines(curves, colours, cuts),
        curve_frame(curves),
        "tag-curve.csv",
        label="Download this curve",
        title=[f"Precision and recall of {tag}; dots: the cuts in use"],
        key="tag_curve",
        alt=f"Precision against recall of {tag}.",
    )


def show_confusions(verdict: TagVerdict, tag: str) -> None:
    st.markdown(f"**{plain(verdict.name)}**")
    st.markdown(
        f"Puts instead of {plain(tag)}: {_listed(verdict.instead)}  \n"
        f"Puts {plain(tag)} in place of: {_listed(verdict.in_place_of)}"
    )


def show_mistakes(verdict: TagVerdict, tag: str, articles: Mapping[str, Article]) -> None:
    for heading, mistakes in (
        (f"Has {tag}, did not get it", verdict.missed),
        (f"Got {tag}, does not have it", verdict.wrong),
    ):
        st.markdown(f"{plain(heading)}: {count(len(mistakes), 'article')}")
        frame = pd.DataFrame(
            {
                "score": [mistake.score for mistake in mistakes],
                "title": [_title(articles, mistake.article) for mistake in mistakes],
                "text": [_text(articles, mistake.article) for mistake in mistakes],
                "tags": [_tags(articles, mistake.article) for mistake in mistakes],
                "id": [mistake.article for mistake in mistakes],
            }
        )
        if frame.empty:
            continue
        key = f"mistakes {heading} by {verdict.name}"
        st.dataframe(
            frame.style.format(precision=3),
            hide_index=True,
            on_select=lambda key=key, frame=frame: open_article(key, frame),
            selection_mode="single-row",
            key=key,
            alt=f"{heading}, as {verdict.name} sees it: titles, texts, tags and scores.",
        )


def _listed(tags: Sequence[tuple[str, int]]) -> str:
    shown = ", ".join(f"{plain(tag)} ({number})" for tag, number in tags[:_FEWEST_SHOWN])
    return shown or "nothing"


def _title(articles: Mapping[str, Article], article: str) -> str:
    return articles[article].title if article in articles else ""


def _text(articles: Mapping[str, Article], article: str) -> str:
    return articles[article].description if article in articles else ""


def _tags(articles: Mapping[str, Article], article: str) -> list[str]:
    return list(articles[article].tags) if article in articles else []
