"""Jobs: what is running, and how far is it?"""

import json
from collections.abc import Callable
from typing import Literal

import pandas as pd
import streamlit as st

from core.base.errors import CoreError
from core.jobs.job import Job, list_jobs, read_curve, read_log, survey_jobs
from core.jobs.queue import cancel, run_again
from core.jobs.slots import position
from pages.parts.shared.frame import open_page, show_question, warn_of_unreadable
from pages.parts.shared.job_views import (
    POLL_SECONDS,
    STATES,
    facts_text,
    learning_curves,
    progress_text,
    result_link,
)
from pages.parts.shared.tables import show_download
from pages.parts.shared.words import plain

SHOWN = 30
COLORS: dict[str, Literal["gray", "blue", "green", "red", "orange"]] = {
    "queued": "gray",
    "running": "blue",
    "done": "green",
    "failed": "red",
    "cancelled": "gray",
    "lost": "orange",
}


def show_page() -> None:
    show_question(
        "What is running, and how far is it?",
        do="Watch the work under way, stop it or run it again; a finished one leads to its run.",
    )
    jobs, unreadable = survey_jobs()
    warn_of_unreadable(unreadable)
    if not jobs and unreadable:
        return
    if not jobs:
        st.info("Training, encoding and imports that run in the background stand here.")
        st.page_link("pages/train.py", label="Launch the first one")
        return
    if sentence := st.session_state.pop("job_problem", ""):
        st.error(plain(sentence))
    opened = st.query_params.get("job", "")
    if opened and opened not in {job.id for job in jobs} | {job.name for job in unreadable}:
        st.warning(f"This link names a job that is gone: {plain(opened)}.")
    active = frozenset(job.id for job in jobs if job.is_active)
    if active:
        st.fragment(show_active, run_every=POLL_SECONDS)(active)
    show_ended([job for job in jobs if not job.is_active], opened)
    show_download(table_of(jobs), "jobs.csv")


def show_active(shown: frozenset[str]) -> None:
    """The jobs that wait or run, oldest first; the whole page anew when that changes."""
    active = [job for job in reversed(list_jobs()) if job.is_active]
    if {job.id for job in active} != shown:
        st.rerun()
    for job in active:
        show_card(job, active, opened=job.id == st.query_params.get("job"))


def show_ended(ended: list[Job], opened: str) -> None:
    if ended:
        st.markdown("#### Ended")
    for job in ended[:SHOWN]:
        show_card(job, [], opened=job.id == opened)
    if len(ended) > SHOWN:
        st.caption(f"{len(ended) - SHOWN:,} older jobs are in the download.")


def show_card(job: Job, active: list[Job], *, opened: bool) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(job.title)}**", width="content")
            st.badge(state_text(job, active), color=COLORS[job.state])
        if job.state == "running":
            st.progress(job.share_done, plain(progress_text(job)))
        if job.error:
            st.error(plain(job.error))
        st.caption(plain(facts_text(job)))
        show_buttons(job, opened=opened)
        if opened:
            show_details(job)


def state_text(job: Job, active: list[Job]) -> str:
    if job.state != "queued":
        return STATES[job.state]
    return f"waiting, position {position(job, active)}"


def show_buttons(job: Job, *, opened: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.is_active:
            st.button("Cancel", key=f"cancel_{job.id}", on_click=do_cancel, args=(job.id,))
        else:
            st.button("Run again", key=f"again_{job.id}", on_click=do_again, args=(job.id,))
        if link := result_link(job):
            page, label, query = link
            st.page_link(page, label=label, query_params=query)
        st.button(
            "Close" if opened else "Details",
            key=f"details_{job.id}",
            type="tertiary",
            on_click=do_open,
            args=("" if opened else job.id,),
        )


def show_details(job: Job) -> None:
    if curve := read_curve(job):
        st.altair_chart(
            learning_curves(curve),
            alt=f"Losses and F1 of {len(curve)} epochs; the last micro F1 is "
            f"{curve[-1]['micro_f1_score']:.3f}.",
        )
        show_download(pd.DataFrame(curve), f"curve-{job.id}.csv", "Download the curve")
    st.markdown("**What it printed**")
    st.code(read_log(job) or "Nothing.", language=None, height=200)
    st.markdown("**Settings**")
    st.code(json.dumps(job.settings, ensure_ascii=False, indent=1), language="json", height=200)


def do_cancel(job_id: str) -> None:
    _try(cancel, job_id)


def do_again(job_id: str) -> None:
    _try(run_again, job_id)


def do_open(job_id: str) -> None:
    if job_id:
        st.query_params["job"] = job_id
    else:
        st.query_params.pop("job", None)


def _try(action: Callable[[str], Job], job_id: str) -> None:
    """What a button asks for; a refusal is shown above the jobs."""
    try:
        action(job_id)
    except CoreError as error:
        st.session_state["job_problem"] = str(error)


def table_of(jobs: list[Job]) -> pd.DataFrame:
    rows = [
        {
            "job": job.id,
            "what": job.title,
            "state": job.state,
            "started": job.started,
            "ended": job.ended,
            "error": job.error,
            "result": json.dumps(job.result, ensure_ascii=False),
        }
        for job in jobs
    ]
    return pd.DataFrame(rows)


open_page(show_page)
