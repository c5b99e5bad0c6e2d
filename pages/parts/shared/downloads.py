"""Rows to take along as a file."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from core.base.files import safe_csv


def offer_csv(
    columns: Sequence[str],
    rows: Callable[[], Iterable[Sequence[Any]]],
    file_name: str,
    label: str,
) -> None:
    """A button whose file is made when it is pressed."""
    st.download_button(
        label,
        lambda: safe_csv(columns, rows()),
        file_name=file_name,
        mime="text/csv",
        on_click="ignore",
        key=f"download_{file_name}",
    )
