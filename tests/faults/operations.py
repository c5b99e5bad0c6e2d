"""What is disturbed: operations on a home folder, what each leaves, and what may not be found.

perform does the work and returns its outcome as JSON, the same on every run and after any
disturbance. acknowledge is called with whatever a user was told is kept.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from core.articles.importing import import_source
from core.articles.read import read_articles
from core.articles.store.changes import decide, read_changes
from core.articles.store.record import read_record, sets_folder
from core.articles.store.sets import import_file
from core.base.home import home_folder
from core.base.progress import Progress, no_progress
from core.features.config import EncoderConfig
from core.features.encoder_files import find_encoder
from core.features.vector_cache import VectorCache
from core.features.vectors import embed_texts
from core.feedback.corrections import Correction, FeedbackStore, ShownTag
from core.jobs.job import Job, create_job, new_job_id, read_job
from core.jobs.tasks import ImportTask
from core.jobs.worker import work
from core.runs.experiment import run_experiment
from core.runs.operating_points import OperatingPoints, build_point
from core.runs.store import Run, RunStore
from core.settings.experiment import ExperimentConfig
from core.study.presets import configure, preset_named
from core.suggest.bulk import tag_file
from core.suggest.suggester import load_suggester

CORRECTIONS, FIXES = 12, 5
Acknowledge = Callable[[Any], None]


@dataclass(frozen=True)
class Inputs:
    """articles: a JSON Lines file; encoder: a folder."""

    articles: Path
    encoder: Path

    @property
    def half(self) -> Path:
        """The first half of the articles, beside them."""
        path = self.articles.with_name("half.jsonl")
        if not path.exists():
            lines = self.articles.read_text().splitlines(keepends=True)
            path.write_text("".join(lines[: len(lines) // 2]))
        return path


@dataclass(frozen=True)
class Operation:
    """prepare: what is there before, undisturbed."""

    perform: Callable[[Inputs, Progress, Acknowledge], Any]
    prepare: Callable[[Inputs], None] = lambda inputs: None


def keep_set(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    info, _ = import_source(str(inputs.articles), "blog", replace_set=True, progress=progress)
    acknowledge(info.fingerprint)
    return info.fingerprint


def update_set(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    info, _ = import_source(str(inputs.articles), "blog", update=True, progress=progress)
    acknowledge(info.fingerprint)
    return info.fingerprint


def embed(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    texts = [article.description for article in read_articles(inputs.articles).articles]
    settings = EncoderConfig(name=str(inputs.encoder), device="cpu", max_tokens=32)
    files = find_encoder(settings.name)
    return embed_texts(
        texts, files, settings, cache=VectorCache(), progress=progress
    ).vectors.tolist()


def search(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    return outcome_of(run_experiment(tfidf(inputs), RunStore(), progress=progress).run)


def fine_tune(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    return outcome_of(run_experiment(finetuned(inputs), RunStore(), progress=progress).run)


def save(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    """A run and an operating point; kill points are those of the saving alone."""
    run = run_experiment(tfidf(inputs), RunStore()).run
    acknowledge(run.id)
    points = OperatingPoints(RunStore().folder)
    for cut in range(4):
        points.save(build_point(name=f"cut {cut}", run=run.id, cut=cut))
        acknowledge(f"cut {cut}")
    return [outcome_of(run), sorted(points.of_run(run.id))]


def write_feedback(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    store = FeedbackStore()
    kept = {one.correction.url for one in store.read(limit=1000).kept}
    for number in range(CORRECTIONS):
        if f"u{number}" in kept:
            continue
        shown = tuple(ShownTag(f"t{n}", n / 7, 0.5, n > 3) for n in range(number))
        tags = tuple(f"t{n}" for n in range(0, number, 2)) or ("go",)
        store.save(Correction(f"text {number}", tags, shown=shown, url=f"u{number}"))
        acknowledge(f"u{number}")
    store.database.close()
    return sorted(
        [one.correction.url, one.correction.text, list(one.correction.tags)]
        for one in FeedbackStore().read(limit=1000).kept
    )


def fix_tags(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    """Corrections to a data set, one by one, as Review makes them."""
    done = {change.article for change in read_changes("blog")}
    for number in range(FIXES):
        if f"a{number}" not in done:
            decide("blog", f"a{number}", "checked", has_it=False, fix=True)
            acknowledge(f"a{number}")
    changes = sorted(change.article for change in read_changes("blog"))
    return [changes, read_record(sets_folder() / "blog").info.fingerprint]


def tag_in_bulk(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    target = home_folder() / "tagged.csv"
    tag_file(inputs.articles, target, load_suggester(), rows_at_once=10, progress=progress)
    return sha256(target.read_bytes()).hexdigest()


def work_on_job(inputs: Inputs, progress: Progress, acknowledge: Acknowledge) -> Any:
    """A job from its submission to its end, in this process as its worker."""
    task = ImportTask(file=str(inputs.articles), name="by-job", replace=True)
    now = time.time()
    job = Job(
        id=new_job_id(),
        task=task.kind,
        title=task.title,
        settings=task.model_dump(mode="json"),
        created=now,
        heartbeat=now,
    )
    create_job(job)
    acknowledge(job.id)
    work(job.id)
    ended = read_job(job.id)
    return [ended.state, ended.error, read_record(sets_folder() / "by-job").info.fingerprint]


OPERATIONS = {
    "import": Operation(keep_set),
    "update": Operation(update_set, lambda inputs: _import(inputs.half)),
    "embed": Operation(embed),
    "grid search": Operation(search),
    "fine-tune": Operation(fine_tune),
    "save": Operation(save),
    "feedback": Operation(write_feedback),
    "fix tags": Operation(fix_tags, lambda inputs: _import(inputs.articles)),
    "bulk tag": Operation(tag_in_bulk, lambda inputs: _learn(inputs)),
    "job": Operation(work_on_job),
}


def tfidf(inputs: Inputs) -> ExperimentConfig:
    settings = ["data.min_tag_count=5", "classifier.C=[0.1,1]", "features.max_df=1.0"]
    config = preset_named("best-tfidf").config()
    return configure(config, sources=[str(inputs.articles)], assignments=settings)


def finetuned(inputs: Inputs) -> ExperimentConfig:
    settings = [
        "data.min_tag_count=5",
        f"features.encoder.name={inputs.encoder}",
        "features.encoder.device=cpu",
        "features.encoder.max_tokens=32",
        "finetune.epochs=4",
        "finetune.precision=fp32",
        "augment.level=1",
    ]
    config = preset_named("fixed-06").config()
    return configure(config, sources=[str(inputs.articles)], assignments=settings)


def outcome_of(run: Run) -> Any:
    scores = run.read_part("test").scores
    return [run.report.as_json(), sha256(scores.tobytes()).hexdigest()]


def _import(path: Path) -> None:
    import_file(path, "blog")


def _learn(inputs: Inputs) -> None:
    run_experiment(tfidf(inputs), RunStore(), progress=no_progress)
