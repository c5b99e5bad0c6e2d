"""The data set in view, which travels from page to page, and a way to add one."""

import streamlit as st

from core.articles.store.record import SetInfo
from core.articles.store.sets import import_file, is_sample, list_sets
from core.articles.uploads import drop_upload, keep_upload
from core.base.child import TimeLimit, shared_children
from pages.parts.shared.frame import warn_of_sample
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.words import count, plain

_ADDING = TimeLimit(60.0, "Reading this file", "Add it on the Data page, where a job can do it.")
_NEXT = "added_set"


def choose_set() -> SetInfo:
    """The data set in view; its name stands in the address and survives a change of page."""
    infos = {info.name: info for info in list_sets()}
    if (added := st.session_state.pop(_NEXT, None)) in infos:
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


def show_set_next(name: str) -> None:
    """Bring this data set into view in the next run: the widget of this one may be drawn."""
    st.session_state[_NEXT] = name


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
    with errors_shown():
        path = keep_upload(upload.name, upload.getbuffer())
        info, _ = shared_children().ask(
            _ADDING, import_file, path, name.strip(), skip_bad_rows=skip
        )
        drop_upload(path)
        show_set_next(info.name)
        st.rerun()
