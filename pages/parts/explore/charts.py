"""Explore's charts as functions of data: no page, no session, for a test to read."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pages.parts.shared.charts import GREY

if TYPE_CHECKING:
    import altair
    import pandas as pd
    import plotly.graph_objects

    from core.dataset.lengths import Lengths

_TITLE_CHARACTERS = 90


def shared_heat(shared: pd.DataFrame, tags: Sequence[str]) -> altair.Chart:
    """Of a row's articles, the share that has the column's tag too. shared: of shared_table."""
    import altair as alt

    across = alt.Axis(labelOverlap=False, labelFlush=False, labelLimit=130, labelAngle=-60)
    down = alt.Axis(labelOverlap=False, labelFlush=False, labelLimit=130)
    return (
        alt.Chart(shared, title="Of a row's articles, the share that has the column's tag too")
        .mark_rect()
        .encode(
            x=alt.X("with_tag:N", sort=list(tags), title=None, axis=across),
            y=alt.Y("tag:N", sort=list(tags), title=None, axis=down),
            # Opacity of one colour reads on the light and on the dark background alike.
            opacity=alt.Opacity(
                "share:Q",
                title="share",
                scale=alt.Scale(domainMin=0, range=[0.03, 1]),
                legend=alt.Legend(format="%"),
            ),
            tooltip=[
                "tag",
                alt.Tooltip("with_tag:N", title="with"),
                alt.Tooltip("articles:Q", format=","),
                _percent("share:Q"),
            ],
        )
        .properties(height=18 * len(tags) + 160)
    )


def length_frame(lengths: Lengths) -> pd.DataFrame:
    """shortest, longest, texts: one row a bar."""
    import pandas as pd

    return pd.DataFrame(lengths.bars, columns=["shortest", "longest", "texts"])


def length_bars(
    frame: pd.DataFrame, *, unit: str, title: str, limit: int | None = None
) -> altair.Chart:
    """Texts by length; a line where the encoder stops to read, if any text comes near it."""
    import altair as alt
    import pandas as pd

    width = int(frame["longest"].iloc[0])
    # The last bar takes in all longer texts; it is drawn as wide as the others.
    drawn = frame.assign(start=frame["shortest"] - 1, end=frame["shortest"] - 1 + width)
    bars = (
        alt.Chart(drawn, title=title)
        .mark_bar(binSpacing=1)
        .encode(
            x=alt.X("start:Q", bin="binned", title=unit),
            x2="end:Q",
            y=alt.Y("texts:Q", title="articles"),
            tooltip=["shortest", "longest", alt.Tooltip("texts:Q", format=",")],
        )
    )
    if limit is None:
        return bars.properties(height=260)
    mark = pd.DataFrame({"limit": [limit], "label": [f"the encoder reads {limit}"]})
    base = alt.Chart(mark).encode(x="limit:Q")
    right = limit > 0.6 * max(limit, int(drawn["end"].max()))
    rule = base.mark_rule(strokeDash=[4, 4], color=GREY, strokeWidth=2)
    label = base.mark_text(
        align="right" if right else "left", dx=-5 if right else 5, y=8, color=GREY
    ).encode(text="label:N")
    return (bars + rule + label).properties(height=260)


def time_lines(frame: pd.DataFrame, *, yearly: bool) -> altair.Chart:
    """Articles per year or month; frame: of time_line."""
    import altair as alt

    period = "year" if yearly else "month"
    return (
        alt.Chart(frame, title=f"Articles per {period}")
        .mark_line(point=True)
        .encode(
            x=alt.X("start:T", title=period, axis=alt.Axis(format="%Y" if yearly else "%b %Y")),
            y=alt.Y("articles:Q", title=f"articles per {period}"),
            color=alt.Color(
                "series:N",
                sort=None,
                title=None,
                legend=alt.Legend(orient="top", columns=3)
                if frame["series"].nunique() > 1
                else None,
            ),
            tooltip=[
                alt.Tooltip("start:T", title=period, format="%Y" if yearly else "%b %Y"),
                "series",
                alt.Tooltip("articles:Q", format=","),
            ],
        )
        .properties(height=300)
    )


def article_points(points: pd.DataFrame, *, title: str) -> plotly.graph_objects.Figure:
    """A map to zoom or turn. points: row, title, colour ("" for none), x, y and perhaps z."""
    import plotly.graph_objects as go

    solid = "z" in points
    draw, size = (go.Scatter3d, 3) if solid else (go.Scattergl, 6)
    figure = go.Figure()
    for name, part in points.groupby("colour", sort=False):
        opacity = 0.85 if name else 0.35
        figure.add_trace(
            draw(
                x=part["x"],
                y=part["y"],
                **({"z": part["z"]} if solid else {}),
                mode="markers",
                name=html.escape(name) or "other tags",
                customdata=part["row"],
                # Plotly reads a little HTML in labels; a title is shown letter by letter.
                text=[html.escape(t[:_TITLE_CHARACTERS]) for t in part["title"]],
                hovertemplate="%{text}<extra></extra>",
                marker={"size": size, "opacity": opacity} | ({} if name else {"color": GREY}),
                **({} if solid else _marks_of_a_click(opacity)),
            )
        )
    bare = {"showticklabels": False, "title": {"text": ""}, "zeroline": False, "showgrid": solid}
    figure.update_layout(
        title=title,
        height=620,
        margin={"l": 0, "r": 0, "t": 40, "b": 0},
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "itemsizing": "constant"},
        dragmode="turntable" if solid else "pan",
        **({"scene": {f"{axis}axis": bare for axis in "xyz"}} if solid else {}),
    )
    if not solid:
        figure.update_xaxes(**bare)
        figure.update_yaxes(**bare)
    return figure


def _marks_of_a_click(opacity: float) -> dict[str, dict[str, dict[str, float]]]:
    """The chosen point grows; the others do not fade for it."""
    return {
        "selected": {"marker": {"size": 14, "opacity": 1}},
        "unselected": {"marker": {"opacity": opacity}},
    }


def _percent(field: str) -> altair.Tooltip:
    import altair as alt

    return alt.Tooltip(field, format=".1%")
