"""One chart of a sweep: score and time against the setting that was swept."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

SCORE, TIME = "micro F1", "seconds"


def sweep_chart(points: Sequence[tuple[Mapping[str, Any], Mapping[str, Any]]]) -> "Figure":
    """Draw the score above and the time below, against the last setting of each point's label.

    points: (label, figures) with SCORE and TIME among the figures. Other settings of the label
    make a line each.
    """
    from plotly.graph_objects import Scatter
    from plotly.subplots import make_subplots

    lines: dict[str, list[tuple[Any, Mapping[str, Any]]]] = {}
    for label, figures in points:
        *others, (_, value) = label.items()
        name = ", ".join(str(other) for _, other in others)
        lines.setdefault(name, []).append((_number(value), figures))
    swept = list(points[0][0])[-1] if points else ""
    chart = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.08)
    for index, (name, of_line) in enumerate(lines.items()):
        values = [value for value, _ in of_line]
        for row, figure in ((1, SCORE), (2, TIME)):
            heights = [figures[figure] for _, figures in of_line]
            line = Scatter(
                x=values,
                y=heights,
                name=name,
                mode="lines+markers",
                legendgroup=name,
                showlegend=row == 1 and len(lines) > 1,
                line_color=_COLORS[index % len(_COLORS)],
            )
            chart.add_trace(line, row=row, col=1)
    chart.update_yaxes(title_text="micro F1 on the test part", row=1, col=1)
    chart.update_yaxes(title_text="seconds of the whole run", rangemode="tozero", row=2, col=1)
    chart.update_xaxes(title_text=swept, row=2, col=1)
    chart.update_layout(title_text=f"Score and time against {swept}", template="plotly_white")
    return chart


# Okabe and Ito's colours, told apart by the colour-blind.
_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9")


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text
