"""Where runs are kept: one folder each, written whole or not at all."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import pandas as pd

from core.articles.source_names import source_names
from core.articles.store.sets import is_sample
from core.base.errors import CoreError, RunError
from core.base.files import Unreadable, new_folder
from core.base.home import home_folder
from core.methods.taggers import Tagger
from core.runs.files import RunFiles, write_run
from core.runs.records import Environment, Epoch, RunReport, RunResult, RunThresholds, ScoredPart
from core.settings.earlier import without_method
from core.settings.experiment import ExperimentConfig

_ID = re.compile(r"[0-9]{8}-[0-9]{9}-[0-9a-f]{10}")


@dataclass(frozen=True)
class Run:
    """A finished run on disk; its larger parts are read when asked for.

    Reading a part whose file is damaged raises RunError, which names the file.
    """

    id: str
    files: RunFiles
    config: ExperimentConfig
    report: RunReport
    environment: Environment

    @property
    def folder(self) -> Path:
        """The run's folder, which bears its id."""
        return self.files.folder

    @property
    def tags(self) -> tuple[str, ...]:
        """The tags that the run can suggest, sorted: the columns of its scores."""
        return tuple(self.per_tag["tag"])

    @property
    def data_names(self) -> tuple[str, ...]:
        """Names of the data sets or files, as short as tells them apart."""
        return tuple(source_names(self.config.data.sources))

    @property
    def sources(self) -> tuple[str, ...]:
        """The data that was read for the run; of a set the version of that time, as "NAME@2"."""
        known = self.environment.sources
        return self.config.data.sources if known is None else known

    @property
    def config_of_sources(self) -> ExperimentConfig:
        """The settings, with the versions of the data sets that the run was trained on."""
        data = self.config.data.model_copy(update={"sources": self.sources})
        return self.config.model_copy(update={"data": data})

    @property
    def extra_names(self) -> tuple[str, ...]:
        """Names of the sets that the run was trained on and never tested on."""
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
        """The preset and the extra sets; of a study's preset its encoder, if it is another one."""
        preset = self.config.preset or "own settings"
        extra = "".join(f" + {name}" for name in self.extra_names)
        base = self.environment.encoder_base
        if not base or base == "bert-mini" or not preset.startswith(("study-", "fixed-")):
            return preset + extra
        return f"{preset} (recipe with {'MiniLM' if base == 'minilm' else Path(base).name}){extra}"

    @property
    def is_of_sample(self) -> bool:
        """Whether the embedded sample is among its data: no figure of it is a result."""
        return any(map(is_sample, self.config.data.sources))

    @cached_property
    def per_tag(self) -> pd.DataFrame:
        """One row a tag, as `per_tag_table` makes it; "examples": articles it was trained on."""
        return self.files.read_per_tag()

    @cached_property
    def thresholds(self) -> RunThresholds:
        """The thresholds that the run was trained with."""
        return self.files.read_thresholds(self.tags)

    def read_part(self, part: str) -> ScoredPart:
        """The scores of "test" or "out_of_fold"."""
        return self.files.read_part(part, self.tags)

    def read_epochs(self) -> list[Epoch]:
        """Losses and averages after each epoch of fine-tuning; empty for an SVM."""
        return self.files.read_epochs()

    def read_tagger(self) -> Tagger:
        """The trained model."""
        return self.files.read_tagger()


class RunStore:
    """The runs under one folder, by default those of the home folder.

    Only whole runs are there: each is written under a temporary name and then renamed.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or home_folder() / "runs"

    def save(self, result: RunResult) -> Run:
        """Write a run's files and return it as it is read back."""
        now = datetime.now(UTC)
        key = run_key(result.config, result.fingerprint)
        while True:
            run_id = f"{now:%Y%m%d-%H%M%S}{now.microsecond // 1000:03d}-{key}"
            try:
                with new_folder(self.folder / run_id) as folder:
                    write_run(folder, result)
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
        """The run of that id. Raises RunError if it is missing, unfinished or damaged."""
        folder = self.folder / run_id
        if not self.has(run_id):
            raise RunError(f"There is no run {run_id!r}. List them with: python -m core runs")
        files = RunFiles.open(folder)
        report, environment = files.read_report(), files.read_environment()
        return Run(run_id, files, files.read_config(), report, environment)

    def finished(self) -> list[Run]:
        """Finished runs that can be read, newest first."""
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
        """The newest finished run of the same settings and data; None if there is none."""
        key = run_key(config, fingerprint)
        same = (run_id for run_id in self._ids() if run_id.endswith(f"-{key}"))
        return next((run for run in map(self._load_or_none, same) if run is not None), None)

    def folders(self) -> list[Path]:
        """Folders of all runs, readable or not, newest first."""
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
    """Whether a text has the form of a run's id: time in UTC, and the run's key.

    >>> is_run_id("20201126-174054123-0123456789"), is_run_id("best-tfidf")
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def run_key(config: ExperimentConfig, fingerprint: str) -> str:
    """Ten hex digits that agree for the same settings on the same data, wherever it came from."""
    # Without defaults, so that a setting added later does not make every run look new.
    settings = without_method(config.model_dump(mode="json", exclude_defaults=True))
    # "iterative" was the default when the first runs got their keys.
    split = settings.pop("split", {}) | {"method": config.split.method}
    split = {k: v for k, v in split.items() if (k, v) != ("method", "iterative")}
    settings |= {"split": split} if split else {}
    for name in ("sources", "corrections", "extra", "extra_most"):
        settings.get("data", {}).pop(name, None)
    text = json.dumps([settings, fingerprint], sort_keys=True)
    return sha256(text.encode()).hexdigest()[:10]
