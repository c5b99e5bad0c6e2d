"""Charts as functions of data: no page, no session, so that a test can read the result."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

GREY = "#868b94"  # readable on the light and on the dark background

if TYPE_CHECKING:
    import altair
    import plotly.graph_objects


def tag_bars(
    counts: Sequence[tuple[str, int]], *, title: str, line_at: int | None = None
) -> plotly.graph_objects.Figure:
    """Bars of articles per tag in the given order, zoomable; a line at the minimum count."""
    import plotly.graph_objects as go

    # Plotly reads a little HTML in labels; a tag is shown letter by letter.
    names = [html.escape(tag) for tag, _ in counts]
    highest = max((number for _, number in counts), default=0)
    figure = go.Figure(
        go.Bar(
            x=names,
            y=[number for _, number in counts],
            hovertemplate="%{x}: %{y:,} articles<extra></extra>",
        )
    )
    figure.update_layout(
        title=title,
        height=320,
        margin={"l": 0, "r": 0, "t": 40, "b": 0},
        xaxis={"type": "category", "title": None, "tickangle": -60, "tickfont": {"size": 10}},
        yaxis={"title": "articles", "rangemode": "tozero", "dtick": 1 if highest < 6 else None},
        bargap=0.15,
        dragmode="zoom",
    )
    if line_at is not None:
        figure.add_hline(
            y=line_at,
            line_dash="dash",
            line_color=GREY,
            annotation_text=f"minimum {line_at}",
            annotation_position="top right",
        )
    return figure


def count_bars(counts: Mapping[str, int], *, title: str, label: str) -> altair.Chart:
    """Horizontal bars with their numbers, in the given order."""
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame({label: list(counts), "articles": list(counts.values())})
    room_for_numbers = alt.Scale(domainMax=1.15 * max(counts.values(), default=1))
    bars = alt.Chart(frame, title=title).encode(
        x=alt.X("articles:Q", title="articles", scale=room_for_numbers, axis=alt.Axis(tickCount=5)),
        y=alt.Y(
            f"{label}:N",
            sort=None,
            title=label,
            axis=alt.Axis(labelFlush=False, labelLimit=180),
        ),
        tooltip=[label, alt.Tooltip("articles:Q", format=",")],
    )
    return bars.mark_bar() + bars.mark_text(align="left", dx=4, color=GREY).encode(
        text=alt.Text("articles:Q", format=",")
    )
