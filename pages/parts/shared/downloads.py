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
    """A button whose CSV file is made when it is pressed."""
    offer_file(label, lambda: safe_csv(columns, rows()), file_name, key=f"download_{file_name}")


def offer_file(
    label: str, content: str | bytes | Callable[[], str | bytes], file_name: str, **look: Any
) -> None:
    """A button that gives the user a file; the page is not run again for it."""
    st.download_button(label, content, file_name, on_click="ignore", **look)
