"""Fetch articles from a site as a job, or the ready-made set with one press."""

import streamlit as st

from core.articles.sources.known import OPEN_ARTICLES, SOURCES, label_of, settings_of
from core.articles.sources.open_articles import REPOSITORIES
from core.jobs.fetch_task import FetchTask
from core.jobs.queue import submit
from pages.parts.shared.notices import errors_shown, keep_notice
from pages.parts.shared.words import plain


def show_fetch() -> None:
    """The ready-made set, and the sites to fetch from."""
    with st.container(border=True):
        st.markdown("**A ready-made set of real articles**")
        named = ", ".join(f"{r.name} ({r.licence})" for r in REPOSITORIES)
        st.caption(f"Openly licensed articles of {plain(named)}. Each keeps its credit.")
        if st.button("Fetch the ready-made set", type="primary", key="fetch_open"):
            _start(FetchTask(source=OPEN_ARTICLES, name="open-articles", replace=True))
    with st.container(border=True):
        st.markdown("**From a site**")
        _show_site()


def _show_site() -> None:
    source = st.selectbox("Site", sorted(SOURCES), format_func=label_of, key="fetch_site")
    settings = settings_of(source)
    site, tag, fulltext = "stackoverflow", "", False
    if "site" in settings:
        site = st.text_input("Which Stack Exchange site", value=site, key="fetch_se_site")
    if "tag" in settings:
        tag = st.text_input("Only this tag", placeholder="python", key="fetch_tag")
    if "fulltext" in settings:
        fulltext = st.toggle(
            "Full texts",
            key="fetch_fulltext",
            help="One more request to the site for every article, so it takes far longer.",
        )
    most = st.number_input("Articles at most (0: all)", 0, 10_000_000, 1000, key="fetch_most")
    name = st.text_input("Name it", value=source, max_chars=64, key=f"fetch_name_{source}")
    if st.button("Fetch", key="fetch_start"):
        task = FetchTask(
            source=source,
            name=name.strip(),
            site=site.strip(),
            tag=tag.strip(),
            fulltext=fulltext,
            most=most,
            replace=True,
        )
        _start(task)
    st.caption("An interrupted fetch continues where it stopped when it is started again.")


def _start(task: FetchTask) -> None:
    with errors_shown():
        submit(task)
        keep_notice("data", f"{task.title}: its progress is shown in the sidebar.")
        st.rerun()
