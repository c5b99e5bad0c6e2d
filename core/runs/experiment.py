"""Run one experiment. The only place that knows the order of the steps."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from core.articles.article import Article
from core.articles.store.sets import SourceArticles, read_sources, read_with_plans
from core.articles.store.versions import pinned
from core.base.home import home_folder
from core.base.progress import OnEpoch, Progress, no_epoch, no_progress
from core.dataset.augment import augment_texts
from core.dataset.dataset import TagDataset, build_dataset
from core.dataset.groups import groups_with_further
from core.dataset.split import Split, split_dataset
from core.methods.base import Trained, Training
from core.methods.part import Labelled, TrainingPart
from core.methods.registry import method_of
from core.methods.work import Planning, WorkPlan
from core.models.thresholds import tune_thresholds
from core.runs.encoders import find_encoder_files
from core.runs.journal import Journal
from core.runs.records import RunResult, ScoredPart
from core.runs.results import (
    article_ids,
    build_per_tag,
    build_run_report,
    record_thresholds,
    state_data,
    state_dataset,
)
from core.runs.sources import Read
from core.runs.store import Run, RunStore, is_run_id, run_key
from core.settings.experiment import RUN_PREFIX, ExperimentConfig
from core.study.presets import configure, preset_named


@dataclass(frozen=True)
class Outcome:
    """A finished run, and whether it was there before."""

    run: Run
    reused: bool


def run_experiment(
    config: ExperimentConfig,
    store: RunStore,
    *,
    articles: Sequence[Article] | None = None,
    read: Read = read_with_plans,
    progress: Progress = no_progress,
    on_epoch: OnEpoch = no_epoch,
    again: bool = False,
) -> Outcome:
    """Train, tune, test and store; a finished run of the same settings and data is returned.

    articles, read: as read_dataset has them. on_epoch: gets each point of a learning curve.
    again: run in any case.
    Raises CoreError for data or settings that cannot work.
    """
    journal = Journal(progress, on_epoch)
    with journal.step("read"):
        dataset = read_dataset(config, articles, read=read)
    journal.note(state_dataset(dataset))
    config = _with_teacher(config, dataset, store, progress)
    return _run_on(dataset, config, store, journal, again=again)


def read_dataset(
    config: ExperimentConfig,
    articles: Sequence[Article] | None = None,
    *,
    read: Read = read_with_plans,
) -> TagDataset:
    """The data set of the settings, which knows what version of each source it was read from.

    read: reads the settings' sources, such as a SourceReader. articles: made in memory, which
    stand for the sources; what was read from sources never comes this way.
    """
    sources = tuple(map(pinned, config.data.sources))
    found = read(sources) if articles is None else SourceArticles(sources, tuple(articles))
    corrections, extra = (
        read_sources(names) if names else ()
        for names in (config.data.corrections, config.data.extra)
    )
    dataset = build_dataset(found.articles, config.data, corrections=corrections, extra=extra)
    return replace(dataset, sources=sources, readings=tuple(found.readings.values()))


def _run_on(
    dataset: TagDataset, config: ExperimentConfig, store: RunStore, journal: Journal, *, again: bool
) -> Outcome:
    if not again and (finished := store.find(config, dataset.fingerprint)):
        return Outcome(finished, reused=True)
    run = store.save(train(config, dataset, store, journal))
    shutil.rmtree(checkpoint_folder(config, dataset.fingerprint), ignore_errors=True)
    return Outcome(run, reused=False)


def train(
    config: ExperimentConfig,
    dataset: TagDataset,
    store: RunStore,
    journal: Journal,
    *,
    split: Split | None = None,
) -> RunResult:
    """Split, train, tune and test: everything between a data set and what is stored of a run.

    split: another than that of the settings.
    """
    method_of(config).check(config)
    with journal.step("split"):
        split = split or split_dataset(dataset, config.split, seed=config.seed)
        part = build_training_part(config, dataset, split)
    test = Labelled([dataset.texts[row] for row in split.test], dataset.Y[split.test])
    trained, work = _train_method(config, dataset, split, part, test, store, journal)
    rows = split.train[trained.held_out_rows]
    held_out = ScoredPart(article_ids(dataset, rows), dataset.Y[rows], trained.held_out)
    with journal.step("thresholds"):
        thresholds = tune_thresholds(held_out.truth, held_out.scores, config.thresholds)
    tagger = trained.tagger.with_thresholds(thresholds.in_use())
    with journal.step("test"):
        scores = trained.score_test() if trained.score_test else tagger.scores(test.texts)
    tested = ScoredPart(article_ids(dataset, split.test), test.truth, scores)
    per_tag = build_per_tag(dataset, split, tested, thresholds.in_use())
    report = build_run_report(config, dataset, split, tested, thresholds, trained.search, per_tag)
    notes = [*trained.notes, *state_data(dataset, config.data, report.data, per_tag)]
    for note in notes:
        journal.note(note)
    return RunResult(
        config=config,
        fingerprint=dataset.fingerprint,
        report=report,
        per_tag=per_tag,
        test=tested,
        out_of_fold=held_out,
        thresholds=record_thresholds(thresholds, trained.tuned_on, dataset.tags, config),
        tagger=tagger,
        events=journal.events,
        environment=journal.environment(
            seed=config.seed,
            fingerprint=dataset.tested_fingerprint,
            sources=dataset.sources,
            readings=dataset.readings,
            extra_articles=report.data.extra.learnt,
            notes=notes,
            work=work,
            **(trained.facts.known() if trained.facts else {}),
        ),
        log=journal.log,
    )


def _train_method(
    config: ExperimentConfig,
    dataset: TagDataset,
    split: Split,
    part: TrainingPart,
    test: Labelled,
    store: RunStore,
    journal: Journal,
) -> tuple[Trained, dict[str, dict[str, float]]]:
    """What the method of the settings trains, and the work that this was."""
    method = method_of(config)
    files, unseen = find_encoder_files(config, dataset, split, store)
    plan = method.plan(Planning(config, part, files, dataset, split, one_fold=len(unseen) > 0))
    checkpoint = checkpoint_folder(config, dataset.fingerprint)
    with journal.step("train"):
        trained = method.train(Training(config, part, files, test, checkpoint, journal, unseen))
    return trained, done_work(plan, epochs=trained.epochs)


def done_work(plan: WorkPlan, *, epochs: int) -> dict[str, dict[str, float]]:
    """Step -> kind -> amount as it was done; epochs: of fine-tuning, made in this process."""
    done: dict[str, dict[str, float]] = {}
    for work in plan.parts:
        share = epochs / work.epochs if work.epochs else 1.0
        done.setdefault(work.step, {})[work.kind] = work.amount * share
    return done


def build_training_part(
    config: ExperimentConfig, dataset: TagDataset, split: Split
) -> TrainingPart:
    """The training articles and their augmented copies."""
    articles = [dataset.articles[row] for row in split.train]
    truth = dataset.Y[split.train]
    texts, originals = augment_texts(
        [dataset.texts[row] for row in split.train],
        [article.language for article in articles],
        truth,
        config.augment,
        seed=config.seed,
    )
    own = int(np.searchsorted(split.train, dataset.own))
    groups = groups_with_further(articles, own)
    learnt_only = len(articles) - own
    return TrainingPart(
        texts, truth[originals], dataset.tags, originals, groups, learnt_only, config.split.rule
    )


def checkpoint_folder(config: ExperimentConfig, fingerprint: str) -> Path:
    """Where fine-tuning of these settings on this data keeps its last epoch."""
    return home_folder() / "cache" / "checkpoints" / run_key(config, fingerprint)


def _with_teacher(
    config: ExperimentConfig, dataset: TagDataset, store: RunStore, progress: Progress
) -> ExperimentConfig:
    """The settings with "run:PRESET" as encoder replaced by the run itself, made if need be."""
    name = config.features.encoder.name
    wanted = name.removeprefix(RUN_PREFIX)
    if wanted == name or is_run_id(wanted):
        return config
    run = _run_on(dataset, teacher_of(config), store, Journal(progress), again=False).run
    return configure(config, assignments=[f"features.encoder.name={RUN_PREFIX}{run.id}"])


def teacher_of(config: ExperimentConfig) -> ExperimentConfig:
    """Settings of the preset that "run:PRESET" names, on this data, split, copies and seed."""
    preset = config.features.encoder.name.removeprefix(RUN_PREFIX)
    shared = {part: getattr(config, part) for part in ("data", "split", "augment", "seed")}
    return preset_named(preset).config().model_copy(update=shared)
