"""Tables and charts with the download of their figures."""

from collections.abc import Mapping, Sequence
from numbers import Integral
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from core.metrics.averages import Average
from pages.parts.shared.downloads import offer_csv
from pages.parts.shared.words import plain

_MEASURES = {"precision": "Precision", "recall": "Recall", "f1_score": "F1", "support": "Support"}


def show_table(
    frame: pd.DataFrame,
    file_name: str,
    *,
    alt: str,
    label: str = "Download as CSV",
    shown: pd.DataFrame | Styler | None = None,
    **look: Any,
) -> Any:
    """A table to sort and search, and under it the download of `frame`.

    shown: what stands in the table if that is not `frame` itself. look: options of st.dataframe.
    Returns the chosen rows if `look` asks for them.
    """
    event = st.dataframe(frame if shown is None else shown, hide_index=True, alt=alt, **look)
    show_download(frame, file_name, label)
    return event


def show_chart(
    chart: Any,
    frame: pd.DataFrame,
    file_name: str,
    *,
    alt: str,
    label: str = "Download the figures",
    title: Sequence[str] = (),
    key: str | None = None,
) -> None:
    """An Altair chart, and under it the download of its figures.

    title: lines over the chart, which wrap on a phone; a long title within the chart would take
    the width from the plot.
    """
    if title:
        st.markdown("  \n".join(f"**{plain(line)}**" for line in title))
    st.altair_chart(chart, key=key, alt=alt)
    show_download(frame, file_name, label)


def show_download(frame: pd.DataFrame, file_name: str, label: str = "Download as CSV") -> None:
    """A button that makes a CSV file of the frame, without its index, when it is pressed."""
    offer_csv(list(frame.columns), lambda: frame.itertuples(index=False), file_name, label)


def averages_frame(averages: Mapping[str, Average]) -> pd.DataFrame:
    """One row an average: precision, recall, F1 and support under readable names."""
    frame = pd.DataFrame(map(vars, averages.values())).rename(columns=_MEASURES)
    frame.index = [name.removesuffix(" avg") for name in averages]
    return frame.rename_axis("average")


def show_figures(frame: pd.DataFrame, *, alt: str) -> None:
    """A small static table: shares with three decimals, counts with separators."""
    st.table(frame.map(_figure), alt=alt)


def show_rows(rows: Sequence[Mapping[str, Any]], *, alt: str) -> None:
    """Rows of somebody else's file as text, each cell cut at 80 characters."""
    frame = pd.DataFrame([{str(k): _short(v) for k, v in row.items()} for row in rows])
    st.dataframe(frame.fillna(""), hide_index=True, width="stretch", alt=alt)


def _short(value: Any) -> str:
    text = "; ".join(map(str, value)) if isinstance(value, list) else str(value or "")
    return text if len(text) <= 80 else f"{text[:77]}..."


def _figure(value: Any) -> str:
    if isinstance(value, str):
        return value
    return f"{value:,}" if isinstance(value, Integral) else f"{value:.3f}"
