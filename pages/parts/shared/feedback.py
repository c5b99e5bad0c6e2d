"""The editors' corrections through one connection for all sessions of a server."""

import os

import streamlit as st

from core.base.home import home_folder
from core.feedback.corrections import FeedbackStore


def load_feedback() -> FeedbackStore:
    """The database of corrections. Raises FeedbackError if it cannot be used."""
    return _store(os.environ.get("TAGSMITH_DATABASE_URL", ""), str(home_folder()))


@st.cache_resource(max_entries=2, show_spinner=False)
def _store(url: str, home: str) -> FeedbackStore:
    return FeedbackStore()
