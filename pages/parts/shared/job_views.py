"""A job on a page: its line of progress, and the line in the sidebar."""

from __future__ import annotations

import time
from contextlib import suppress

import streamlit as st

from core.base.errors import JobError
from core.base.progress import format_seconds
from core.jobs.job import Job, list_jobs, read_job
from pages.parts.shared.words import plain, size

# Each poll costs the server some 10 ms.
POLL_SECONDS, LINE_POLL_SECONDS = 2.0, 3.0
_FOLLOWED = "jobs_followed"
STATES = {
    "queued": "waiting",
    "running": "running",
    "done": "done",
    "failed": "failed",
    "cancelled": "cancelled",
    "lost": "lost",
}


def progress_text(job: Job) -> str:
    """What a running job does now, in units of work, with the time left of that step."""
    if not job.total:
        return "starting"
    left = f", {format_seconds(job.seconds_left)} left" if job.seconds_left is not None else ""
    return f"{job.step}: {job.done:,} of {job.total:,} {job.unit}{left}"


def facts_text(job: Job) -> str:
    """When, where and with how much memory."""
    facts = [time.strftime("%d %b %H:%M", time.localtime(job.created))]
    if job.started:
        spent = format_seconds((job.ended or time.time()) - job.started)
        facts.append(f"took {spent}" if job.ended else f"for {spent}")
    if job.slot:
        facts.append(
            f"on {job.slot}" if job.engine == "local" else f"on {job.slot} by {job.engine}"
        )
    if job.memory_bytes:
        facts.append(f"{size(job.memory_bytes)} of memory")
    return " · ".join(facts)


def result_link(job: Job) -> tuple[str, str, dict[str, str]] | None:
    """Where a page shows what the job made: the page, what it shows, and the query."""
    if not (run := job.result.get("run")):
        return None
    if job.task == "curve":
        query = {"run": run, "part": "Learning curve", "curve": run}
        return "pages/compare.py", "Open the curve", query
    return "pages/train.py", "Open the run", {"run": run}


def link_to_jobs(job: Job, label: str = "Follow it on Jobs") -> None:
    """A link to this job on Jobs."""
    st.page_link("pages/jobs.py", label=label, query_params={"job": job.id})


def follow_job(job: Job, what: str) -> None:
    """The progress of a job that waits or runs, anew every two seconds; the page runs at its end.

    what: the work, such as "The measurement".
    """
    st.fragment(_follow, run_every=POLL_SECONDS)(job.id, what)


def _follow(job_id: str, what: str) -> None:
    job = read_job(job_id)
    if not job.is_active:
        st.rerun()
    if job.state == "queued":
        st.caption(f"{what} waits for its turn.")
    else:
        st.progress(job.share_done, f"{what}: {plain(progress_text(job))}")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Cancel", key=f"cancel_{job.id}", on_click=_cancel, args=(job.id,))
        link_to_jobs(job)


def _cancel(job_id: str) -> None:
    from core.jobs.queue import cancel  # brings the tasks, which the first page does without

    with suppress(JobError):  # it has just ended, which the next poll shows
        cancel(job_id)


def show_job_lines() -> None:
    """In the sidebar: what runs, and what ended since this session began to watch it."""
    jobs = list_jobs()
    followed = st.session_state.setdefault(_FOLLOWED, set())
    followed |= {job.id for job in jobs if job.is_active}
    shown = [job for job in jobs if job.id in followed]
    if not shown:
        return
    active = any(job.is_active for job in shown)
    with st.sidebar:
        st.fragment(_lines, run_every=LINE_POLL_SECONDS if active else None)(polls=active)


def _lines(*, polls: bool) -> None:
    followed = st.session_state.get(_FOLLOWED, set())
    shown = [job for job in list_jobs() if job.id in followed]
    if polls and not any(job.is_active for job in shown):
        st.rerun()  # with the last one ended, the page need not ask again
    for job in reversed(shown):
        _line(job)


def _line(job: Job) -> None:
    name = plain(job.title)
    if job.state == "running":
        st.progress(job.share_done, f"**{name}** {plain(progress_text(job))}")
    elif job.state == "queued":
        st.caption(f"**{name}** waits for its turn")
    elif link := result_link(job):
        page, _, query = link
        st.page_link(page, label=f"{name}: done", query_params=query)
    else:
        link_to_jobs(job, f"{name}: {STATES[job.state]}")
