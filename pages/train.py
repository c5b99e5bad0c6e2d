"""Train: what shall I try next, and what will it cost?"""

from collections.abc import Sequence

import streamlit as st

from core.articles.store.record import SetInfo
from core.articles.store.sets import list_sets
from core.features.encoder_files import MINILM
from core.methods.registry import method_of
from core.runs.names import labels_of
from core.runs.store import RunStore
from core.settings.experiment import RUN_PREFIX, ExperimentConfig
from core.study.changed_settings import changed_settings
from core.study.presets import configure
from pages.parts.shared.frame import open_page, show_question
from pages.parts.shared.loading import load_statistics
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.sets import choose_set
from pages.parts.train.cost import show_amounts, show_estimate
from pages.parts.train.form import Form
from pages.parts.train.launch import show_changes, show_launching, show_tools
from pages.parts.train.loading import estimate_now, load_plan
from pages.parts.train.run import show_run
from pages.parts.train.settings import choose_method, show_details, show_settings
from pages.parts.train.start import Start, choose_start, joined_sets, keep_draft, open_start


def show_page() -> None:
    """The settings on the left; what they cost, the button and a finished run on the right."""
    show_question(
        "What shall I try next, and what will it cost?",
        do="Choose an experiment on the left, look at its cost on the right, then press Launch.",
    )
    start = open_start()
    info = choose_set()
    left, right = st.columns([9, 11], gap="large")
    with left:
        infos, config = _choose_settings(start, info)
    with right:
        if config is not None:
            with errors_shown():
                _show_experiment(start, infos, config)
        if run_id := st.query_params.get("run"):
            show_run(run_id)


def _choose_settings(start: Start, info: SetInfo) -> tuple[list[SetInfo], ExperimentConfig | None]:
    """The data sets and the settings; None if these do not go together, which is shown."""
    choose_start(start)
    form = Form(start.draft, start.base, start.version)
    choose_method(form)
    show_settings(form, "First")
    with st.expander("Articles"):
        infos = joined_sets(info)
        languages, beside = _languages_of(infos), _sets_beside(infos)
        show_settings(form, "Articles", {"data.languages": languages, "data.extra": beside})
    show_details(form, {"features.encoder.name": _encoders()})
    with errors_shown():
        config = configure(form.config(), sources=[one.name for one in infos])
        keep_draft(start, config)
        return infos, config
    return infos, None


def _languages_of(infos: Sequence[SetInfo]) -> dict[str, str]:
    codes = sorted({code for info in infos for code in load_statistics(info)[0].languages})
    return {code: code for code in codes}


def _sets_beside(infos: Sequence[SetInfo]) -> dict[str, str]:
    """Names of the sets that are not among these."""
    chosen = {info.name for info in infos}
    return {info.name: info.name for info in list_sets() if info.name not in chosen}


def _encoders() -> dict[str, str]:
    """Names of encoders, and what to show for them: the known ones and fine-tuned runs."""
    tuned = [run for run in RunStore().finished() if method_of(run.config).leaves_encoder]
    labels = labels_of(tuned)
    return {MINILM: MINILM, "bert-mini": "bert-mini"} | {
        f"{RUN_PREFIX}{run.id}": f"fine-tuned: {labels[run.id]}" for run in tuned
    }


def _show_experiment(start: Start, infos: Sequence[SetInfo], config: ExperimentConfig) -> None:
    """What it works on, what it costs, and the button. Raises CoreError if it cannot be run."""
    dataset, plan = load_plan(infos, config)
    show_amounts(dataset, plan)
    show_estimate(plan, estimate_now(plan), config)
    show_launching(config, RunStore().find(plan.config, dataset.fingerprint))
    base = configure(start.base, sources=config.data.sources)
    show_changes(start, changed_settings(config, base))
    show_tools(config)


open_page(show_page)
