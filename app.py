"""Tagsmith's entry: the list of pages and nothing else."""

import streamlit as st

from pages.parts.frame import enter

st.set_page_config(page_title="Tagsmith", page_icon="🏷️", layout="wide")
enter()
st.navigation(
    {
        "Use": [st.Page("pages/suggest.py", title="Suggest")],
        "Look": [st.Page("pages/explore.py", title="Explore", default=True)],
        "Build": [st.Page("pages/train.py", title="Train")],
        "Decide": [st.Page("pages/compare.py", title="Compare")],
    }
).run()
