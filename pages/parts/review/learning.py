"""Train with corrections: a job on a model's own data and what editors saved, and its outcome."""

from collections.abc import Sequence

import streamlit as st

from core.feedback.corrections import FeedbackStore
from core.feedback.export import CORRECTIONS_SET, export_corrections
from core.jobs.job import Job, list_jobs
from core.jobs.queue import submit_experiment
from core.runs.names import labels_of
from core.runs.store import Run, RunStore
from core.study.presets import configure
from core.suggest.suggester import choose_run
from pages.parts.shared.job_views import follow_job, link_to_jobs
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.words import plain


def show_learning(store: FeedbackStore, runs: Sequence[Run]) -> None:
    """The button that trains a model like a chosen one, and how far the latest such job is."""
    if not runs:
        st.caption("To learn from the corrections, train a first model.")
        st.page_link("pages/train.py", label="Train")
        return
    labels = labels_of(runs)
    preferred = choose_run(RunStore())
    with st.container(horizontal=True, vertical_alignment="bottom"):
        run_id = st.selectbox(
            "A new model like",
            list(labels),
            index=list(labels).index(preferred.id) if preferred else 0,
            format_func=labels.__getitem__,
            key="learn_like",
            width=380,
        )
        if st.button("Train with corrections", type="primary", key="learn"):
            with errors_shown():
                _launch(store, next(run for run in runs if run.id == run_id))
    latest = next((job for job in list_jobs() if _learns(job)), None)
    if latest is not None:
        _show_job(latest)


def _learns(job: Job) -> bool:
    data = job.settings.get("config", {}).get("data", {})
    return job.task == "experiment" and CORRECTIONS_SET in data.get("corrections", ())


def _launch(store: FeedbackStore, run: Run) -> None:
    export_corrections(store)
    learning = [f'data.corrections=["{CORRECTIONS_SET}"]']
    submit_experiment(configure(run.config, assignments=learning))


def _show_job(job: Job) -> None:
    if job.is_active:
        follow_job(job, "Learning from the corrections")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if job.state == "done":
            st.markdown("**A model that learnt from the corrections is ready.**", width="content")
            run = {"run": job.result["run"]}
            st.page_link("pages/suggest.py", label="Suggest with it", query_params=run)
            st.page_link("pages/train.py", label="Its figures", query_params=run)
        else:
            st.markdown(f"Learning from the corrections: {job.state}. {plain(job.error)}")
        link_to_jobs(job)
