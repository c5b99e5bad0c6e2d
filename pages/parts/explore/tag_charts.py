"""Charts of how often tags are used, as functions of data, written in Vega-Lite itself.

They stand on the first page, and importing Altair and pandas takes longer than all else there.
Their data stand in their layers: Streamlit turns other data into Arrow, by way of pandas.
"""

import json
from collections.abc import Sequence
from typing import Any

from core.dataset.statistics import Remaining
from pages.parts.shared.colours import GREY

Spec = dict[str, Any]

_HALF_A_BAR = 0.42  # of the room between two ranks
_NAME_WIDTH = 14  # pixels from one slanted name to the next
_NAMES_HEIGHT = 84  # pixels
_MOST_POINTS = 1000
_ZOOM: Spec = {
    "name": "zoom",
    "bind": "scales",
    # A wheel alone scrolls the page.
    "select": {
        "type": "interval",
        "encodings": ["x"],
        "zoom": "wheel![event.ctrlKey || event.metaKey || event.shiftKey]",
    },
}
_DASHED: Spec = {"type": "rule", "strokeDash": [4, 4], "color": GREY}


def tag_bars(counts: Sequence[tuple[str, int]], *, title: str, line_at: int | None = None) -> Spec:
    """Bars of articles per tag in the given order, zoomable; a line at the minimum count."""
    names = json.dumps([tag for tag, _ in counts])
    values = [
        {"tag": tag, "articles": n, "left": at - _HALF_A_BAR, "right": at + _HALF_A_BAR}
        for at, (tag, n) in enumerate(counts)
    ]
    name_axis = {
        "title": None,
        "values": list(range(len(counts))),
        # As many names as there is room for; all of them once zoomed in.
        "labelExpr": f"datum.value % ceil({_NAME_WIDTH} * span(domain('x')) / width) "
        f"? '' : {names}[datum.value]",
        "labelAngle": -60,
        "labelFontSize": 10,
        "labelLimit": 90,
        "labelFlush": False,
        "labelOverlap": False,
        # The plot keeps its height however long the names in view: its clip would not follow.
        "minExtent": _NAMES_HEIGHT,
        "maxExtent": _NAMES_HEIGHT,
        "grid": False,
        "ticks": False,
    }
    ends = {"domain": [-0.5, len(counts) - 0.5], "nice": False}
    most = max((n for _, n in counts), default=0)
    up = {"format": ",d", "tickMinStep": 1, "tickCount": min(most, 6)}
    bars = _layer(
        values,
        "bar",
        x=_number("left", scale=ends, axis=name_axis),
        x2={"field": "right"},
        y=_number("articles", title="articles", axis=up),
        y2={"datum": 0},
        tooltip=[_name("tag"), _number("articles", format=",")],
    )
    bars["params"] = [_ZOOM]
    layers = [bars] if line_at is None else [bars, *_line_at(line_at)]
    return {"title": title, "height": 320, "layer": layers}


def _line_at(minimum: int) -> list[Spec]:
    values, height = [{"minimum": minimum, "name": f"minimum {minimum}"}], _number("minimum")
    words = {"type": "text", "color": GREY, "align": "right", "dx": -4, "dy": -7}
    right_end = {"value": {"expr": "width"}}
    return [
        _layer(values, _DASHED, y=height),
        _layer(values, words, y=height, x=right_end, text=_name("name")),
    ]


def remaining_lines(points: Sequence[Remaining], *, minimum: int) -> Spec:
    """Share of tags and of articles that stay at each minimum count, and the chosen one."""
    values = [
        {
            "min_count": step.min_count,
            "of": of,
            "left": getattr(step, of),
            "share": getattr(step, of) / max(getattr(points[0], of), 1),
        }
        for of in ("articles", "tags")
        for step in points
    ]
    x = _number(
        "min_count",
        title="minimum articles of a tag (log scale)",
        scale={"type": "log"},
        axis={"tickCount": 6, "format": ",d"},
    )
    lines = _layer(
        values,
        "line",
        x=x,
        y=_number("share", title="share that stays", axis={"format": "%"}),
        color={**_name("of"), "title": None, "legend": {"orient": "top"}},
        tooltip=[
            _number("min_count"),
            _name("of"),
            _number("left", format=","),
            _number("share", format=".1%"),
        ],
    )
    rule = _layer([{"min_count": minimum}], _DASHED, x=x, tooltip=_number("min_count"))
    return {"title": "What stays at each minimum count", "height": 300, "layer": [lines, rule]}


def tail_line(rows: Sequence[tuple[int, str, int, float]]) -> Spec:
    """Cumulative share of all tags given, most frequent tag first. rows: of tail_rows."""
    half = sum(share < 0.5 for *_, share in rows) + 1
    steps = max(len(rows) // _MOST_POINTS, 1)
    values = [
        {"rank": rank, "tag": tag, "articles": articles, "share": share}
        for rank, tag, articles, share in rows
        if rank % steps == 0 or rank <= 100
    ]
    area = _layer(
        values,
        {"type": "area", "line": True, "opacity": 0.25},
        x=_number("rank", title="tags, the most frequent first", axis={"format": ",d"}),
        y=_number(
            "share",
            title="share of all tags given",
            axis={"format": "%"},
            scale={"domain": [0, 1]},
        ),
        tooltip=[
            _number("rank"),
            _name("tag"),
            _number("articles", format=","),
            _number("share", format=".1%"),
        ],
    )
    title = f"Half of all tags given are the top {half:,}"
    return {"title": title, "height": 300, "layer": [area]}


def _layer(values: Sequence[Spec], mark: str | Spec, **encoding: Any) -> Spec:
    return {"data": {"values": values}, "mark": mark, "encoding": encoding}


def _number(field: str, **options: Any) -> Spec:
    return {"field": field, "type": "quantitative", **options}


def _name(field: str) -> Spec:
    return {"field": field, "type": "nominal"}
