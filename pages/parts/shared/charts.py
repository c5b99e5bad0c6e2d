"""Charts as functions of data: no page, no session, so that a test can read the result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

GREY = "#868b94"  # readable on the light and on the dark background

if TYPE_CHECKING:
    import altair


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
