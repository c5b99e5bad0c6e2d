"""Charts of Compare as functions of data: colours come by the runs' names."""

from collections.abc import Mapping, Sequence
from typing import Any

import altair as alt
import pandas as pd

from core.metrics.curves import PrecisionRecall
from pages.parts.shared.charts import coloured, figures
from pages.parts.shared.colours import GREY

_SHARE = {"domain": [0, 1]}


def band_bars(scores: pd.DataFrame, colours: Mapping[str, str]) -> alt.LayerChart:
    """Bars of F1 by tag frequency. scores: columns run, training articles, tags, F1."""
    base = alt.Chart(scores, height=260).encode(
        x=alt.X(
            "training articles:N",
            sort=list(dict.fromkeys(scores["training articles"])),
            title="training articles a tag has",
            axis={"labelAngle": 0, "labelLimit": 110},
        ),
        xOffset=alt.XOffset("run:N", sort=list(colours)),
        y=alt.Y("F1:Q", title="mean F1 of the tags", scale=_SHARE),
        tooltip=["run", "training articles", "tags", *figures("F1")],
    )
    labels = base.mark_text(dy=-7, color=GREY, fontSize=11)
    bars = base.mark_bar().encode(color=coloured("run", colours, columns=3, offset=0))
    return bars + labels.encode(text=alt.Text("F1:Q", format=".2f"))


def precision_recall_lines(
    curves: Mapping[str, PrecisionRecall],
    colours: Mapping[str, str],
    cuts: Sequence[tuple[str, float, float]],
) -> alt.LayerChart:
    """A curve a run, and a point where its cut lies. cuts: (run, recall, precision)."""
    place: dict[str, Any] = {
        "x": alt.X("recall:Q", scale=_SHARE),
        "y": alt.Y("precision:Q", scale=_SHARE),
        "color": coloured("run", colours, columns=3, offset=0),
        "tooltip": ["run", *figures("recall", "precision")],
    }
    lines = alt.Chart(curve_frame(curves), height=400).encode(**place, order="step:Q")
    points = alt.Chart(pd.DataFrame(cuts, columns=["run", "recall", "precision"]), height=400)
    return lines.mark_line() + points.mark_point(size=90, filled=True).encode(**place)


def curve_frame(curves: Mapping[str, PrecisionRecall]) -> pd.DataFrame:
    """The points of the curves: run, recall, precision, and the step along the curve."""
    parts = [
        pd.DataFrame({"run": name, "recall": c.recall, "precision": c.precision}).assign(
            step=range(len(c.recall))
        )
        for name, c in curves.items()
    ]
    return pd.concat(parts, ignore_index=True)


def growth_lines(points: pd.DataFrame, colour: str) -> alt.LayerChart:
    """F1 against training articles: a line for each of two averages, with its interval.

    points: columns of (the average), training articles, F1, low, high.
    """
    sizes = sorted(set(points["training articles"]))
    across = {"type": "log", "base": 2, "domain": [sizes[0], sizes[-1]], "nice": False}
    base = alt.Chart(points, height=320).encode(
        x=alt.X(
            "training articles:Q",
            scale=across,
            axis={"values": sizes, "format": ",d", "labelOverlap": True},
        ),
        tooltip=["of", "training articles", *figures("F1", "low", "high")],
    )
    f1 = alt.Y("F1:Q", scale={"zero": False})
    bands = base.mark_area(opacity=0.15, color=colour).encode(
        y=alt.Y("low:Q", title="F1"), y2="high:Q", detail="of:N"
    )
    lines = base.mark_line(color=colour, point={"color": colour}).encode(
        y=f1, strokeDash=alt.StrokeDash("of:N", sort=None, legend=None)
    )

    def name_at(name: str, size: int, **place: Any) -> alt.Chart:
        here = (alt.datum.of == name) & (alt.datum["training articles"] == size)
        text = base.mark_text(fontSize=13, color=colour, **place)
        return text.encode(y=f1, text="of:N").transform_filter(here)

    last = points[points["training articles"] == sizes[-1]].sort_values("F1", ascending=False)
    upper, lower = last["of"]
    # There is room above the end of the upper line and below the start of the lower one.
    names = (
        name_at(upper, sizes[-1], align="right", dx=-10, dy=-14),
        name_at(lower, sizes[0], align="left", dx=10, dy=16),
    )
    return alt.LayerChart(layer=[bands, lines, *names])
