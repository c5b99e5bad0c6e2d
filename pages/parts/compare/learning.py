"""Compare: would more articles help? A learning curve that a job measures, and who gains."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from core.articles.store.sets import list_sets
from core.base.numbers import signed
from core.base.progress import format_seconds
from core.evaluate.learning_curve import (
    CURVE_NOTE,
    LearningCurve,
    size_table,
    state_growth,
    state_tag_gains,
    tag_gains,
)
from core.jobs.curves import newest_curve_job
from core.jobs.job import Job
from core.jobs.queue import submit
from core.jobs.tasks import CurveTask
from core.runs.learning_curves import (
    REPEATS,
    curve_seconds,
    has_curve,
    read_learning_curve,
    usable_shares,
)
from core.runs.names import labels_of
from core.runs.store import Run, RunStore
from core.settings.experiment import ExperimentConfig
from core.study.presets import configure, list_presets, preset_named
from pages.parts.compare.charts import growth_lines
from pages.parts.compare.runs import Chosen
from pages.parts.shared.families import family_of, run_colours
from pages.parts.shared.frame import warn_of_sample
from pages.parts.shared.job_views import follow_job
from pages.parts.shared.link import choose_in_link, warn_if_link_names
from pages.parts.shared.notices import errors_shown
from pages.parts.shared.tables import show_chart, show_table
from pages.parts.shared.words import count, plain
from pages.parts.train.loading import estimate_now, load_plan


@dataclass(frozen=True)
class Subject:
    """The run or preset whose curve is asked for.

    run: None where it has to be trained first.

    articles: to learn from. seconds: by step of training on all of them, None if nobody knows
    yet; seconds_before: that it takes until that is done.
    """

    config: ExperimentConfig
    run: Run | None
    articles: int
    seconds: Mapping[str, float] | None
    seconds_before: float = 0.0

    @property
    def task(self) -> CurveTask:
        """The job that measures its curve."""
        return CurveTask(config=self.config, run=self.run.id if self.run else "")


def show_learning_curve(chosen: Chosen, finished: Sequence[Run]) -> None:
    """The curve of a run or a preset; where there is none yet, what it takes to measure it."""
    st.markdown("#### Would more articles help?")
    with errors_shown():
        subject = _choose_subject([*chosen.runs, *finished])
        run = subject.run
        curve = read_learning_curve(run) if run else None
        job = newest_curve_job(subject.task)
        if job and job.is_active:
            follow_job(job, "The measurement")
        elif curve is None:
            _offer(subject, job)
        if run and curve:
            is_said = any(one.is_of_sample for one in chosen.runs)
            warn_of_sample(shown=run.is_of_sample and not is_said)
            _show_growth(curve, run_colours([family_of(run.config)])[0])
            _show_gains(curve)


def _choose_subject(runs: Sequence[Run]) -> Subject:
    """runs: the first one is the default. The choice stands in the address.

    Raises CoreError for a preset that cannot be trained on the chosen data.
    """
    by_id = {run.id: run for run in runs if has_curve(run.config)}
    presets = [preset.name for preset in list_presets() if has_curve(preset.config())]
    labels = labels_of(list(by_id.values())) | {
        name: f"{name}, on a data set of your choice" for name in reversed(presets)
    }
    if (asked := st.query_params.get("curve", "")) not in labels:
        warn_if_link_names(asked)
    name = choose_in_link(
        "Run or preset",
        labels,
        "curve",
        key="curve_of",
        help="Fine-tuned taggers are left out: each would be fine-tuned a dozen times.",
    )
    return _of_run(by_id[name]) if name in by_id else _of_preset(name)


def _of_run(run: Run) -> Subject:
    return Subject(run.config, run, run.report.data.own_train, run.environment.seconds)


def _of_preset(name: str) -> Subject:
    infos = {info.name: info for info in list_sets()}
    data = st.selectbox("Data set", list(infos), key="curve_data", bind="query-params")
    config = configure(preset_named(name).config(), sources=[data])
    dataset, plan = load_plan([infos[data]], config)
    if run := RunStore().find(config, dataset.fingerprint):
        return _of_run(run)
    estimate = estimate_now(plan)
    seconds = estimate.by_step if estimate.known else None
    return Subject(config, None, len(plan.split.train), seconds, estimate.seconds)


def _offer(subject: Subject, job: Job | None) -> None:
    """What measuring takes, and the button. job: the last attempt, which left no curve.

    Raises CoreError if there are too few articles, or no job can be started.
    """
    if job and job.error:
        st.error(plain(job.error))
    trainings = REPEATS * len(usable_shares(subject.articles))
    first = "" if subject.run else "It is trained on all of them first. "
    about = "how long is not known yet"
    if subject.seconds is not None:
        seconds = subject.seconds_before + curve_seconds(subject.seconds, subject.articles)
        about = f"about {format_seconds(seconds)}"
    st.info(
        f"This has not been measured yet. It takes {trainings} trainings on parts of the "
        f"{count(subject.articles, 'training article')}: {about}. {first}"
        "The work continues if you leave this page."
    )
    if st.button("Measure it", type="primary", key="measure_curve"):
        submit(subject.task)
        st.rerun()


def _show_growth(curve: LearningCurve, colour: str) -> None:
    title = [state_growth(curve, line) for line in curve.averages]
    table = size_table(curve)
    averages = [line.name for line in curve.averages]
    show_chart(
        growth_lines(table[table["of"].isin(averages)], colour),
        table,
        "learning-curve.csv",
        label="Download every size and tag",
        title=title,
        key="growth",
        alt=f"{' '.join(title)} Micro and macro F1 against the number of training articles.",
    )
    st.caption(
        f"{count(curve.test_articles, 'test article')}, the same for every size; "
        f"{count(curve.repeats, 'drawing')} of each smaller size. {plain(CURVE_NOTE)}."
    )


def _show_gains(curve: LearningCurve) -> None:
    st.markdown(f"**{plain(state_tag_gains(curve))}**")
    gains = tag_gains(curve)
    show_table(
        gains,
        "tags-that-gain.csv",
        label="Download this table",
        shown=_gains_frame(gains).style.format(precision=3).format(signed, subset=["gain"]),
        height=320,
        alt="What the last step changed for each tag: certain gains first, then the largest.",
    )


def _gains_frame(gains: pd.DataFrame) -> pd.DataFrame:
    """The same with each interval in words, and without what a doubling makes of the gain."""
    frame = gains.drop(columns=["low", "high", "per doubling", "verdict"])
    ends = zip(gains["low"], gains["high"], strict=True)
    intervals = [f"{signed(low)} to {signed(high)}" for low, high in ends]
    return frame.assign(**{"gain 95%": intervals, "verdict": gains["verdict"]})
