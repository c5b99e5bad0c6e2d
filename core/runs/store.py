"""Where runs are kept: one folder each, written whole or not at all."""

import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.articles.source_names import source_names
from core.articles.store.sets import is_sample
from core.base.arrays import read_arrays
from core.base.config import build_config
from core.base.errors import ConfigError, CoreError, RunError
from core.base.files import Unreadable, new_folder, read_json_object, write_json
from core.base.home import home_folder
from core.methods.registry import load_tagger
from core.methods.tfidf import Tagger
from core.runs import run_files
from core.runs.records import checked_thresholds
from core.settings.experiment import ExperimentConfig

_ID = re.compile(r"[0-9]{8}-[0-9]{9}-[0-9a-f]{10}")


@dataclass(frozen=True)
class ScoredPart:
    """Scores (n, K) and truth of a part that the scoring model was not fitted on."""

    ids: tuple[str, ...]
    truth: csr_array
    scores: NDArray[np.float32]


@dataclass(frozen=True)
class RunResult:
    """All that an experiment leaves behind; `report` is report.json as it will be written."""

    config: ExperimentConfig
    fingerprint: str
    report: dict[str, Any]
    per_tag: pd.DataFrame
    test: ScoredPart
    out_of_fold: ScoredPart
    thresholds: dict[str, Any]
    tagger: Tagger
    events: list[dict[str, Any]]
    environment: dict[str, Any]
    log: list[str]


@dataclass(frozen=True)
class Run:
    """A finished run on disk; its larger parts are read when asked for.

    checksums: sha256 of files by name, but for the few that a run of an earlier Tagsmith has;
    reading a part whose file is damaged raises RunError.
    """

    id: str
    folder: Path
    config: ExperimentConfig
    report: dict[str, Any]
    environment: dict[str, Any]
    checksums: Mapping[str, str] = field(default_factory=dict)

    @property
    def tags(self) -> tuple[str, ...]:
        return tuple(self.per_tag["tag"])

    @property
    def data_names(self) -> tuple[str, ...]:
        """Names of the data sets or files, as short as tells them apart."""
        return tuple(source_names(self.config.data.sources))

    @property
    def extra_names(self) -> tuple[str, ...]:
        """The same of those that were only learnt from."""
        return tuple(source_names(self.config.data.extra))

    @property
    def label(self) -> str:
        """Short name for lists: recipe, data, day and time."""
        return f"{self.recipe} on {' + '.join(self.data_names)}, {self.when}"

    @property
    def when(self) -> str:
        """Day and time on this machine's clock, such as "11-27 17:40:54"."""
        when = datetime.strptime(f"{self.id[:15]}+0000", "%Y%m%d-%H%M%S%z").astimezone()
        return f"{when:%m-%d %H:%M:%S}"

    @property
    def recipe(self) -> str:
        """The preset, and the extra sets it learnt from.

        One of the study's names its encoder where it is not the study's own.
        """
        preset = self.config.preset or "own settings"
        extra = "".join(f" + {name}" for name in self.extra_names)
        base = self.environment.get("encoder_base", "")
        if not base or base == "bert-mini" or not preset.startswith(("study-", "fixed-")):
            return preset + extra
        return f"{preset} (recipe with {'MiniLM' if base == 'minilm' else Path(base).name}){extra}"

    @property
    def is_of_sample(self) -> bool:
        """Whether the embedded sample is among its data: no figure of it is a result."""
        return any(map(is_sample, self.config.data.sources))

    @cached_property
    def per_tag(self) -> pd.DataFrame:
        with self._undamaged(run_files.PER_TAG) as path:
            return pd.read_parquet(path)

    @cached_property
    def thresholds(self) -> dict[str, Any]:
        with self._undamaged(run_files.THRESHOLDS) as path:
            return checked_thresholds(read_json_object(path), self.tags)

    def read_part(self, part: str) -> ScoredPart:
        """The scores of "test" or "out_of_fold"."""
        tags = self.tags
        with self._undamaged(run_files.SCORES) as path:
            stored = read_arrays(path)
            scores = stored.floats(f"{part}_scores", None, len(tags))
            truth = stored.sparse(f"{part}_indices", f"{part}_indptr", scores.shape)
            ids = stored.texts(f"{part}_ids")
            if len(ids) != len(scores) or len(set(ids)) < len(ids):
                raise ValueError(f"{part}_ids are not {len(scores)} different ids")
            if "tags" in stored.values and stored.texts("tags") != tags:
                raise ValueError("its tags are not those of the run")
            return ScoredPart(ids, truth, scores)

    @property
    def notes(self) -> list[str]:
        """What the run said of itself besides its figures: cuts, limits, what was watched."""
        return list(self.environment.get("notes", []))

    def learning_curve(self) -> list[dict[str, Any]]:
        """One point an epoch: losses and averages of the watched articles; empty for an SVM."""
        with self._undamaged(run_files.EVENTS) as path:
            lines = path.read_text(encoding="utf-8").splitlines()
            return [event for event in map(json.loads, lines) if event["step"] == "epoch"]

    def read_tagger(self) -> Tagger:
        """The trained model. Raises RunError if its files are damaged."""
        try:
            tagger = load_tagger(self.folder / "model")
        except (OSError, ValueError, LookupError, TypeError, AttributeError) as error:
            raise run_files.damaged_file(self.folder, run_files.MANIFEST, error) from None
        # The manifest answers for the model's other files; who answers for it stands here.
        with self._undamaged(run_files.MANIFEST):
            return tagger

    @contextmanager
    def _undamaged(self, name: str) -> Iterator[Path]:
        """A file of the run; RunError naming it if it is not as it was saved, or cannot be read."""
        try:
            run_files.require_unchanged(self.folder, name, self.checksums)
            yield self.folder / name
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise run_files.damaged_file(self.folder, name, error) from None


class RunStore:
    """The runs under one folder, by default those of the home folder."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home_folder() / "runs"

    def save(self, result: RunResult) -> Run:
        """Write the run under a temporary name, then give it its own."""
        now = datetime.now(UTC)
        key = run_key(result.config, result.fingerprint)
        while True:
            run_id = f"{now:%Y%m%d-%H%M%S}{now.microsecond // 1000:03d}-{key}"
            try:
                with new_folder(self.folder / run_id) as folder:
                    _write_result(folder, result)
            except FileExistsError:
                # Another process saved a run of these settings in the same millisecond, if it is
                # the run's own folder that is there.
                if not (self.folder / run_id).is_dir():
                    raise
                now += timedelta(milliseconds=1)
            else:
                return self.load(run_id)

    def has(self, run_id: str) -> bool:
        """Whether there is a run of that id, readable or not."""
        return is_run_id(run_id) and (self.folder / run_id).is_dir()

    def load(self, run_id: str) -> Run:
        """Raises RunError if there is no such run, or it is unfinished or damaged."""
        folder = self.folder / run_id
        if not self.has(run_id):
            raise RunError(f"There is no run {run_id!r}. List them with: python -m core runs")
        checksums = run_files.read_checksums(folder)
        config, report, environment = (
            run_files.read_unchanged(folder, name, checksums)
            for name in (run_files.CONFIG, run_files.REPORT, run_files.ENVIRONMENT)
        )
        try:
            known = build_config(ExperimentConfig, config)
        except ConfigError as error:
            raise RunError(
                f"Run {run_id} was kept by another Tagsmith, whose settings this one does not "
                f"know ({error}) Run it again."
            ) from None
        return Run(run_id, folder, known, report, environment, checksums)

    def finished(self) -> list[Run]:
        """Finished runs, newest first, without those that `survey` finds unreadable."""
        return self.survey()[0]

    def survey(self) -> tuple[list[Run], list[Unreadable]]:
        """Finished runs, and those that cannot be read, each newest first."""
        runs, unreadable = [], []
        for run_id in self._ids():
            try:
                runs.append(self.load(run_id))
            except CoreError as error:
                unreadable.append(Unreadable(run_id, str(error)))
        return runs, unreadable

    def find(self, config: ExperimentConfig, fingerprint: str) -> Run | None:
        """The newest finished run of the same settings and data."""
        key = run_key(config, fingerprint)
        same = (run_id for run_id in self._ids() if run_id.endswith(f"-{key}"))
        return next((run for run in map(self._load_or_none, same) if run is not None), None)

    def folders(self) -> list[Path]:
        """Folders of runs, newest first, unread."""
        return [self.folder / run_id for run_id in self._ids()]

    def _ids(self) -> list[str]:
        folders = (path.name for path in self.folder.glob("*/"))
        return sorted((name for name in folders if _ID.fullmatch(name)), reverse=True)

    def _load_or_none(self, run_id: str) -> Run | None:
        try:
            return self.load(run_id)
        except CoreError:
            return None


def is_run_id(text: str) -> bool:
    return _ID.fullmatch(text) is not None


def run_key(config: ExperimentConfig, fingerprint: str) -> str:
    """Ten hex digits that agree for the same settings on the same data, wherever it came from."""
    # Without defaults, so that a setting added later does not make every run look new.
    settings = config.model_dump(mode="json", exclude_defaults=True)
    # "iterative" was the default when the first runs got their keys.
    split = settings.pop("split", {}) | {"method": config.split.method}
    if split["method"] == "iterative":
        del split["method"]
    if split:
        settings["split"] = split
    for name in ("sources", "corrections", "extra", "extra_most"):
        settings.get("data", {}).pop(name, None)
    text = json.dumps([settings, fingerprint], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:10]


def _write_result(folder: Path, result: RunResult) -> None:
    write_json(folder / run_files.CONFIG, result.config.model_dump(mode="json"))
    write_json(folder / run_files.REPORT, result.report)
    write_json(folder / run_files.THRESHOLDS, result.thresholds)
    write_json(folder / run_files.ENVIRONMENT, result.environment)
    result.per_tag.to_parquet(folder / run_files.PER_TAG, index=False)
    parts = {"test": result.test, "out_of_fold": result.out_of_fold}
    arrays: dict[str, Any] = {
        f"{name}_{k}": v for name, part in parts.items() for k, v in _part_arrays(part).items()
    }
    np.savez_compressed(folder / run_files.SCORES, tags=np.array(result.tagger.tags), **arrays)
    result.tagger.save(folder / "model")
    events = "".join(json.dumps(event) + "\n" for event in result.events)
    (folder / run_files.EVENTS).write_text(events, encoding="utf-8")
    (folder / "log.txt").write_text("\n".join(result.log) + "\n", encoding="utf-8")
    run_files.finish_folder(folder)


def _part_arrays(part: ScoredPart) -> dict[str, NDArray[Any]]:
    return {
        "ids": np.array(part.ids),
        "scores": part.scores,
        "indices": part.truth.indices,
        "indptr": part.truth.indptr,
    }
