"""Train: what shall I try next, and what will it cost?"""

from collections.abc import Sequence

import streamlit as st

from core.articles.store.record import SetInfo
from core.articles.store.sets import list_sets
from core.base.errors import CoreError
from core.features.encoder_files import MINILM
from core.jobs.job import read_job
from core.jobs.queue import submit_experiment
from core.methods.registry import method_of
from core.runs.names import labels_of
from core.runs.store import Run, RunStore, is_run_id
from core.settings.experiment import RUN_PREFIX, ExperimentConfig, config_to_toml
from core.study.changed_settings import ChangedSetting, changed_settings, command_line
from core.study.presets import configure
from pages.parts.shared.frame import open_page, show_question
from pages.parts.shared.loading import load_statistics
from pages.parts.shared.sets import choose_set
from pages.parts.shared.words import count, plain
from pages.parts.train.cost import (
    estimate_now,
    jobs_before,
    load_plan,
    show_amounts,
    show_devices,
    show_estimate,
)
from pages.parts.train.form import Form, value_text
from pages.parts.train.run import show_run
from pages.parts.train.settings import show_articles, show_details, show_first_settings
from pages.parts.train.start import (
    Start,
    choose_start,
    joined_sets,
    keep_draft,
    load_file,
    open_start,
)

SHOWN_CHANGES = 8
LAUNCHED = "train_launched"


def show_page() -> None:
    show_question(
        "What shall I try next, and what will it cost?",
        do="Choose an experiment on the left, look at its cost on the right, then press Launch.",
    )
    start = open_start()
    info = choose_set()
    left, right = st.columns([9, 11], gap="large")
    with left:
        infos, config = choose_settings(start, info)
    with right:
        if config is not None:
            show_experiment(start, infos, config)
        if run_id := st.query_params.get("run"):
            show_run(run_id)


def choose_settings(start: Start, info: SetInfo) -> tuple[list[SetInfo], ExperimentConfig | None]:
    """The data sets and the settings; None if these do not go together, which is said."""
    choose_start(start)
    form = Form(start.draft, start.base, start.version)
    show_first_settings(form)
    with st.expander("Articles"):
        infos = joined_sets(info)
        show_articles(form, languages_of(infos), sets_beside(infos))
    show_details(form, offered_encoders())
    try:
        config = configure(form.config(), sources=[one.name for one in infos])
    except CoreError as error:
        st.error(plain(str(error)))
        return infos, None
    keep_draft(start, config)
    return infos, config


def languages_of(infos: Sequence[SetInfo]) -> list[str]:
    return sorted({code for info in infos for code in load_statistics(info)[0].languages})


def sets_beside(infos: Sequence[SetInfo]) -> list[str]:
    """Names of the sets that are not among these."""
    chosen = {info.name for info in infos}
    return [info.name for info in list_sets() if info.name not in chosen]


def offered_encoders() -> dict[str, str]:
    """Names of encoders, and what to show for them: the known ones and fine-tuned runs."""
    tuned = [run for run in RunStore().finished() if method_of(run.config).leaves_encoder]
    labels = labels_of(tuned)
    return {MINILM: MINILM, "bert-mini": "bert-mini"} | {
        f"{RUN_PREFIX}{run.id}": f"fine-tuned: {labels[run.id]}" for run in tuned
    }


def show_experiment(start: Start, infos: Sequence[SetInfo], config: ExperimentConfig) -> None:
    """What it works on, what it costs, and the button; or why it cannot be launched."""
    try:
        dataset, plan = load_plan(infos, config)
    except CoreError as error:
        st.error(plain(str(error)))
        return
    show_amounts(dataset, plan)
    finished = RunStore().find(plan.config, dataset.fingerprint)
    show_estimate(plan, estimate_now(plan), config)
    launch(config, finished)
    show_changes(
        start, changed_settings(config, configure(start.base, sources=config.data.sources))
    )
    show_tools(config)


def launch(config: ExperimentConfig, finished: Run | None) -> None:
    """The button; what was launched is followed on Jobs and in the sidebar."""
    with st.container(horizontal=True, vertical_alignment="center"):
        start = st.button("Launch again" if finished else "Launch", type="primary")
        if waiting := jobs_before(config):
            st.caption(f"{count(waiting, 'job')} before it.")
    if finished:
        st.page_link(
            "pages/train.py",
            label="These settings were run on this data already: see that run",
            query_params={"run": finished.id},
        )
    if start:
        try:
            job = submit_experiment(config, again=finished is not None)
        except CoreError as error:
            st.error(plain(str(error)))
            return
        st.session_state[LAUNCHED] = job.id
        st.rerun()  # the sidebar, drawn before the page, shows the job then
    if job_id := st.session_state.get(LAUNCHED):
        show_launched(job_id)


def show_launched(job_id: str) -> None:
    """The job that this session launched last."""
    try:
        job = read_job(job_id)
    except CoreError:
        return
    with st.container(horizontal=True):
        if run := job.result.get("run"):
            st.page_link(
                "pages/train.py", label="Done: see the run", query_params={"run": str(run)}
            )
        label = f"Launched: follow {plain(job.title)} on Jobs"
        st.page_link("pages/jobs.py", label=label, query_params={"job": job.id})


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
    st.markdown("\n".join(lines[:SHOWN_CHANGES]))
    if len(lines) > SHOWN_CHANGES:
        with st.expander(f"{len(lines) - SHOWN_CHANGES} more"):
            st.markdown("\n".join(lines[SHOWN_CHANGES:]))


def show_tools(config: ExperimentConfig) -> None:
    with st.container(horizontal=True):
        with st.popover("Settings file"):
            st.download_button(
                "Download as TOML",
                config_to_toml(config),
                file_name=f"{config.preset or 'experiment'}.toml",
                mime="application/toml",
                on_click="ignore",
            )
            load_file()
        with st.popover("Command line"):
            st.caption("The same experiment from a shell, in the folder of this project:")
            st.code(command_line(config), language="bash", wrap_lines=True)
        with st.popover("Devices"):
            show_devices()


open_page(show_page)
