"""Delete everything that one person saved, after a question."""

import streamlit as st

from core.feedback.forgetting import forget_person
from pages.parts.shared.feedback import load_feedback
from pages.parts.shared.notices import errors_kept, has_notice, keep_notice
from pages.parts.shared.words import count, plain


def show_forgetting(place: str) -> None:
    """The name to look for and the button; `show_notice(place)` says how it went."""
    name = st.text_input(
        "The name under which you saved",
        max_chars=200,
        key="forget_name",
        help="Only what was saved under exactly this name can be found.",
    )
    st.caption("Everything saved under it is deleted, from the data set of corrections too.")
    if st.button("Delete everything about me", key="forget_me", disabled=not name.strip()):
        _ask_to_forget(name.strip(), place)


@st.dialog("Delete everything about me")
def _ask_to_forget(name: str, place: str) -> None:
    close_when_answered(place)
    number = load_feedback().count_by_name(name)
    if not number:
        st.markdown(f"Nothing was saved under **{plain(name)}**. Check how it is written.")
        return
    st.markdown(
        f"Delete **{count(number, 'saved article')}** of {plain(name)}, with texts and tags? "
        "This cannot be undone. A model that has learnt from them stays as it is."
    )
    st.button("Delete", type="primary", key="do_forget", on_click=_forget, args=(name, place))


def close_when_answered(place: str) -> None:
    """End the question whose button was pressed just now: what it asks of may be gone already."""
    if has_notice(place):
        st.rerun()


def _forget(name: str, place: str) -> None:
    with errors_kept(place):
        gone = forget_person(load_feedback(), name)
        said = f"Deleted: {count(gone.saved, 'saved article')}."
        if gone.from_set:
            lost = count(gone.from_set, "article")
            said += f" The data set of corrections lost {lost}."
        keep_notice(place, said if gone.saved else f"Nothing was saved under {name}.")
