"""Jobs: what is running, and how far is it?"""

import json

import pandas as pd
import streamlit as st

from core.jobs.job import survey_jobs
from pages.parts.jobs.cards import show_active_jobs, show_card
from pages.parts.shared.frame import open_page, show_question, warn_of_unreadable
from pages.parts.shared.link import warn_if_link_names
from pages.parts.shared.notices import show_empty, show_notice
from pages.parts.shared.tables import show_download

_SHOWN = 30


def show_page() -> None:
    """The jobs that wait or run, those that have ended, and the download of all."""
    show_question(
        "What is running, and how far is it?",
        do="Watch jobs, stop them or run them again; a finished job links to its run.",
    )
    jobs, unreadable = survey_jobs()
    warn_of_unreadable(unreadable)
    if not jobs and not unreadable:
        sentence = "Training, encoding and imports that run in the background are shown here."
        show_empty(sentence, "train", "Launch the first one")
    if not jobs:
        return
    show_notice("jobs")
    opened = st.query_params.get("job", "")
    if opened not in {job.id for job in jobs} | {job.name for job in unreadable}:
        warn_if_link_names(opened, "a job that is gone")
    if active := frozenset(job.id for job in jobs if job.is_active):
        show_active_jobs(active)
    ended = [job for job in jobs if not job.is_active]
    if ended:
        st.markdown("#### Ended")
    for job in ended[:_SHOWN]:
        show_card(job)
    if len(ended) > _SHOWN:
        st.caption(f"{len(ended) - _SHOWN:,} older jobs are in the download.")
    columns = ["job", "what", "state", "started", "ended", "error", "result"]
    rows = [
        (
            j.id,
            j.title,
            j.state,
            j.started,
            j.ended,
            j.error,
            json.dumps(j.result, ensure_ascii=False),
        )
        for j in jobs
    ]
    show_download(pd.DataFrame(rows, columns=columns), "jobs.csv")


open_page(show_page)
