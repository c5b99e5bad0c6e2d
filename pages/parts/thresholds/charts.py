"""The charts of Thresholds as functions of data."""

import copy
from functools import cache
from typing import Any

import altair as alt
import pandas as pd

from pages.parts.shared.colours import GREY

PARTS = ["held-out", "test"]


def precision_recall_spec(curves: pd.DataFrame, points: pd.DataFrame) -> dict[str, Any]:
    """A line for each part over all common cuts, and the point in view on it.

    curves: part, cut, precision, recall; points: part, precision, recall. Both in shares, 0..1.
    """
    # Only the named data change from move to move, so the browser does not build the chart anew.
    return copy.deepcopy(_precision_recall_layers()) | {
        "datasets": {"curves": curves, "points": points}
    }


@cache
def _precision_recall_layers() -> dict[str, Any]:
    """Made once: Altair checks a chart against its schema, which takes longer than a recount."""
    color = alt.Color("part:N", sort=PARTS, legend=None)
    share = alt.Scale(domain=[0, 1])
    figures = [alt.Tooltip(f"{name}:Q", format=".3f") for name in ("cut", "precision", "recall")]
    x = alt.X("recall:Q", scale=share, title="recall", axis=alt.Axis(tickCount=5))
    y = alt.Y("precision:Q", scale=share, title="precision", axis=alt.Axis(tickCount=5))
    lines = (
        alt.Chart(alt.NamedData("curves"))
        .mark_line(strokeWidth=2)
        .encode(
            x=x,
            y=y,
            color=color,
            strokeDash=alt.StrokeDash("part:N", sort=PARTS, legend=None),
            order="recall:Q",
            tooltip=["part:N", *figures],
        )
    )
    here = alt.Chart(alt.NamedData("points")).encode(
        x=x, y=y, color=color, tooltip=["part:N", *figures[1:]]
    )
    marks = here.mark_point(filled=True, size=170, opacity=1).encode(
        shape=alt.Shape("part:N", sort=PARTS, legend=None)
    )
    # The held-out point lies to the left of the test's as a rule: their names part from there.
    left, right = (alt.datum.part == part for part in PARTS)
    names = here.mark_text(align="right", dx=-12, dy=10, fontSize=13).transform_filter(
        left
    ) + here.mark_text(align="left", dx=12, dy=-10, fontSize=13).transform_filter(right)
    title = "Precision and recall of every cut"
    chart = lines + marks + names.encode(text="part:N")
    return chart.properties(height=330, title=alt.Title(title, fontSize=13)).to_dict()


def reliability_chart(reliability: pd.DataFrame) -> alt.LayerChart:
    """Probability against the share that is true, on the diagonal where both agree.

    reliability: low, high, pairs, probability, true.
    """
    share = alt.Scale(domain=[0, 1])
    ends = pd.DataFrame({"probability": [0, 1], "true": [0, 1]})
    x = alt.X("probability:Q", scale=share, title="probability given (mean of a bin)")
    y = alt.Y("true:Q", scale=share, title="share of them that is true")
    diagonal = alt.Chart(ends).mark_line(color=GREY, strokeDash=[4, 4]).encode(x=x, y=y)
    base = alt.Chart(reliability).encode(x=x, y=y)
    tooltip = [
        alt.Tooltip("pairs:Q", format=","),
        alt.Tooltip("probability:Q", format=".3f"),
        alt.Tooltip("true:Q", format=".3f"),
    ]
    points = base.mark_line(point=alt.OverlayMarkDef(size=70, filled=True)).encode(tooltip=tooltip)
    return (diagonal + points).properties(height=320, title="Probability and truth, test part")
