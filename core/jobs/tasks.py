"""What a job can do. Each task: its settings, whether it wants a GPU, and what runs it."""

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field, TypeAdapter, ValidationError

from core.articles.options import AUTO, ReadingOptions
from core.articles.source_names import source_names
from core.base.errors import JobError
from core.features.config import EncoderConfig
from core.jobs.fetch_task import FetchTask
from core.jobs.job import DeviceKind
from core.jobs.task import JobTask, Listener
from core.methods.registry import method_of
from core.settings.experiment import ExperimentConfig


class ExperimentTask(JobTask):
    """Train, tune, test and store one run.

    teacher: settings of the experiment whose fine-tuned encoder it uses. again: do the work even
    if there is such a run. label: what sets it apart from others that were submitted with it.
    """

    kind: Literal["experiment"] = "experiment"
    config: ExperimentConfig
    teacher: ExperimentConfig | None = None
    again: bool = False
    label: str = ""

    @property
    def title(self) -> str:
        """The preset, what sets this run apart, and its data."""
        what = ", ".join(filter(None, (self.config.preset or "own settings", self.label)))
        return f"{what} on {' + '.join(source_names(self.config.data.sources))}"

    @property
    def device_kind(self) -> DeviceKind:
        """A GPU where the method uses an encoder that may run on one."""
        encodes = method_of(self.config).uses_encoder(self.config)
        return _kind_for(self.config.features.encoder) if encodes else "cpu"

    def perform(self, listener: Listener) -> dict[str, Any]:
        """Train the run, or find it; the result names it."""
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


class CurveTask(JobTask):
    """Measure a learning curve and keep it with its run.

    run: the run's id; "" for the run of these settings, which is trained if there is none yet.
    """

    kind: Literal["curve"] = "curve"
    config: ExperimentConfig
    run: str = ""

    @property
    def title(self) -> str:
        """The experiment whose curve it is."""
        return f"curve of {ExperimentTask(config=self.config).title}"

    @property
    def device_kind(self) -> DeviceKind:
        """As the experiment's."""
        return ExperimentTask(config=self.config).device_kind

    def perform(self, listener: Listener) -> dict[str, Any]:
        """Measure the curve; the result names its run and the sizes."""
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


class _ReadingTask(JobTask):
    """What a job keeps of how a source is read: the fields of ReadingOptions."""

    columns: dict[str, str] = Field(default_factory=dict)
    encoding: str = AUTO
    tag_separator: str = ""
    query: str = ""

    @property
    def options(self) -> ReadingOptions:
        """The same as a record, which readers of files take."""
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
        """The source without any password, and the set's name."""
        from core.articles.read import source_name

        return f"import {source_name(self.file)} as {self.name}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The address of a database on a server, which may hold a password."""
        from core.articles.formats.databases import is_database_url

        on_server = is_database_url(self.file) and not self.file.startswith("sqlite")
        return ("file",) if on_server else ()

    def perform(self, listener: Listener) -> dict[str, Any]:
        """Keep the articles; the result names the set and counts its rows."""
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
        """The file's name."""
        return f"tag {Path(self.source).name}"

    @property
    def device_kind(self) -> DeviceKind:
        """As that of the experiment which made the run."""
        from core.runs.store import RunStore
        from core.suggest.suggester import choose_run

        run = choose_run(RunStore(), self.run)
        return ExperimentTask(config=run.config).device_kind if run else "cpu"

    def perform(self, listener: Listener) -> dict[str, Any]:
        """Tag the file; the result counts its rows and names the tagged file."""
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


Task: TypeAlias = ExperimentTask | CurveTask | ImportTask | FetchTask | TagTask
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


def _kind_for(encoder: EncoderConfig) -> DeviceKind:
    return "gpu" if encoder.device in ("auto", "cuda") else "cpu"
