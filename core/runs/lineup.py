"""Stored runs side by side: what the Compare page and `compare` on the command line show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.evaluate.bands import build_bands
from core.evaluate.comparison import Comparison, Contender, compare, find_mismatches
from core.evaluate.export import SUPPORT
from core.evaluate.outcomes import MEASURES, short_name
from core.methods.registry import list_methods, method_of
from core.metrics.averages import MICRO
from core.runs.store import Run
from core.study.changed_settings import flat_settings
from core.study.presets import preset_named
from core.study.published import PUBLISHED_NOTE

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Lineup:
    """One table of all runs if they can be compared; otherwise a table a run, and the reasons.

    mismatches: why the runs cannot be compared, a sentence each. tag_counts: training articles of
    each tag, (K,); band_sizes: number of tags in each band of the table. Both are empty for runs
    that cannot be compared.
    """

    tables: tuple[Comparison, ...]
    mismatches: tuple[str, ...]
    tag_counts: tuple[int, ...] = ()
    band_sizes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Cost:
    """What a run cost: seconds of training and of all steps, peak memory, size of the model."""

    train_seconds: float
    total_seconds: float
    peak_memory_bytes: int
    model_bytes: int


def choose_alike(runs: Sequence[Run]) -> list[Run]:
    """The newest run of each family of methods on the newest run's data and split.

    runs: the newest first, at least one. In the order of the methods; with one family only, the
    newest other run and then the newest.
    """
    alike = [run for run in runs if _basis(run) == _basis(runs[0])]
    by_family = {method_of(run.config).family: run for run in reversed(alike)}
    if len(by_family) == 1:
        return alike[1::-1]
    order = dict.fromkeys(method.family for method in list_methods())
    return [by_family[family] for family in order if family in by_family]


def _basis(run: Run) -> tuple[str, str, int]:
    return run.environment.fingerprint, run.config.split.model_dump_json(), run.config.seed


def line_up_runs(runs: Sequence[Run], *, reference: str, names: Mapping[str, str]) -> Lineup:
    """Runs side by side, each compared with the run whose id is `reference`.

    names: by run id, what each is called in the tables.
    """
    contenders = [build_contender(run, names[run.id]) for run in runs]
    return line_up(contenders, training_counts(runs), names[reference])


def line_up(contenders: Sequence[Contender], counts: IntArray, reference: str) -> Lineup:
    """Contenders side by side, each compared with the one whose name is `reference`.

    counts: training articles of each tag, (K,), by which tags are sorted into bands.
    """
    if mismatches := find_mismatches(contenders):
        tables = [compare([contender], reference=contender.name) for contender in contenders]
        return Lineup(tuple(tables), tuple(mismatches))
    bands = build_bands(counts)
    table = compare(contenders, reference=reference, bands=bands)
    sizes = tuple(len(band.columns) for band in bands)
    return Lineup((table,), (), tuple(counts.tolist()), sizes)


def build_contender(run: Run, name: str) -> Contender:
    """The run's test part at its own thresholds, its articles sorted by id."""
    test = run.read_part("test")
    order = np.argsort(np.array(test.ids), kind="stable")
    return Contender(
        name=name,
        fingerprint=run.environment.fingerprint,
        tags=run.tags,
        test_ids=tuple(test.ids[row] for row in order),
        truth=test.truth[order],
        scores=test.scores[order],
        cuts=run.thresholds.cuts(run.tags),
    )


def training_counts(runs: Sequence[Run]) -> IntArray:
    """The data's own training articles of each tag, (K,), for runs on the same data and split.

    Counted if a run has out-of-fold scores of every training article; otherwise estimated from the
    test part.
    """
    for run in runs:
        held_out = run.read_part("out_of_fold")
        if len(held_out.ids) == run.report.data.own_train:
            return np.asarray(held_out.truth.sum(axis=0, dtype=np.int64)).ravel()
    test, data = runs[0].read_part("test"), runs[0].report.data
    share = data.own_train / data.test
    return np.rint(np.asarray(test.truth.sum(axis=0)).ravel() * share).astype(np.int64)


def count_examples(run: Run) -> IntArray:
    """Articles that each tag was trained on, (K,), corrections and extra articles included.

    For a run of an earlier Tagsmith, which did not count them, the data's own articles.
    """
    if "examples" in run.per_tag:
        return run.per_tag["examples"].to_numpy(np.int64)
    return training_counts([run])


def cost_of(run: Run) -> Cost:
    """What the run noted of its time and memory, and the size of its model on disk."""
    model = (path for path in (run.folder / "model").rglob("*") if path.is_file())
    return Cost(
        train_seconds=run.environment.train_seconds,
        total_seconds=run.environment.total_seconds,
        peak_memory_bytes=run.environment.peak_memory_bytes,
        model_bytes=sum(path.stat().st_size for path in model),
    )


def list_settings(runs: Sequence[Run], *, all_of_them: bool = False) -> dict[str, list[Any]]:
    """By dotted name, a setting's value in each run; only those that differ, unless all_of_them."""
    flat = [flat_settings(run.config) for run in runs]
    names = dict.fromkeys(name for settings in flat for name in settings)
    table = {name: [settings.get(name) for settings in flat] for name in names}
    return {
        name: values
        for name, values in table.items()
        if all_of_them or any(value != values[0] for value in values)
    }


def published_columns(runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    """The study's published figures of the runs' presets, for columns beside the runs' own.

    By heading, which says that they are published, then by the figure's name.
    """
    columns = {}
    for preset in dict.fromkeys(run.config.preset for run in runs if run.config.preset):
        if published := preset_named(preset).published:
            support = {SUPPORT: float(published.averages[MICRO].support)}
            columns[f"{preset} ({PUBLISHED_NOTE})"] = support | {
                f"{short_name(average)} {measure}": value
                for average, figures in published.averages.items()
                for measure, value in zip(
                    MEASURES, (figures.precision, figures.recall, figures.f1_score), strict=True
                )
            }
    return columns
