"""Tagsmith's entry: the list of pages and nothing else."""

import streamlit as st

from core.base.home import PROJECT
from pages.parts.shared.access import require_entry
from pages.parts.shared.frame import enter, go_to_explore
from pages.parts.shared.job_views import show_job_lines

st.set_page_config(page_title="Tagsmith", page_icon="🏷️", layout="wide")
st.html(PROJECT / "pages" / "style.css")
require_entry()
enter()
# A default page has no address of its own, so the entry is a hidden one that leads to Explore.
page = st.navigation(
    {
        "": [st.Page(go_to_explore, title="Start", default=True, visibility="hidden")],
        "Use": [
            st.Page("pages/suggest.py", title="Suggest"),
            st.Page("pages/review.py", title="Review"),
        ],
        "Look": [
            st.Page("pages/explore.py", title="Explore"),
            st.Page("pages/story.py", title="Story"),
        ],
        "Build": [
            st.Page("pages/data.py", title="Data"),
            st.Page("pages/train.py", title="Train"),
            st.Page("pages/jobs.py", title="Jobs"),
        ],
        "Decide": [
            st.Page("pages/compare.py", title="Compare"),
            st.Page("pages/thresholds.py", title="Thresholds"),
        ],
    }
)
st.set_page_config(page_title=f"{page.title} · Tagsmith")
if page.title != "Jobs":  # which says more
    show_job_lines()
page.run()
