"""What a job can do. Each task: its settings, whether it wants a GPU, and what runs it."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, Protocol, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from core.articles.options import AUTO, ReadingOptions
from core.articles.source_names import source_names
from core.base.config import StrictConfig
from core.base.errors import JobError
from core.base.progress import OnEpoch, Progress
from core.dataset.config import DataConfig
from core.features.config import EncoderConfig
from core.jobs.fetch_task import FetchTask
from core.jobs.job import DeviceKind
from core.settings.experiment import ExperimentConfig


class Listener(Protocol):
    """Who hears of a task's progress. Either call may raise, which ends the task."""

    @property
    def progress(self) -> Progress: ...

    @property
    def on_epoch(self) -> OnEpoch: ...

    @property
    def on_cluster(self) -> bool:
        """Whether a Ray cluster does the work, whose other machines may help."""
        ...


class ExperimentTask(StrictConfig):
    """Train, tune, test and store one run. again: even if it is there already.

    teacher: settings of the experiment whose fine-tuned encoder it uses. label: what sets it
    apart from others that were submitted with it.
    """

    kind: Literal["experiment"] = "experiment"
    config: ExperimentConfig
    teacher: ExperimentConfig | None = None
    again: bool = False
    label: str = ""

    @property
    def title(self) -> str:
        what = ", ".join(filter(None, (self.config.preset or "own settings", self.label)))
        return f"{what} on {' + '.join(source_names(self.config.data.sources))}"

    @property
    def device_kind(self) -> DeviceKind:
        encodes = self.config.features.kind != "tfidf" or self.config.classifier.kind == "finetune"
        return _kind_for(self.config.features.encoder) if encodes else "cpu"

    def perform(self, listener: Listener) -> dict[str, Any]:
        from core.runs.batch import run_taught
        from core.runs.store import RunStore

        outcome = run_taught(
            self.config,
            RunStore(),
            teacher=self.teacher,
            progress=listener.progress,
            on_epoch=listener.on_epoch,
            again=self.again,
        )
        return {"run": outcome.run.id, "reused": outcome.reused}


class CurveTask(StrictConfig):
    """Measure a learning curve and keep it with its run.

    run: whose; "" for that of these settings, which is trained if it is not there yet.
    """

    kind: Literal["curve"] = "curve"
    config: ExperimentConfig
    run: str = ""

    @property
    def title(self) -> str:
        return f"curve of {ExperimentTask(config=self.config).title}"

    @property
    def device_kind(self) -> DeviceKind:
        return ExperimentTask(config=self.config).device_kind

    def perform(self, listener: Listener) -> dict[str, Any]:
        from core.runs.experiment import run_experiment
        from core.runs.learning_curves import check_curve, measure_learning_curve
        from core.runs.store import RunStore

        check_curve(self.config)
        store, progress = RunStore(), listener.progress
        if self.run:
            run = store.load(self.run)
        else:
            run = run_experiment(self.config, store, progress=progress).run
        curve = measure_learning_curve(run, store, progress=progress)
        return {"run": run.id, "sizes": list(curve.sizes)}


class EmbedTask(StrictConfig):
    """Encode the texts of a data set into the embedding cache, so that later runs find them."""

    kind: Literal["embed"] = "embed"
    data: DataConfig
    encoder: EncoderConfig = EncoderConfig()

    @property
    def title(self) -> str:
        names = " + ".join(source_names(self.data.sources))
        return f"encode {names} with {self.encoder.name}"

    @property
    def device_kind(self) -> DeviceKind:
        return _kind_for(self.encoder)

    def perform(self, listener: Listener) -> dict[str, Any]:
        from core.features.encoder_files import find_encoder
        from core.features.vector_cache import VectorCache
        from core.features.vectors import embed_texts
        from core.runs.experiment import read_dataset

        dataset = read_dataset(ExperimentConfig(data=self.data))
        embedded = embed_texts(
            dataset.texts,
            find_encoder(self.encoder.name),
            self.encoder,
            cache=VectorCache(),
            progress=listener.progress,
        )
        return {
            "texts": len(dataset.texts),
            "reused": embedded.reused,
            "truncated": embedded.truncated,
        }


class _ReadingTask(StrictConfig):
    """What a job keeps of how a source is read: the fields of ReadingOptions."""

    columns: dict[str, str] = Field(default_factory=dict)
    encoding: str = AUTO
    tag_separator: str = ""
    query: str = ""

    @property
    def options(self) -> ReadingOptions:
        return ReadingOptions(self.columns, self.encoding, self.tag_separator, self.query)


class ImportTask(_ReadingTask):
    """Check articles and keep them as a data set. file: a path, or a database's address."""

    kind: Literal["import"] = "import"
    file: str
    name: str
    skip_bad_rows: bool = False
    replace: bool = False
    update: bool = False

    @property
    def title(self) -> str:
        from core.articles.read import source_name

        return f"import {source_name(self.file)} as {self.name}"

    @property
    def device_kind(self) -> DeviceKind:
        return "cpu"

    def perform(self, listener: Listener) -> dict[str, Any]:
        from core.articles.importing import import_source

        info, report = import_source(
            self.file,
            self.name,
            self.options,
            skip_bad_rows=self.skip_bad_rows,
            replace_set=self.replace,
            update=self.update,
            progress=listener.progress,
        )
        listener.progress("read", report.rows, report.rows, "rows")
        return {"data": info.name, "articles": info.articles, "bad_rows": report.bad_count}


class TagTask(_ReadingTask):
    """Tag every article of a file. run: None for the one that suggestions come from."""

    kind: Literal["tag"] = "tag"
    source: str
    target: str
    run: str | None = None

    @property
    def title(self) -> str:
        return f"tag {Path(self.source).name}"

    @property
    def device_kind(self) -> DeviceKind:
        from core.runs.store import RunStore
        from core.suggest.suggester import choose_run

        run = choose_run(RunStore(), self.run)
        return ExperimentTask(config=run.config).device_kind if run else "cpu"

    def perform(self, listener: Listener) -> dict[str, Any]:
        from core.suggest.bulk import tag_file
        from core.suggest.bulk_ray import tag_on_cluster
        from core.suggest.suggester import load_suggester

        workers = partial(tag_on_cluster, wants_gpu=self.device_kind == "gpu")
        suggester = load_suggester(self.run, listener.progress)
        if suggester.warning:
            print(suggester.warning, flush=True)  # into the job's log
        found = tag_file(
            Path(self.source),
            Path(self.target),
            suggester,
            self.options,
            workers=workers if listener.on_cluster else None,
            progress=listener.progress,
        )
        return asdict(found) | {"file": self.target}


Task: TypeAlias = ExperimentTask | CurveTask | EmbedTask | ImportTask | FetchTask | TagTask
_ADAPTER: TypeAdapter[Task] = TypeAdapter(Annotated[Task, Field(discriminator="kind")])


def read_task(settings: dict[str, Any]) -> Task:
    """The task of a job's settings. Raises JobError if this version does not know them."""
    try:
        return _ADAPTER.validate_python(settings)
    except ValidationError as error:
        problem = error.errors(include_url=False)[0]
        where = ".".join(map(str, problem["loc"]))
        raise JobError(
            f"The job's settings cannot be used ({where}: {problem['msg']}). Launch it anew."
        ) from None


def secret_settings(task: Task) -> tuple[str, ...]:
    """Names of the settings that no record of a job may hold."""
    if isinstance(task, FetchTask) and task.key:
        return ("key",)
    if isinstance(task, ImportTask):
        from core.articles.formats.databases import is_database_url

        if is_database_url(task.file) and not task.file.startswith("sqlite"):
            return ("file",)
    return ()


def _kind_for(encoder: EncoderConfig) -> DeviceKind:
    return "gpu" if encoder.device in ("auto", "cuda") else "cpu"
