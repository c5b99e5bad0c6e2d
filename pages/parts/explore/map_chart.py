"""The map of the articles as a function of data."""

import html

import pandas as pd
import plotly.graph_objects as go

from pages.parts.shared.colours import GREY

_TITLE_CHARACTERS = 90


def article_points(points: pd.DataFrame, *, title: str) -> go.Figure:
    """A map to zoom or turn. points: row, title, colour ("" for none), x, y and perhaps z."""
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
