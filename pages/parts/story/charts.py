"""Charts of the Story page as functions of data: no page, no session, so that a test reads them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pages.parts.shared.charts import GREY

if TYPE_CHECKING:
    import altair
    import pandas as pd

# Pixels of a bar, and of legend and axis together, which the height takes in.
_BAR_HEIGHT, _AROUND = 22, 130


def tail_bars(frame: pd.DataFrame, *, minimum: int, colour: str) -> altair.LayerChart:
    """Bars of tags by how many articles they have; grey below the minimum.

    frame: columns articles, tags, given, kept (bool).
    """
    import altair as alt

    base = alt.Chart(frame).encode(
        x=alt.X("articles:N", sort=None, title="articles a tag has", axis=alt.Axis(labelAngle=-40)),
        y=alt.Y("tags:Q", title="tags"),
        tooltip=[
            "articles",
            alt.Tooltip("tags:Q", format=","),
            alt.Tooltip("given:Q", title="times given", format=","),
        ],
    )
    kept = f"{minimum} articles or more"
    bars = base.transform_calculate(part=f"datum.kept ? '{kept}' : 'fewer'").encode(
        color=alt.Color(
            "part:N",
            title=None,
            scale=alt.Scale(domain=[kept, "fewer"], range=[colour, GREY]),
            legend=alt.Legend(orient="top"),
        )
    )
    labels = base.encode(text=alt.Text("tags:Q", format=","))
    return (bars.mark_bar() + labels.mark_text(dy=-7, color=GREY)).properties(height=340)


def grouped_bars(
    frame: pd.DataFrame, colours: Mapping[str, str], *, group: str, measure: str
) -> altair.LayerChart:
    """Horizontal bars of shares, 0..1, with their numbers. frame: columns group, series, value."""
    import altair as alt

    bars = len(frame)
    base = alt.Chart(frame).encode(
        x=alt.X(
            "value:Q",
            title=measure,
            scale=alt.Scale(domain=[0, 1.08]),
            axis=alt.Axis(tickCount=5),
        ),
        y=alt.Y(f"{group}:N", sort=None, title=None, axis=alt.Axis(labelLimit=130)),
        yOffset=alt.YOffset("series:N", sort=list(colours)),
        tooltip=[group, "series", alt.Tooltip("value:Q", format=".3f")],
    )
    colour = alt.Color(
        "series:N",
        title=None,
        sort=list(colours),
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(orient="top", columns=1, labelLimit=330),
    )
    labels = base.encode(text=alt.Text("value:Q", format=".3f"))
    return (
        base.encode(color=colour).mark_bar() + labels.mark_text(align="left", dx=4, color=GREY)
    ).properties(height=_BAR_HEIGHT * bars + _AROUND)


def cut_lines(
    frame: pd.DataFrame, marks: pd.DataFrame, colours: Mapping[str, str]
) -> altair.LayerChart:
    """Precision, recall and F1 as the cut moves. frame: cut, figure, value; marks: cut, label."""
    import altair as alt

    cut = alt.X(
        "cut:Q", title="cut: a tag scored above it is suggested", scale=alt.Scale(zero=False)
    )
    lines = alt.Chart(frame).encode(
        x=cut,
        y=alt.Y("value:Q", title=None, scale=alt.Scale(domain=[0, 1])),
        color=alt.Color(
            "figure:N",
            title=None,
            scale=alt.Scale(domain=list(colours), range=list(colours.values())),
            legend=alt.Legend(orient="top"),
        ),
        tooltip=[
            "figure",
            alt.Tooltip("cut:Q", format=".2f"),
            alt.Tooltip("value:Q", format=".3f"),
        ],
    )
    base = alt.Chart(marks).encode(x="cut:Q")
    rules = base.mark_rule(strokeDash=[4, 4], color=GREY, strokeWidth=2)
    # One label a line, for the two cuts may lie close together.
    labels = base.mark_text(align="left", dx=5, color=GREY).encode(
        text="label:N", y=alt.Y("height:Q")
    )
    return (lines.mark_line() + rules + labels).properties(height=340)
