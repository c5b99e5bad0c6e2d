"""The address of a page: what it names restores the view."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode

import streamlit as st

from pages.parts.shared.words import plain


def put_in_link(**values: str | Sequence[str]) -> None:
    """Write values into the address under their names; an empty one is taken out of it."""
    for name, value in values.items():
        wanted = [value] if isinstance(value, str) else list(value)
        wanted = [one for one in wanted if one]
        if st.query_params.get_all(name) == wanted:
            continue
        if wanted:
            st.query_params[name] = wanted
        else:
            del st.query_params[name]


def warn_if_link_names(gone: str, what: str = "a run that is gone") -> None:
    """Say that the address names something that is not there."""
    if gone:
        st.warning(f"This link names {what}: {plain(gone)}.")


def choose_in_link(
    label: str, options: Mapping[str, str], parameter: str, *, key: str, help: str | None = None
) -> str:
    """One of the options (value to label), at first the first; its value stands in the address.

    Streamlit's own binding of a widget to the address would write the label there.
    """
    named = st.query_params.get(parameter, "")
    chosen = st.selectbox(
        label,
        list(options),
        index=list(options).index(named) if named in options else 0,
        format_func=options.__getitem__,
        key=key,
        help=help,
        disabled=len(options) == 1,
    )
    put_in_link(**{parameter: chosen})
    return chosen


def link_here() -> str:
    """The address of this view in full."""
    names = st.query_params.to_dict()
    pairs = [(name, value) for name in names for value in st.query_params.get_all(name)]
    return f"{(st.context.url or '').split('?')[0]}?{urlencode(pairs)}"
