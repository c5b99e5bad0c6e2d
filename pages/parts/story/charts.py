"""Charts of the Story page as functions of data: no page, no session, so that a test reads them."""

from collections.abc import Mapping

import altair as alt
import pandas as pd

from pages.parts.shared.charts import coloured, figures
from pages.parts.shared.colours import GREY

# Pixels of a bar, and of legend and axis together, which the height takes in.
_BAR_HEIGHT, _AROUND = 22, 130


def tail_bars(frame: pd.DataFrame, *, minimum: int, colour: str) -> alt.LayerChart:
    """Bars of tags by how many articles they have; grey below the minimum.

    frame: columns articles, tags, given, kept (bool).
    """
    kept = f"{minimum} articles or more"
    base = alt.Chart(frame, height=340).encode(
        x=alt.X("articles:N", sort=None, title="articles a tag has", axis={"labelAngle": -40}),
        y="tags:Q",
        tooltip=["articles", *figures("tags", "given", format=",")],
    )
    bars = base.transform_calculate(part=f"datum.kept ? '{kept}' : 'fewer'").mark_bar()
    labels = base.mark_text(dy=-7, color=GREY).encode(text=alt.Text("tags:Q", format=","))
    return bars.encode(color=coloured("part", {kept: colour, "fewer": GREY})) + labels


def grouped_bars(
    frame: pd.DataFrame, colours: Mapping[str, str], *, group: str, measure: str
) -> alt.LayerChart:
    """Horizontal bars of shares, 0..1, with their numbers. frame: columns group, series, value."""
    base = alt.Chart(frame, height=_BAR_HEIGHT * len(frame) + _AROUND).encode(
        x=alt.X("value:Q", title=measure, scale={"domain": [0, 1.08]}, axis={"tickCount": 5}),
        y=alt.Y(f"{group}:N", sort=None, title=None, axis={"labelLimit": 130}),
        yOffset=alt.YOffset("series:N", sort=list(colours)),
        tooltip=[group, "series", *figures("value")],
    )
    labels = base.mark_text(align="left", dx=4, color=GREY)
    bars = base.mark_bar().encode(color=coloured("series", colours, columns=1))
    return bars + labels.encode(text=alt.Text("value:Q", format=".3f"))


def cut_lines(
    frame: pd.DataFrame, marks: pd.DataFrame, colours: Mapping[str, str]
) -> alt.LayerChart:
    """Precision, recall and F1 as the cut moves.

    frame: cut, figure, value; marks: cut, label, height, one label a line for they may lie close.
    """
    title = "cut: a tag scored above it is suggested"
    lines = alt.Chart(frame, height=340).encode(
        x=alt.X("cut:Q", title=title, scale={"zero": False}),
        y=alt.Y("value:Q", title=None, scale={"domain": [0, 1]}),
        color=coloured("figure", colours),
        tooltip=["figure", *figures("cut", format=".2f"), *figures("value")],
    )
    base = alt.Chart(marks).encode(x="cut:Q")
    rules = base.mark_rule(strokeDash=[4, 4], color=GREY, strokeWidth=2)
    labels = base.mark_text(align="left", dx=5, color=GREY).encode(text="label:N", y="height:Q")
    return lines.mark_line() + rules + labels
