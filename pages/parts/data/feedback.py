"""What editors saved, counted, and the way to have it deleted."""

import streamlit as st

from pages.parts.shared.feedback import load_feedback
from pages.parts.shared.forgetting import show_forgetting
from pages.parts.shared.words import count


def show_feedback() -> None:
    """How many articles editors saved. Raises FeedbackError if the database cannot be used."""
    total = load_feedback().read(limit=1).total
    if not total:
        st.info("No editor has saved tags yet. What is saved on Suggest is counted here.")
        return
    st.markdown(
        f"**{count(total, 'saved article')}** with the tags that editors left on them.",
        width="content",
    )
    st.page_link("pages/review.py", label="See them on Review")
    show_forgetting("data")
