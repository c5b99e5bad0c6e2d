"""Explore's charts as functions of data: no page, no session, for a test to read."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pages.parts.shared.charts import GREY, figures

if TYPE_CHECKING:
    import altair
    import pandas as pd
    import plotly.graph_objects

    from core.dataset.lengths import Lengths

_TITLE_CHARACTERS = 90


def shared_heat(shared: pd.DataFrame, tags: Sequence[str]) -> altair.Chart:
    """Of a row's articles, the share that has the column's tag too. shared: of shared_table."""
    import altair as alt

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
    import pandas as pd

    return pd.DataFrame(lengths.bars, columns=["shortest", "longest", "texts"])


def length_bars(
    frame: pd.DataFrame, *, unit: str, title: str, limit: int | None = None
) -> altair.Chart | altair.LayerChart:
    """Texts by length; a line where the encoder stops to read, if any text comes near it."""
    import altair as alt
    import pandas as pd

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


def time_lines(frame: pd.DataFrame, *, yearly: bool) -> altair.Chart:
    """Articles per year or month; frame: of time_line."""
    import altair as alt

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


def article_points(points: pd.DataFrame, *, title: str) -> plotly.graph_objects.Figure:
    """A map to zoom or turn. points: row, title, colour ("" for none), x, y and perhaps z."""
    import plotly.graph_objects as go

    solid = "z" in points
    figure = go.Figure()
    for name, part in points.groupby("colour", sort=False):
        opacity = 0.85 if name else 0.35
        place = {axis: part[axis] for axis in ("xyz" if solid else "xy")}
        marker = {"size": 3 if solid else 6, "opacity": opacity} | ({} if name else {"color": GREY})
        look = {
            **place,
            "mode": "markers",
            "name": html.escape(str(name)) or "other tags",
            "customdata": part["row"],
            # Plotly reads a little HTML in labels; a title is shown letter by letter.
            "text": [html.escape(title[:_TITLE_CHARACTERS]) for title in part["title"]],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": marker,
        }
        if not solid:  # the point that is clicked grows; the others do not fade for it
            look["selected"] = {"marker": {"size": 14, "opacity": 1}}
            look["unselected"] = {"marker": {"opacity": opacity}}
        figure.add_trace(go.Scatter3d(look) if solid else go.Scattergl(look))
    bare = {"showticklabels": False, "title": {"text": ""}, "zeroline": False, "showgrid": solid}
    axes = {f"{axis}axis": bare for axis in ("xyz" if solid else "xy")}
    figure.update_layout(
        title=title,
        height=620,
        margin={"l": 0, "r": 0, "t": 40, "b": 0},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"},
        dragmode="turntable" if solid else "pan",
        **({"scene": axes} if solid else axes),
    )
    return figure
