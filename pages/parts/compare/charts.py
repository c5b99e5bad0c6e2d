"""Charts of Compare as functions of data: colours come by the runs' names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pages.parts.shared.charts import GREY

if TYPE_CHECKING:
    import altair
    import pandas as pd

    from core.metrics.precision_recall import PrecisionRecall


def band_bars(scores: pd.DataFrame, colours: Mapping[str, str]) -> altair.LayerChart:
    """Bars of F1 by tag frequency. scores: columns run, training articles, tags, F1."""
    import altair as alt

    order = list(dict.fromkeys(scores["training articles"]))
    base = alt.Chart(scores).encode(
        x=alt.X(
            "training articles:N",
            sort=order,
            title="training articles a tag has",
            axis=alt.Axis(labelAngle=0, labelLimit=110),
        ),
        xOffset=alt.XOffset("run:N", sort=list(colours)),
        y=alt.Y("F1:Q", title="mean F1 of the tags", scale=alt.Scale(domain=[0, 1])),
        tooltip=["run", "training articles", "tags", alt.Tooltip("F1:Q", format=".3f")],
    )
    bars = base.mark_bar().encode(color=_colour(colours))
    labels = base.mark_text(dy=-7, color=GREY, fontSize=11).encode(
        text=alt.Text("F1:Q", format=".2f")
    )
    return (bars + labels).properties(height=260)


def precision_recall_lines(
    curves: Mapping[str, PrecisionRecall],
    colours: Mapping[str, str],
    cuts: Sequence[tuple[str, float, float]],
) -> altair.LayerChart:
    """A curve a run, and a point where its cut lies. cuts: (run, recall, precision)."""
    import altair as alt
    import pandas as pd

    lines = alt.Chart(curve_frame(curves)).encode(
        x=alt.X("recall:Q", scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("precision:Q", scale=alt.Scale(domain=[0, 1])),
        color=_colour(colours),
        order="step:Q",
        tooltip=["run", _share("recall"), _share("precision")],
    )
    points = alt.Chart(pd.DataFrame(cuts, columns=["run", "recall", "precision"])).encode(
        x="recall:Q",
        y="precision:Q",
        color=_colour(colours),
        tooltip=["run", _share("recall"), _share("precision")],
    )
    return (lines.mark_line() + points.mark_point(size=90, filled=True)).properties(height=400)


def curve_frame(curves: Mapping[str, PrecisionRecall]) -> pd.DataFrame:
    import pandas as pd

    parts = [
        pd.DataFrame({"run": name, "recall": c.recall, "precision": c.precision}).assign(
            step=range(len(c.recall))
        )
        for name, c in curves.items()
    ]
    return pd.concat(parts, ignore_index=True)


def growth_lines(points: pd.DataFrame, colour: str) -> altair.LayerChart:
    """F1 against training articles: a line for each of two averages, with its interval.

    points: columns of (the average), training articles, F1, low, high.
    """
    import altair as alt

    sizes = sorted(set(points["training articles"]))
    base = alt.Chart(points).encode(
        x=alt.X(
            "training articles:Q",
            scale=alt.Scale(type="log", base=2, domain=[sizes[0], sizes[-1]], nice=False),
            axis=alt.Axis(values=sizes, format=",d", labelOverlap=True),
        ),
        tooltip=["of", "training articles", *map(_share, ("F1", "low", "high"))],
    )
    f1 = alt.Y("F1:Q", title="F1", scale=alt.Scale(zero=False))
    bands = base.mark_area(opacity=0.15, color=colour).encode(
        y=alt.Y("low:Q", title="F1"), y2="high:Q", detail="of:N"
    )
    lines = base.mark_line(color=colour, point={"color": colour}).encode(
        y=f1, strokeDash=alt.StrokeDash("of:N", sort=None, legend=None)
    )

    def name_at(name: str, size: int, **place: Any) -> altair.Chart:
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
    return alt.LayerChart(layer=[bands, lines, *names]).properties(height=320)


def _colour(colours: Mapping[str, str]) -> altair.Color:
    import altair as alt

    return alt.Color(
        "run:N",
        title=None,
        scale=alt.Scale(domain=list(colours), range=list(colours.values())),
        legend=alt.Legend(orient="top", offset=0, labelLimit=300, columns=3),
    )


def _share(name: str) -> altair.Tooltip:
    import altair as alt

    return alt.Tooltip(f"{name}:Q", format=".3f")
