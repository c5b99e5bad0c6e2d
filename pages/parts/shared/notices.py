"""Sentences to the user: errors, what a pressed button did, and what an empty page will show."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

import streamlit as st

from core.base.errors import CoreError, file_sentence
from pages.parts.shared.words import plain

Kind = Literal["success", "info", "error"]


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show an error that a user can fix as its sentence; the rest of the block is skipped."""
    try:
        yield
    except CoreError as error:
        st.error(plain(str(error)))
    except OSError as error:
        st.error(plain(file_sentence(error)))


@contextmanager
def errors_kept(place: str, done: str = "") -> Iterator[None]:
    """The same in a button's callback, which cannot draw: `show_notice(place)` shows the error.

    done: what to say there if nothing went wrong.
    """
    try:
        yield
    except CoreError as error:
        keep_notice(place, str(error), "error")
    else:
        if done:
            keep_notice(place, done)


def keep_notice(place: str, sentence: str, kind: Kind = "success") -> None:
    """Keep a sentence, without Markdown, for `show_notice(place)` in the next run of the page."""
    st.session_state[f"notice of {place}"] = kind, sentence


def has_notice(place: str) -> bool:
    """Whether `show_notice(place)` has something to show."""
    return f"notice of {place}" in st.session_state


def show_notice(place: str) -> None:
    """Show once what was kept for this place, if anything was."""
    kind, sentence = st.session_state.pop(f"notice of {place}", ("", ""))
    if kind:
        {"success": st.success, "info": st.info, "error": st.error}[kind](plain(sentence))


def show_empty(sentence: str, page: str, label: str) -> None:
    """What will stand here, and a link to the page (such as "train") that brings it about."""
    st.info(sentence)
    st.page_link(f"pages/{page}.py", label=label)
