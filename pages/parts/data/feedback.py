"""What editors saved, and "delete everything about me" after a question."""

import streamlit as st

from core.base.errors import CoreError
from core.feedback.forgetting import Forgotten, forget_person
from pages.parts.data.sets import close_when_answered
from pages.parts.shared.feedback import load_feedback
from pages.parts.shared.words import count, plain


def show_feedback() -> None:
    try:
        store = load_feedback()
        total = store.read(limit=1).total
    except CoreError as error:
        st.error(plain(str(error)))
        return
    if not total:
        st.info("No editor has saved tags yet. What is saved on Suggest is counted here.")
        return
    st.markdown(
        f"**{count(total, 'saved article')}** with the tags that editors left on them.",
        width="content",
    )
    st.page_link("pages/review.py", label="See them on Review")
    name = st.text_input(
        "The name under which you saved",
        max_chars=200,
        key="forget_name",
        help="Only what was saved under exactly this name can be told from the rest.",
    )
    st.caption("All that was saved under it goes, from the data set of corrections too.")
    if st.button("Delete everything about me", key="forget_me", disabled=not name.strip()):
        ask_to_forget(name.strip())


@st.dialog("Delete everything about me")
def ask_to_forget(name: str) -> None:
    close_when_answered()
    number = load_feedback().count_by_name(name)
    if not number:
        st.markdown(f"Nothing was saved under **{plain(name)}**. Check how it is written.")
        return
    st.markdown(
        f"Delete **{count(number, 'saved article')}** of {plain(name)}, with texts and tags? "
        "This cannot be undone. A model that has learnt from them stays as it is."
    )
    st.button("Delete", type="primary", key="do_forget", on_click=do_forget, args=(name,))


def do_forget(name: str) -> None:
    """What the question was answered with; the page says how it went."""
    try:
        gone = forget_person(load_feedback(), name)
        st.session_state["data_done"] = said_of(gone)
    except CoreError as error:
        st.session_state["data_problem"] = plain(str(error))


def said_of(gone: Forgotten) -> str:
    if not gone.saved:
        return f"Nothing was saved under {plain(gone.name.strip())}."
    lost = f" The data set of corrections lost {count(gone.from_set, 'article')}."
    return f"Deleted: {count(gone.saved, 'saved article')}.{lost if gone.from_set else ''}"
