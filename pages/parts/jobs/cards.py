"""One job as a card: its state, its progress, its buttons, and its details when it is open."""

import json
from collections.abc import Sequence
from typing import Literal

import pandas as pd
import streamlit as st

from core.jobs.job import Job, list_jobs, read_curve, read_log
from core.jobs.queue import cancel, run_again
from core.jobs.slots import position
from pages.parts.shared.job_views import (
    POLL_SECONDS,
    STATES,
    facts_text,
    progress_text,
    result_link,
)
from pages.parts.shared.link import put_in_link
from pages.parts.shared.notices import errors_kept
from pages.parts.shared.tables import show_chart
from pages.parts.shared.words import plain

_COLOURS: dict[str, Literal["gray", "blue", "green", "red", "orange"]] = {
    "queued": "gray",
    "running": "blue",
    "done": "green",
    "failed": "red",
    "cancelled": "gray",
    "lost": "orange",
}


def show_active_jobs(shown: frozenset[str]) -> None:
    """Cards of the jobs that wait or run, oldest first, anew every two seconds.

    shown: ids of those that the page knows; with another one, or one less, the page runs again.
    """
    st.fragment(_show_active, run_every=POLL_SECONDS)(shown)


def _show_active(shown: frozenset[str]) -> None:
    active = [job for job in reversed(list_jobs()) if job.is_active]
    if {job.id for job in active} != shown:
        st.rerun()
    for job in active:
        show_card(job, active)


def show_card(job: Job, active: Sequence[Job] = ()) -> None:
    """One job; the one that the address names shows its details. active: the jobs not ended."""
    opened = job.id == st.query_params.get("job")
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(job.title)}**", width="content")
            waits = f"waiting, position {position(job, list(active))}"
            state = waits if job.state == "queued" else STATES[job.state]
            st.badge(state, color=_COLOURS[job.state])
        if job.state == "running":
            st.progress(job.share_done, plain(progress_text(job)))
        if job.error:
            st.error(plain(job.error))
        st.caption(plain(facts_text(job)))
        _show_buttons(job, opened=opened)
        if opened:
            _show_details(job)


def _show_buttons(job: Job, *, opened: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.is_active:
            st.button("Cancel", key=f"cancel_{job.id}", on_click=_cancel, args=(job.id,))
        else:
            st.button("Run again", key=f"again_{job.id}", on_click=_run_again, args=(job.id,))
        if link := result_link(job):
            page, label, query = link
            st.page_link(page, label=label, query_params=query)
        st.button(
            "Close" if opened else "Details",
            key=f"details_{job.id}",
            type="tertiary",
            on_click=put_in_link,
            kwargs={"job": "" if opened else job.id},
        )


def _show_details(job: Job) -> None:
    if curve := read_curve(job):
        from pages.parts.jobs.charts import learning_curves  # brings Altair, for few jobs only

        show_chart(
            learning_curves(curve),
            pd.DataFrame(curve),
            f"curve-{job.id}.csv",
            label="Download the curve",
            alt=f"Losses and F1 of {len(curve)} epochs; the last micro F1 is "
            f"{curve[-1]['micro_f1_score']:.3f}.",
        )
    st.markdown("**What it printed**")
    st.code(read_log(job) or "Nothing.", language=None, height=200)
    st.markdown("**Settings**")
    st.code(json.dumps(job.settings, ensure_ascii=False, indent=1), language="json", height=200)


def _cancel(job_id: str) -> None:
    with errors_kept("jobs"):
        cancel(job_id)


def _run_again(job_id: str) -> None:
    with errors_kept("jobs"):
        run_again(job_id)
