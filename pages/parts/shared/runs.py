"""The runs in view: chosen from a list, named in the address, and the key of their caches."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import streamlit as st

from core.runs.names import labels_of
from core.runs.store import Run
from pages.parts.shared.link import put_in_link, warn_if_link_names

# Streamlit's caches: a finished run never changes, and its folder is its own.
RUN_KEY: dict[str | type[Any], Callable[[Any], Any]] = {Run: lambda run: str(run.folder)}


def choose_run(
    runs: Sequence[Run], label: str, *, key: str, first: str = "", help: str | None = None
) -> Run:
    """One of these runs (at least one), which then stands in the address.

    first: id of the run to begin with where the address names none; else the first in the list.
    """
    by_id = {run.id: run for run in runs}
    labels = labels_of(runs)
    begin = next(iter(runs_in_link(by_id)), first)
    run_id = st.selectbox(
        label,
        list(by_id),
        index=list(by_id).index(begin) if begin in by_id else 0,
        format_func=labels.__getitem__,
        key=key,
        help=help,
    )
    put_in_link(run=run_id)
    return by_id[run_id]


def runs_in_link(known: Iterable[str]) -> list[str]:
    """Ids of the runs that the address names; says which of them are not among the known ones."""
    ids, named = set(known), st.query_params.get_all("run")
    warn_if_link_names(", ".join(run_id for run_id in named if run_id not in ids))
    return [run_id for run_id in named if run_id in ids]
