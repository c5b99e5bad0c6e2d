"""Explore's charts as functions of data: no page, no session, for a test to read."""

from collections.abc import Sequence

import altair as alt
import pandas as pd

from core.dataset.lengths import Lengths
from pages.parts.shared.charts import figures
from pages.parts.shared.colours import GREY


def shared_heat(shared: pd.DataFrame, tags: Sequence[str]) -> alt.Chart:
    """Of a row's articles, the share that has the column's tag too. shared: of shared_table."""
    names = {"labelOverlap": False, "labelFlush": False, "labelLimit": 130}
    across = alt.X("with_tag:N", sort=list(tags), title=None, axis={**names, "labelAngle": -60})
    down = alt.Y("tag:N", sort=list(tags), title=None, axis=names)
    # Opacity of one colour reads on the light and on the dark background alike.
    opacity = alt.Opacity("share:Q", legend=alt.Legend(format="%"))
    tooltip = ["tag", alt.Tooltip("with_tag:N", title="with"), *figures("articles", format=",")]
    title = "Of a row's articles, the share that has the column's tag too"
    return (
        alt.Chart(shared, title=title, height=18 * len(tags) + 160)
        .mark_rect()
        .encode(
            x=across,
            y=down,
            opacity=opacity.scale(domainMin=0, range=[0.03, 1]),
            tooltip=[*tooltip, *figures("share", format=".1%")],
        )
    )


def length_frame(lengths: Lengths) -> pd.DataFrame:
    """shortest, longest, texts: one row a bar."""
    return pd.DataFrame(lengths.bars, columns=["shortest", "longest", "texts"])


def length_bars(
    frame: pd.DataFrame, *, unit: str, title: str, limit: int | None = None
) -> alt.Chart | alt.LayerChart:
    """Texts by length; a line where the encoder stops to read, if any text comes near it."""
    width = int(frame["longest"].iloc[0])
    # The last bar takes in all longer texts; it is drawn as wide as the others.
    drawn = frame.assign(start=frame["shortest"] - 1, end=frame["shortest"] - 1 + width)
    bars = (
        alt.Chart(drawn, title=title, height=260)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("start:Q", bin="binned", title=unit),
            x2="end:Q",
            y=alt.Y("texts:Q", title="articles"),
            tooltip=["shortest", "longest", *figures("texts", format=",")],
        )
    )
    if limit is None:
        return bars
    mark = pd.DataFrame({"limit": [limit], "label": [f"the encoder reads {limit}"]})
    base = alt.Chart(mark).encode(x="limit:Q")
    side = -1 if limit > 0.6 * max(limit, int(drawn["end"].max())) else 1
    rule = base.mark_rule(strokeDash=[4, 4], color=GREY, strokeWidth=2)
    words = base.mark_text(align="left" if side > 0 else "right", dx=5 * side, y=8, color=GREY)
    return alt.LayerChart(layer=[bars, rule, words.encode(text="label:N")])


def time_lines(frame: pd.DataFrame, *, yearly: bool) -> alt.Chart:
    """Articles per year or month; frame: of time_line."""
    period, form = ("year", "%Y") if yearly else ("month", "%b %Y")
    several = frame["series"].nunique() > 1
    names = alt.Legend(orient="top", columns=3) if several else None
    when = alt.Tooltip("start:T", title=period, format=form)
    return (
        alt.Chart(frame, title=f"Articles per {period}", height=300)
        .mark_line(point=True)
        .encode(
            x=alt.X("start:T", title=period, axis=alt.Axis(format=form)),
            y=alt.Y("articles:Q", title=f"articles per {period}"),
            color=alt.Color("series:N", sort=None, title=None, legend=names),
            tooltip=[when, "series", *figures("articles", format=",")],
        )
    )
