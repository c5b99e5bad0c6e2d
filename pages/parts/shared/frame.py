"""How a page opens: its question, the sections to choose from, and what it has to warn of."""

from __future__ import annotations

import runpy
from collections.abc import Callable, Mapping, Sequence
from typing import Literal

import streamlit as st

from core.articles.store.sets import SAMPLE_NOTE
from core.base.files import Unreadable
from core.base.home import PROJECT
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.words import plain

APP = PROJECT / "app.py"
_ENTERED = "entered"


def enter() -> None:
    """Note that this session came through app.py; the first of a new home starts its first jobs."""
    if _ENTERED in st.session_state:
        return
    st.session_state[_ENTERED] = True
    from core.jobs.first_start import is_first_start, start_first_jobs

    if is_first_start():
        start_first_jobs()


def go_to_explore() -> None:
    """Open Explore under its own address, with the query of this one."""
    st.switch_page("pages/explore.py", query_params=st.query_params.to_dict())


def open_page(show: Callable[[], None]) -> None:
    """Show a page; an error that a user can fix is shown as its sentence.

    Until app.py has run once in a server's life, Streamlit finds the files of pages/ by itself
    and runs one without it, so a link to a page would open outside the navigation: then app.py
    runs here, and opens the same page.
    """
    if _ENTERED not in st.session_state:
        runpy.run_path(str(APP), run_name="__main__")
        return
    with errors_shown():
        show()


def show_question(question: str, *, do: str) -> None:
    """The question that the page answers, and what to do on it: one sentence."""
    st.subheader(question, anchor=False)
    st.caption(do)


def warn_of_sample(*, shown: bool) -> None:
    """Say what the sample is wherever figures or tags that come from it are shown."""
    if shown:
        st.caption(f"The sample was {SAMPLE_NOTE}: these are not real articles.")


def warn_of_unreadable(unreadable: Sequence[Unreadable]) -> None:
    """Say what is kept and cannot be shown, one sentence each."""
    for one in unreadable:
        st.warning(plain(one.problem))


def choose_section(
    label: str,
    sections: Sequence[str],
    *,
    key: str,
    help: str | None = None,
    persist: bool = False,
    hidden: bool = True,
) -> str:
    """One of the sections side by side, at first the first; it stands in the address under `key`.

    persist: whether it survives a change of page. hidden: only screen readers read the label.
    """
    return st.segmented_control(
        label,
        sections,
        default=sections[0],
        required=True,
        key=key,
        bind="query-params",
        persist_state="session" if persist else None,
        label_visibility="collapsed" if hidden else "visible",
        help=help,
    )


def show_metrics(
    values: Mapping[str, str],
    *,
    help: Mapping[str, str] | None = None,
    width: int | Literal["content"] = "content",
) -> None:
    """Large numbers side by side under their names. help: what a name means, shown on hover."""
    with st.container(horizontal=True):
        for name, value in values.items():
            st.metric(name, value, help=(help or {}).get(name), width=width)
