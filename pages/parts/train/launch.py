"""Launch an experiment and follow it; what it changes; and the ways to take its settings along."""

from collections.abc import Sequence

import streamlit as st

from core.base.errors import CoreError
from core.jobs.job import Job, list_jobs, read_job
from core.jobs.queue import submit_experiment
from core.jobs.slots import slots_for
from core.jobs.tasks import ExperimentTask
from core.runs.store import Run, is_run_id
from core.settings.experiment import ExperimentConfig, config_to_toml
from core.study.changed_settings import ChangedSetting, command_line
from pages.parts.shared.downloads import offer_file
from pages.parts.shared.job_views import link_to_jobs
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.words import count, plain
from pages.parts.train.cost import show_devices
from pages.parts.train.form import value_text
from pages.parts.train.start import Start, load_file

_SHOWN_CHANGES = 8
_LAUNCHED = "train_launched"


def show_launching(config: ExperimentConfig, finished: Run | None) -> None:
    """The button; what was launched is followed on Jobs and in the sidebar.

    finished: the run of these settings on this data, if there is one.
    """
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Launch again" if finished else "Launch", type="primary")
        if waiting := _jobs_before(config):
            st.caption(f"{count(waiting, 'job')} before it.")
    if finished:
        label = "These settings were run on this data already: see that run"
        st.page_link("pages/train.py", label=label, query_params={"run": finished.id})
    if pressed:
        with errors_shown():
            job = submit_experiment(config, again=finished is not None)
            st.session_state[_LAUNCHED] = job.id
            st.rerun()  # the sidebar, drawn before the page, shows the job then
    elif job_id := st.session_state.get(_LAUNCHED):
        try:
            _show_launched(read_job(job_id))
        except CoreError:  # its folder is gone
            st.session_state.pop(_LAUNCHED)


def _jobs_before(config: ExperimentConfig) -> int:
    """Live jobs that would have to end before this one gets its device."""
    slots = slots_for(ExperimentTask(config=config).device_kind)
    return sum(job.is_active and slots_for(job.device_kind) == slots for job in list_jobs())


def _show_launched(job: Job) -> None:
    """The job that this session launched last."""
    with st.container(horizontal=True):
        if run := job.result.get("run"):
            st.page_link(
                "pages/train.py", label="Done: see the run", query_params={"run": str(run)}
            )
        link_to_jobs(job, f"Launched: follow {plain(job.title)} on Jobs")


def show_changes(start: Start, changed: Sequence[ChangedSetting]) -> None:
    """The settings that differ from the start."""
    if not changed:
        return
    origin = "the earlier run" if is_run_id(start.name) else start.name
    st.markdown(f"**Changed from {plain(origin)}**")
    lines = [
        f"- {plain(d.setting)}: {plain(value_text(d.was, d.setting))} "
        f"→ **{plain(value_text(d.now, d.setting))}**"
        for d in changed
    ]
    st.markdown("\n".join(lines[:_SHOWN_CHANGES]))
    if len(lines) > _SHOWN_CHANGES:
        with st.expander(f"{len(lines) - _SHOWN_CHANGES} more"):
            st.markdown("\n".join(lines[_SHOWN_CHANGES:]))


def show_tools(config: ExperimentConfig) -> None:
    """The settings as a file and as a command, a file to load, and the devices."""
    with st.container(horizontal=True):
        with st.popover("Settings file"):
            file_name = f"{config.preset or 'experiment'}.toml"
            offer_file("Download as TOML", config_to_toml(config), file_name)
            load_file()
        with st.popover("Command line"):
            st.caption("The same experiment from a shell, in the folder of this project:")
            st.code(command_line(config), language="bash", wrap_lines=True)
        with st.popover("Devices"):
            show_devices()
