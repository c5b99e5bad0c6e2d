"""What the top of a page shows: its question, and the data set in view with a way to add one."""

from __future__ import annotations

import runpy
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from core.articles.store.sets import SAMPLE_NOTE, import_file, is_sample, list_sets
from core.articles.store.versions import SetInfo
from core.base.errors import CoreError, file_sentence
from core.base.files import Unreadable
from core.base.home import PROJECT
from core.base.progress import Clock, format_seconds
from pages.parts.shared.words import count, plain

if TYPE_CHECKING:
    from core.runs.store import Run  # brings scikit-learn, which the first page does without

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
    try:
        show()
    except CoreError as error:
        st.error(plain(str(error)))
    except OSError as error:
        st.error(plain(file_sentence(error)))


class ProgressBar:
    """A bar with the time left, for work that reports its progress."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._clock = Clock()
        self._bar = st.progress(0.0, label)

    def __call__(self, step: str, done: int, total: int, unit: str) -> None:
        share = min(done / total, 1.0) if total else 0.0
        self._bar.progress(share, f"{self._label}: {self._clock.state(done, total, unit)}")

    def finish(self) -> str:
        """Remove the bar; the time it took, such as "8 s"."""
        self._bar.empty()
        return format_seconds(self._clock.seconds)


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


def choose_set() -> SetInfo:
    """The data set in view; its name stands in the address and survives a change of page."""
    infos = {info.name: info for info in list_sets()}
    if (added := st.session_state.pop("added_set", None)) in infos:
        st.session_state["data"] = added
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox(
            "Data set",
            list(infos),
            key="data",
            bind="query-params",
            persist_state="session",
            width=260,
        )
        if st.button("Add a file"):
            _add_file()
        info = infos[name]
        with st.container(gap=None):
            st.caption(f"{plain(info.name)}: {count(info.articles, 'article')}")
            warn_of_sample(shown=is_sample(name))
    return info


def choose_section(
    label: str,
    sections: Sequence[str],
    *,
    key: str,
    help: str | None = None,
    persist: bool = False,
) -> str:
    """One of the sections side by side, at first the first; it stands in the address under `key`.

    label: for screen readers. persist: whether it survives a change of page.
    """
    return st.segmented_control(
        label,
        sections,
        default=sections[0],
        required=True,
        key=key,
        bind="query-params",
        persist_state="session" if persist else None,
        label_visibility="collapsed",
        help=help,
    )


def runs_in_link(runs: Mapping[str, Run]) -> list[str]:
    """Ids of the runs that the address names; says which of them are gone."""
    named = st.query_params.get_all("run")
    if gone := [run_id for run_id in named if run_id not in runs]:
        st.warning(f"This link names a run that is gone: {plain(', '.join(gone))}.")
    return [run_id for run_id in named if run_id in runs]


def put_in_link(run_ids: Sequence[str]) -> None:
    """Name the runs in the address, so that the link restores the view."""
    if st.query_params.get_all("run") != list(run_ids):
        st.query_params["run"] = list(run_ids)


@st.dialog("Add an article file")
def _add_file() -> None:
    with st.form("add_file", border=False):
        upload = st.file_uploader(
            "Article file",
            type=["jsonl", "json", "gz", "csv", "tsv", "xlsx", "parquet", "sqlite", "db", "zip"],
            help="JSON Lines, JSON, CSV, TSV, Excel, Parquet, SQLite or a zip. The Data page shows "
            "how a file is read before it is kept.",
        )
        name = st.text_input("Name it", placeholder="blog", max_chars=64)
        skip = st.checkbox("Leave out rows that are wrong")
        if not st.form_submit_button("Add", type="primary"):
            return
    if upload is None:
        st.error("No file is chosen. Choose one, then press Add.")
        return
    try:
        with tempfile.TemporaryDirectory() as folder:
            # The user's name for the file stands in messages; its folders are never used.
            path = Path(folder) / Path(upload.name).name[-100:]
            path.write_bytes(upload.getbuffer())
            info, _ = import_file(path, name.strip(), skip_bad_rows=skip)
    except CoreError as error:
        st.error(plain(str(error)))
        return
    except OSError as error:
        st.error(plain(file_sentence(error)))
        return
    st.session_state["added_set"] = info.name
    st.rerun()
