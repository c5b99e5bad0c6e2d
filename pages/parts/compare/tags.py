"""Compare, tag by tag: the table, and one tag with its curve, confusions and mistakes."""

from collections.abc import Mapping, Sequence
from functools import partial

import pandas as pd
import streamlit as st

from core.articles.article import Article
from core.evaluate.drilldown import Mistake, TagVerdict, inspect_tag
from core.evaluate.tables import tag_table
from core.runs.lineup import Lineup
from pages.parts.compare.articles import open_article
from pages.parts.compare.charts import curve_frame, precision_recall_lines
from pages.parts.compare.runs import Chosen
from pages.parts.shared.tables import show_chart, show_figures, show_table
from pages.parts.shared.words import count, plain

_MOST_CONFUSIONS = 8


def show_tags(chosen: Chosen, lineup: Lineup) -> None:
    """The table of all tags, and the one that is chosen in it or named in the address."""
    support = chosen.runs[0].per_tag["support"].tolist()
    frame = tag_table(lineup.tables[0], lineup.tag_counts, support)
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
        on_select=partial(_take_row, frame),
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
        _show_tag(chosen, tag)


def _take_row(frame: pd.DataFrame) -> None:
    if rows := st.session_state["tag_rows"].selection.rows:
        st.session_state["tag"] = frame["tag"].iloc[rows[0]]


def _show_tag(chosen: Chosen, tag: str) -> None:
    verdicts = [inspect_tag(contender, tag) for contender in chosen.contenders()]
    st.markdown(f"#### {plain(tag)}")
    show_figures(_verdict_frame(verdicts), alt=f"How each run does on {tag}.")
    left, right = st.columns(2, gap="large")
    with left:
        _show_curve(verdicts, chosen.colours, tag)
    with right:
        for verdict in verdicts:
            st.markdown(f"**{plain(verdict.name)}**")
            st.markdown(
                f"Suggests instead of {plain(tag)}: {_listed(verdict.instead)}  \n"
                f"Suggests {plain(tag)} in place of: {_listed(verdict.in_place_of)}"
            )
    articles, why_not = chosen.articles()
    if why_not:
        st.info(plain(why_not))
    for verdict in verdicts:
        wrong = f"{len(verdict.missed):,} missed, {len(verdict.wrong):,} wrong"
        with st.expander(f"{plain(verdict.name)}: {wrong}", expanded=len(verdicts) == 1):
            _show_mistakes(
                f"Missed: has {tag} and was not given it", verdict.missed, verdict.name, articles
            )
            _show_mistakes(
                f"Wrong: was given {tag} and does not have it",
                verdict.wrong,
                verdict.name,
                articles,
            )


def _verdict_frame(verdicts: Sequence[TagVerdict]) -> pd.DataFrame:
    return pd.DataFrame(
        [(v.precision, v.recall, v.f1, v.support, v.predicted) for v in verdicts],
        columns=["Precision", "Recall", "F1", "Support", "Suggested"],
        index=pd.Index([plain(verdict.name) for verdict in verdicts], name="run"),
    )


def _show_curve(verdicts: Sequence[TagVerdict], colours: Mapping[str, str], tag: str) -> None:
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


def _listed(tags: Sequence[tuple[str, int]]) -> str:
    shown = ", ".join(f"{plain(tag)} ({number})" for tag, number in tags[:_MOST_CONFUSIONS])
    return shown or "nothing"


def _show_mistakes(
    heading: str, mistakes: Sequence[Mistake], run: str, articles: Mapping[str, Article]
) -> None:
    st.markdown(f"{plain(heading)}: {count(len(mistakes), 'article')}")
    if not mistakes:
        return
    known = [(mistake, articles.get(mistake.article)) for mistake in mistakes]
    rows = [
        (m.score, a.title if a else "", a.description if a else "", a.tags if a else (), m.article)
        for m, a in known
    ]
    frame = pd.DataFrame(rows, columns=["score", "title", "text", "tags", "id"])
    key = f"mistakes {heading} by {run}"
    st.dataframe(
        frame.style.format(precision=3),
        hide_index=True,
        on_select=partial(open_article, key, frame),
        selection_mode="single-row",
        key=key,
        alt=f"{heading}, as {run} sees it: titles, texts, tags and scores.",
    )
