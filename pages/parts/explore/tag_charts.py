"""Charts of how often tags are used, as functions of data, written in Vega-Lite itself.

They stand on the first page, and importing Altair and pandas takes longer than all else there.
Their data stand in their layers: Streamlit turns other data into Arrow, by way of pandas.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from core.dataset.statistics import Remaining
from pages.parts.shared.charts import GREY

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


def tag_bars(counts: Sequence[tuple[str, int]], *, title: str, line_at: int | None = None) -> Spec:
    """Bars of articles per tag in the given order, zoomable; a line at the minimum count."""
    names = [tag for tag, _ in counts]
    values = [
        {"tag": tag, "articles": n, "left": at - _HALF_A_BAR, "right": at + _HALF_A_BAR}
        for at, (tag, n) in enumerate(counts)
    ]
    across = {
        "field": "left",
        "type": "quantitative",
        "scale": {"domain": [-0.5, len(counts) - 0.5], "nice": False},
        "axis": {
            "title": None,
            "values": list(range(len(counts))),
            # As many names as there is room for; all of them once zoomed in.
            "labelExpr": f"datum.value % ceil({_NAME_WIDTH} * span(domain('x')) / width) "
            f"? '' : {json.dumps(names)}[datum.value]",
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
        },
    }
    highest = max((n for _, n in counts), default=0)
    up = {
        "field": "articles",
        "type": "quantitative",
        "title": "articles",
        "axis": {"format": ",d", "tickMinStep": 1, "tickCount": min(highest, 6)},
    }
    bars = {
        "data": {"values": values},
        "mark": "bar",
        "params": [_ZOOM],
        "encoding": {
            "x": across,
            "x2": {"field": "right"},
            "y": up,
            "y2": {"datum": 0},
            "tooltip": [_tooltip("tag", "nominal"), _tooltip("articles", format=",")],
        },
    }
    layers = [bars] if line_at is None else [bars, *_line_at(line_at)]
    return {"title": title, "height": 320, "layer": layers}


def _line_at(minimum: int) -> list[Spec]:
    data = {"values": [{"minimum": minimum, "name": f"minimum {minimum}"}]}
    y = {"field": "minimum", "type": "quantitative"}
    name = {"type": "text", "color": GREY, "align": "right", "dx": -4, "dy": -7}
    return [
        {"data": data, "mark": _DASHED, "encoding": {"y": y}},
        {
            "data": data,
            "mark": name,
            "encoding": {
                "y": y,
                "x": {"value": {"expr": "width"}},
                "text": {"field": "name", "type": "nominal"},
            },
        },
    ]


def remaining_points(remaining: Sequence[Remaining]) -> list[Remaining]:
    """Only the counts at which something changes, and those before: a step is drawn by both."""
    sizes = [(step.tags, step.articles) for step in remaining]
    last = len(remaining) - 1
    return [
        step
        for at, step in enumerate(remaining)
        if at in (0, last) or sizes[at] != sizes[at - 1] or sizes[at] != sizes[at + 1]
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
    x = {
        "field": "min_count",
        "type": "quantitative",
        "title": "minimum articles of a tag (log scale)",
        "scale": {"type": "log"},
        "axis": {"tickCount": 6, "format": ",d"},
    }
    lines = {
        "data": {"values": values},
        "mark": "line",
        "encoding": {
            "x": x,
            "y": {**_SHARE, "title": "share that stays"},
            "color": {
                "field": "of",
                "type": "nominal",
                "title": None,
                "legend": {"orient": "top"},
            },
            "tooltip": [
                _tooltip("min_count"),
                _tooltip("of", "nominal"),
                _tooltip("left", format=","),
                _tooltip("share", format=".1%"),
            ],
        },
    }
    rule = {
        "data": {"values": [{"min_count": minimum}]},
        "mark": _DASHED,
        "encoding": {"x": x, "tooltip": _tooltip("min_count")},
    }
    return {"title": "What stays at each minimum count", "height": 300, "layer": [lines, rule]}


def tail_rows(counts: Mapping[str, int]) -> list[tuple[int, str, int, float]]:
    """Rank, tag, articles, and of all tags given the share of this tag and more frequent ones."""
    given, rows, all_given = 0, [], sum(counts.values())
    for rank, (tag, articles) in enumerate(counts.items(), start=1):
        given += articles
        rows.append((rank, tag, articles, given / all_given))
    return rows


def tail_line(rows: Sequence[tuple[int, str, int, float]]) -> Spec:
    """Cumulative share of all tags given, most frequent tag first. rows: of tail_rows."""
    half = sum(share < 0.5 for *_, share in rows) + 1
    steps = max(len(rows) // _MOST_POINTS, 1)
    values = [
        {"rank": rank, "tag": tag, "articles": articles, "share": share}
        for rank, tag, articles, share in rows
        if rank % steps == 0 or rank <= 100
    ]
    area = {
        "data": {"values": values},
        "mark": {"type": "area", "line": True, "opacity": 0.25},
        "encoding": {
            "x": {
                "field": "rank",
                "type": "quantitative",
                "title": "tags, the most frequent first",
                "axis": {"format": ",d"},
            },
            "y": {**_SHARE, "title": "share of all tags given", "scale": {"domain": [0, 1]}},
            "tooltip": [
                _tooltip("rank"),
                _tooltip("tag", "nominal"),
                _tooltip("articles", format=","),
                _tooltip("share", format=".1%"),
            ],
        },
    }
    title = f"Half of all tags given are the top {half:,}"
    return {"title": title, "height": 300, "layer": [area]}


_DASHED: Spec = {"type": "rule", "strokeDash": [4, 4], "color": GREY}
_SHARE: Spec = {"field": "share", "type": "quantitative", "axis": {"format": "%"}}


def _tooltip(field: str, kind: str = "quantitative", **options: str) -> Spec:
    return {"field": field, "type": kind, **options}
