"""Several experiments in a row: the study's family, or one preset under a sweep of settings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

from core.articles.store.sets import read_with_plans
from core.base.config import split_values
from core.base.errors import ConfigError, CoreError
from core.base.progress import OnEpoch, Progress, no_epoch, no_progress
from core.methods.reading import refuse_unread
from core.metrics.averages import AVERAGES, MICRO, Average
from core.runs.experiment import Outcome, run_experiment
from core.runs.sources import Read, SourceReader
from core.runs.store import Run, RunStore
from core.settings.experiment import RUN_PREFIX, ExperimentConfig
from core.study.presets import Preset, configure, family_presets


@dataclass(frozen=True)
class Entry:
    """One of several experiments: its run, or the error that kept it from running.

    label: the settings, or the preset, in which it differs from the others. teacher: settings of
    the experiment whose fine-tuned encoder it uses.
    """

    label: Mapping[str, Any]
    config: ExperimentConfig
    teacher: ExperimentConfig | None = None
    run: Run | None = None
    error: str = ""

    @property
    def name(self) -> str:
        """For people: the preset and its encoder, or "setting=value, ..." of a sweep."""
        if list(self.label) != ["preset"]:
            return ", ".join(f"{name}={value}" for name, value in self.label.items())
        return self.run.recipe if self.run else str(self.label["preset"])


def family_entries(sources: Sequence[str], assignments: Sequence[str]) -> list[Entry]:
    """The study's presets and their twins, on the given data and with the given changes.

    Raises ConfigError for a change that would have no effect on any of them.
    """
    configs = {p.name: _in_family(p, sources, assignments) for p in family_presets()}
    refuse_unread(list(configs.values()), [a.partition("=")[0].strip() for a in assignments])
    by_encoder = {f"{RUN_PREFIX}{name}": config for name, config in configs.items()}
    return [
        Entry({"preset": name}, config, by_encoder.get(config.features.encoder.name))
        for name, config in configs.items()
    ]


def _in_family(
    preset: Preset, sources: Sequence[str], assignments: Sequence[str]
) -> ExperimentConfig:
    """The preset's settings; another encoder does not replace the one an experiment fine-tuned."""
    own = preset.config().features.encoder.name
    kept = [f"features.encoder.name={own}"] if own.startswith(RUN_PREFIX) else []
    return configure(preset.config(), sources=sources, assignments=[*assignments, *kept])


def sweep_entries(base: ExperimentConfig, sweeps: Sequence[str]) -> list[Entry]:
    """An experiment for every combination of "name=value,value,..." settings on top of `base`.

    A value that is a list, or holds a comma, is written as JSON: [1,2] or "a,b".
    Raises ConfigError for a sweep that cannot be read, an impossible value, or a setting in two
    sweeps.

    >>> entries = sweep_entries(ExperimentConfig(), ["seed=1,2", "data.min_tag_count=5,10"])
    >>> [entry.name for entry in entries][:2]
    ['seed=1, data.min_tag_count=5', 'seed=1, data.min_tag_count=10']
    """
    read = [_read_sweep(sweep) for sweep in sweeps]
    names = [name for name, _ in read]
    if twice := [name for name in names if names.count(name) > 1]:
        raise ConfigError(f"There are two sweeps of {twice[0]!r}. Write all its values in one.")
    return [
        Entry(
            dict(zip(names, point, strict=True)),
            configure(base, assignments=[f"{n}={v}" for n, v in zip(names, point, strict=True)]),
        )
        for point in product(*(values for _, values in read))
    ]


def run_entries(
    entries: Sequence[Entry],
    store: RunStore,
    *,
    read: Read | None = None,
    progress: Progress = no_progress,
    again: bool = False,
    on_start: Callable[[Entry], None] = lambda _: None,
) -> Iterator[Entry]:
    """Run the experiments one after the other and yield each with its run, or with its error.

    read: reads each experiment's own sources, by default every list of sources once. on_start:
    called before each experiment.
    """
    read = read or SourceReader()
    for entry in entries:
        on_start(entry)
        try:
            outcome = run_taught(
                entry.config,
                store,
                teacher=entry.teacher,
                read=read,
                progress=progress,
                again=again,
            )
            yield replace(entry, run=outcome.run)
        except CoreError as error:
            yield replace(entry, error=str(error))


def run_taught(
    config: ExperimentConfig,
    store: RunStore,
    *,
    teacher: ExperimentConfig | None,
    read: Read = read_with_plans,
    progress: Progress = no_progress,
    on_epoch: OnEpoch = no_epoch,
    again: bool = False,
) -> Outcome:
    """As run_experiment, with the encoder that the teacher's run fine-tuned.

    The teacher is run first unless it has a finished run. None: the settings name their encoder.
    """
    if teacher is not None:
        taught = run_experiment(teacher, store, read=read, progress=progress).run
        name = f"features.encoder.name={RUN_PREFIX}{taught.id}"
        config = configure(config, assignments=[name])
    return run_experiment(
        config, store, read=read, progress=progress, on_epoch=on_epoch, again=again
    )


def result_row(run: Run) -> dict[str, Any]:
    """A run in a table of runs: averages, cross-validation, the same scorer on test, cost."""
    cv = run.report.cv
    return {
        **_average_columns(run.report.averages),
        "scorer": cv.scorer if cv else run.config.classifier.scorer,
        "CV": cv.score if cv else None,
        "test": run.report.test_scorer,
        "seconds": round(run.environment.total_seconds),
        "MB": round(run.environment.peak_memory_bytes / 1e6),
    }


def published_row(preset: Preset) -> dict[str, Any]:
    """The study's own figures in the same columns; empty for a preset without any."""
    if not (published := preset.published):
        return {}
    return {**_average_columns(published.averages), "CV": published.cv_score}


def step_row(run: Run) -> dict[str, Any]:
    """Time and peak memory of every step, as text."""
    peak = run.environment.peak_bytes
    return {
        step: f"{seconds:.1f} s, {peak[step] / 1e6:.0f} MB"
        for step, seconds in run.environment.seconds.items()
    }


def _average_columns(averages: Mapping[str, Average]) -> dict[str, float]:
    return {
        "micro P": averages[MICRO].precision,
        "micro R": averages[MICRO].recall,
        **{f"{name.removesuffix(' avg')} F1": averages[name].f1_score for name in AVERAGES},
    }


def _read_sweep(text: str) -> tuple[str, list[str]]:
    name, equals, values = (part.strip() for part in text.partition("="))
    if not equals or not name or not values:
        raise ConfigError(f"Cannot read sweep {text!r}: write it as name=value,value,...")
    if name == "preset":
        raise ConfigError(
            "A preset cannot be swept: it only names where the settings come from. Run "
            "each preset on its own, or sweep the settings in which they differ."
        )
    return name, split_values(values)
