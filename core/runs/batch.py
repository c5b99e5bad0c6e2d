"""Several experiments in a row: the study's family, or one preset under a sweep of settings."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from core.articles.article import Article
from core.base.errors import ConfigError, CoreError
from core.base.progress import Progress, no_progress
from core.metrics.averages import MACRO, MICRO, SAMPLES, WEIGHTED
from core.runs.config import RUN_PREFIX, ExperimentConfig
from core.runs.experiment import run_experiment
from core.runs.presets import Preset, configure, family_presets
from core.runs.store import Run, RunStore

AVERAGES = (MICRO, MACRO, WEIGHTED, SAMPLES)


@dataclass(frozen=True)
class Entry:
    """One of several experiments: its run, or why there is none; label: what sets it apart."""

    label: Mapping[str, Any]
    config: ExperimentConfig
    run: Run | None = None
    error: str = ""


def family_entries(sources: Sequence[str], assignments: Sequence[str]) -> list[Entry]:
    """The study's presets and their twins, on the given data and with the given changes."""
    return [
        Entry({"preset": preset.name}, _in_family(preset, sources, assignments))
        for preset in family_presets()
    ]


def _in_family(
    preset: Preset, sources: Sequence[str], assignments: Sequence[str]
) -> ExperimentConfig:
    """The preset's settings; another encoder does not replace the one an experiment fine-tuned."""
    own = preset.config().features.encoder.name
    kept = [f"features.encoder.name={own}"] if own.startswith(RUN_PREFIX) else []
    return configure(preset.config(), sources=sources, assignments=[*assignments, *kept])


def sweep_entries(base: ExperimentConfig, sweeps: Sequence[str]) -> list[Entry]:
    """Every combination of "name=value,value,..." settings on top of `base`.

    Raises ConfigError if one cannot be read or set.
    """
    names, values = zip(*map(_read_sweep, sweeps), strict=True)
    return [
        Entry(
            dict(zip(names, point, strict=True)),
            configure(base, assignments=[f"{n}={v}" for n, v in zip(names, point, strict=True)]),
        )
        for point in product(*values)
    ]


def run_entries(
    entries: Sequence[Entry],
    store: RunStore,
    articles: Sequence[Article],
    *,
    progress: Progress = no_progress,
    again: bool = False,
    on_start: Callable[[Entry], None] = lambda _: None,
) -> Iterator[Entry]:
    """Each entry with its run; one that cannot run says why and does not stop the others.

    An encoder named by a preset is that of the same preset's run before it, if there is one.
    """
    teachers: dict[str, str] = {}
    for entry in entries:
        on_start(entry)
        name = entry.config.features.encoder.name
        taught = [f"features.encoder.name={teachers.get(name, name)}"]
        config = configure(entry.config, assignments=taught)
        try:
            outcome = run_experiment(
                config, store, articles=articles, progress=progress, again=again
            )
            teachers[f"{RUN_PREFIX}{config.preset}"] = f"{RUN_PREFIX}{outcome.run.id}"
            yield Entry(entry.label, entry.config, run=outcome.run)
        except CoreError as error:
            yield Entry(entry.label, entry.config, error=str(error))


def result_row(run: Run) -> dict[str, Any]:
    """One line of a table of runs: F1 of the averages, CV and the same scorer on test, cost."""
    averages, cv = run.report["averages"], run.report["cv"]
    micro = averages[MICRO]
    seconds = run.environment["seconds"]
    return {
        "micro P": micro["precision"],
        "micro R": micro["recall"],
        **{f"{name.removesuffix(' avg')} F1": averages[name]["f1-score"] for name in AVERAGES},
        "scorer": cv["scorer"] if cv else run.config.classifier.scorer,
        "CV": cv["score"] if cv else None,
        "test": run.report["test_scorer"],
        "seconds": round(sum(seconds.values())),
        "MB": round(run.environment["peak_memory_bytes"] / 1e6),
    }


def published_row(preset: Preset) -> dict[str, Any]:
    """The study's own figures in the same columns; empty for a preset without any."""
    if not (published := preset.published):
        return {}
    averages = published.averages
    return {
        "micro P": averages[MICRO].precision,
        "micro R": averages[MICRO].recall,
        **{f"{name.removesuffix(' avg')} F1": averages[name].f1_score for name in AVERAGES},
        "CV": published.cv_score,
    }


def step_row(run: Run) -> dict[str, Any]:
    """Seconds and MB at most of every step."""
    seconds, peak = run.environment["seconds"], run.environment["peak_bytes"]
    return {step: f"{seconds[step]:.1f} s, {peak[step] / 1e6:.0f} MB" for step in seconds}


def _read_sweep(text: str) -> tuple[str, list[str]]:
    name, equals, values = text.partition("=")
    if not equals or not name.strip() or not values.strip():
        raise ConfigError(f"Cannot read sweep {text!r}: write it as name=value,value,...")
    return name.strip(), [value.strip() for value in values.split(",")]
