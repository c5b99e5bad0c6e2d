"""Charts as functions of data: no page, no session, so that a test can read the result."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd

from pages.parts.shared.colours import GREY


def count_bars(counts: Mapping[str, int], *, title: str, label: str) -> alt.LayerChart:
    """Horizontal bars of articles with their numbers, in the given order."""
    frame = pd.DataFrame({label: list(counts), "articles": list(counts.values())})
    room_for_numbers = alt.Scale(domainMax=1.15 * max(counts.values(), default=1))
    names = alt.Axis(labelFlush=False, labelLimit=180)
    base = alt.Chart(frame, title=title).encode(
        x=alt.X("articles:Q", scale=room_for_numbers, axis=alt.Axis(tickCount=5)),
        y=alt.Y(f"{label}:N", sort=None, axis=names),
        tooltip=[label, *figures("articles", format=",")],
    )
    numbers = base.mark_text(align="left", dx=4, color=GREY)
    return base.mark_bar() + numbers.encode(text=alt.Text("articles:Q", format=","))


def figures(*names: str, format: str = ".3f") -> list[alt.Tooltip]:
    """Numbers to be read at the pointer; format: as d3 writes it, ".3f" or "," or ".1%"."""
    return [alt.Tooltip(f"{name}:Q", format=format) for name in names]


def coloured(field: str, colours: Mapping[str, str], **legend: Any) -> alt.Color:
    """Colours (#rrggbb) of the field's values, named above the chart in their order.

    legend: further options of the names, such as columns.
    """
    names = alt.Legend(orient="top", labelLimit=330, **legend)
    scale = alt.Scale(domain=list(colours), range=list(colours.values()))
    return alt.Color(f"{field}:N", title=None, sort=list(colours), scale=scale, legend=names)
