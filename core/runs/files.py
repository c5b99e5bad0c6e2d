"""The files of a run's folder: the only place that reads and writes them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from core.base.arrays import read_arrays
from core.base.config import build_config
from core.base.errors import ConfigError, RunError
from core.base.files import file_sha256, read_json_object, why_unreadable, write_json
from core.methods.registry import load_tagger
from core.methods.taggers import Tagger
from core.runs.records import (
    Environment,
    Epoch,
    Record,
    RunReport,
    RunResult,
    RunThresholds,
    ScoredPart,
)
from core.settings.experiment import ExperimentConfig

# Of a run's folder. Format 1 had neither this number nor checksums; an early 2 has the checksums
# of two files only.
FORMAT = 2
CONFIG, REPORT, ENVIRONMENT = "config.json", "report.json", "environment.json"
SCORES, PER_TAG, THRESHOLDS = "scores.npz", "per_tag.parquet", "thresholds.json"
EVENTS, LOG, MODEL = "events.jsonl", "log.txt", "model"
MANIFEST = f"{MODEL}/manifest.json"
_STATUS = "status.json"
# The model's manifest has the checksums of the model's other files.
_CHECKED = (CONFIG, REPORT, ENVIRONMENT, SCORES, PER_TAG, THRESHOLDS, EVENTS, MANIFEST)
_DAMAGES = (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError)
AnyRecord = TypeVar("AnyRecord", bound=Record)


def write_run(folder: Path, result: RunResult) -> None:
    """Write every file of a run into an empty folder; status.json, which says so, comes last."""
    write_json(folder / CONFIG, result.config.model_dump(mode="json"))
    write_json(folder / REPORT, result.report.as_json())
    write_json(folder / THRESHOLDS, result.thresholds.as_json())
    write_json(folder / ENVIRONMENT, result.environment.as_json())
    result.per_tag.to_parquet(folder / PER_TAG, index=False)
    arrays: dict[str, Any] = {"tags": np.array(result.tagger.tags)}
    for name, part in (("test", result.test), ("out_of_fold", result.out_of_fold)):
        arrays |= {
            f"{name}_ids": np.array(part.ids),
            f"{name}_scores": part.scores,
            f"{name}_indices": part.truth.indices,
            f"{name}_indptr": part.truth.indptr,
        }
    np.savez_compressed(folder / SCORES, **arrays)
    result.tagger.save(folder / MODEL)
    events = "".join(json.dumps(event.as_json()) + "\n" for event in result.events)
    (folder / EVENTS).write_text(events, encoding="utf-8")
    (folder / LOG).write_text("\n".join(result.log) + "\n", encoding="utf-8")
    finish_folder(folder)


def finish_folder(folder: Path) -> None:
    """Write the last file of a run's folder, which says that the others are there."""
    files = {name: file_sha256(folder / name) for name in _CHECKED}
    write_json(folder / _STATUS, {"state": "done", "format": FORMAT, "files": files})


def find_environment(folder: Path) -> Environment | None:
    """The environment of a run, which may be damaged in other parts; None if it is unreadable."""
    try:
        return Environment.model_validate(read_json_object(folder / ENVIRONMENT))
    except (OSError, ValueError):
        return None


@dataclass(frozen=True)
class RunFiles:
    """The files of a finished run in `folder`; reading a damaged one raises RunError.

    checksums: sha256 of files by name; of a run of an earlier Tagsmith few or none.
    """

    folder: Path
    checksums: Mapping[str, str]

    @classmethod
    def open(cls, folder: Path) -> "RunFiles":
        """Raises RunError for a run that is unfinished, damaged, or of a newer Tagsmith."""
        with cls(folder, {})._undamaged(_STATUS) as path:
            status = read_json_object(path)
            state, number = status["state"], int(status.get("format", 1))
            checksums = dict(status.get("files", {}))
            if number == FORMAT and not {SCORES, PER_TAG} <= checksums.keys():
                raise ValueError("its checksums are gone")
        if state != "done":
            raise RunError(f"Run {folder.name} is {state}, not done.")
        if number > FORMAT:
            raise RunError(f"Run {folder.name} was kept by a newer Tagsmith. Update Tagsmith.")
        return cls(folder, checksums)

    def read_config(self) -> ExperimentConfig:
        """The settings. Raises RunError if this version of Tagsmith does not know them."""
        with self._undamaged(CONFIG) as path:
            kept = read_json_object(path)
        try:
            return build_config(ExperimentConfig, kept)
        except ConfigError as error:
            raise RunError(
                f"Run {self.folder.name} was kept by another Tagsmith, whose settings this one "
                f"does not know ({error}) Run it again."
            ) from None

    def read_report(self) -> RunReport:
        """The figures of the test part."""
        return self._record(REPORT, RunReport)

    def read_environment(self) -> Environment:
        """Where and how the run was made."""
        return self._record(ENVIRONMENT, Environment)

    def read_thresholds(self, tags: tuple[str, ...]) -> RunThresholds:
        """The thresholds, checked against the run's tags."""
        thresholds = self._record(THRESHOLDS, RunThresholds)
        with self._undamaged(THRESHOLDS):
            if thresholds.per_tag is not None and set(thresholds.per_tag) != set(tags):
                raise ValueError("its tags are not those of the run")
        return thresholds

    def read_per_tag(self) -> pd.DataFrame:
        """One row a tag: its figures on the test part."""
        with self._undamaged(PER_TAG) as path:
            return pd.read_parquet(path)

    def read_part(self, part: str, tags: tuple[str, ...]) -> ScoredPart:
        """The scores of "test" or "out_of_fold"."""
        with self._undamaged(SCORES) as path:
            stored = read_arrays(path)
            scores = stored.floats(f"{part}_scores", None, len(tags))
            truth = stored.sparse(f"{part}_indices", f"{part}_indptr", scores.shape)
            ids = stored.texts(f"{part}_ids")
            if len(ids) != len(scores) or len(set(ids)) < len(ids):
                raise ValueError(f"{part}_ids are not {len(scores)} different ids")
            if "tags" in stored.values and stored.texts("tags") != tags:
                raise ValueError("its tags are not those of the run")
            return ScoredPart(ids, truth, scores)

    def read_epochs(self) -> list[Epoch]:
        """One record an epoch of fine-tuning; empty for an SVM."""
        with self._undamaged(EVENTS) as path:
            events = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            return [Epoch.model_validate(e) for e in events if e["step"] == "epoch"]

    def read_tagger(self) -> Tagger:
        """The trained model."""
        with self._naming(MANIFEST):
            tagger = load_tagger(self.folder / MODEL)
            self._require_unchanged(MANIFEST)
            return tagger

    def _record(self, name: str, kind: type[AnyRecord]) -> AnyRecord:
        with self._undamaged(name) as path:
            return kind.model_validate(read_json_object(path))

    @contextmanager
    def _undamaged(self, name: str) -> Iterator[Path]:
        """A file of the run; RunError naming it if it is not as it was saved, or cannot be read."""
        with self._naming(name):
            self._require_unchanged(name)
            yield self.folder / name

    def _require_unchanged(self, name: str) -> None:
        if self.checksums.get(name, "") not in ("", file_sha256(self.folder / name)):
            raise ValueError("it has changed since it was kept")

    @contextmanager
    def _naming(self, name: str) -> Iterator[None]:
        try:
            yield
        except _DAMAGES as error:
            raise RunError(
                f"Run {self.folder.name} is damaged: {name} cannot be read "
                f"({why_unreadable(error)}). Run it again."
            ) from None
