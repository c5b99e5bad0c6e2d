"""Suggest's left side: an article pasted, fetched from its address, or dropped as a file."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core.base.child import TimeLimit, shared_children
from core.base.errors import FetchError
from core.fetch.text import FetchedPage
from core.suggest.dropped import ENDINGS
from pages.parts.shared.notices import errors_shown
from pages.parts.suggest.examples import EXAMPLES

_TEXT, _ADDRESS, _FILE = "Text", "Address", "File"
_MOST_CHARACTERS = 200_000
_TAKEN = "taken_page"
_DROPPED = "dropped_number"


@dataclass(frozen=True)
class Asked:
    """An article to suggest tags for. url, note: of a page that was fetched."""

    title: str
    article: str
    url: str = ""
    note: str = ""


def ask_for_article() -> tuple[Asked | None, DeltaGenerator]:
    """The article if tags were asked for; and the place beside the button."""
    taken: Asked | None = st.session_state.pop(_TAKEN, None)
    if taken is not None:
        st.session_state["title"], st.session_state["article"] = taken.title, taken.article
        st.session_state["way"] = _TEXT
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption("Examples", width="content")
        for name in EXAMPLES:
            st.button(name, on_click=_use_example, args=(name,), type="tertiary")
    st.session_state.setdefault("way", _TEXT)
    way = st.segmented_control(
        "Where the article is",
        [_TEXT, _ADDRESS, _FILE],
        key="way",
        required=True,
        label_visibility="collapsed",
    )
    if way == _TEXT:
        _ask_for_text()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if way == _FILE:
            _ask_for_file()
        elif way == _ADDRESS:
            st.text_input(
                "Address of the article",
                key="address",
                max_chars=2000,
                placeholder="https://",
                persist_state="session",
            )
        pressed = st.button("Suggest tags", type="primary", shortcut="Ctrl+Enter")
        beside = st.container(width="content")
    if taken is not None:
        return taken, beside
    if not pressed:
        return None, beside
    if way == _TEXT:
        return Asked(st.session_state["title"], st.session_state["article"]), beside
    _take(_fetch if way == _ADDRESS else _read_file)
    return None, beside


def has_changed(title: str, article: str) -> bool:
    """Whether the fields say something else by now."""
    now = st.session_state.get("title", title), st.session_state.get("article", article)
    return now != (title, article)


def _use_example(name: str) -> None:
    # Its tags are asked for at once: who pressed Suggest before the browser had the text sent none.
    st.session_state[_TAKEN] = Asked(*EXAMPLES[name])


def _ask_for_text() -> None:
    st.text_input("Title (optional)", key="title", max_chars=500, persist_state="session")
    st.text_area(
        "Article",
        key="article",
        height=240,
        max_chars=_MOST_CHARACTERS,
        placeholder="Paste the article here.",
        persist_state="session",
    )


def _ask_for_file() -> None:
    st.file_uploader(
        "Article as a file",
        type=list(ENDINGS),
        key=f"dropped {st.session_state.get(_DROPPED, 0)}",
        max_upload_size=5,
    )


def _take(read: Callable[[], FetchedPage]) -> None:
    """Put what was read into the fields, and ask for its tags in the next run."""
    with errors_shown():
        page = read()
        text = page.text[:_MOST_CHARACTERS]
        st.session_state[_TAKEN] = Asked(page.title[:500], text, page.url, page.note)
        st.session_state[_DROPPED] = st.session_state.get(_DROPPED, 0) + 1
        st.rerun()


def _fetch() -> FetchedPage:
    from core.fetch.page import fetch_page

    with st.spinner("Fetching the page ..."):
        return fetch_page(st.session_state["address"])


def _read_file() -> FetchedPage:
    from core.suggest.dropped import read_dropped

    upload = st.session_state.get(f"dropped {st.session_state.get(_DROPPED, 0)}")
    if upload is None:
        raise FetchError("No file is chosen. Drop one, then press Suggest tags.")
    limit = TimeLimit(10.0, "Reading this file", "Copy the text and paste it.")
    with st.spinner("Reading the file ..."):
        return shared_children().ask(limit, read_dropped, upload.name, upload.getvalue())
