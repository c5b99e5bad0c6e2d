"""Run one experiment. The only place that knows the order of the steps."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from core.articles.article import Article
from core.articles.sets import read_sources
from core.base.progress import Progress, no_progress
from core.dataset.augment import augment_texts
from core.dataset.dataset import TagDataset, build_dataset
from core.dataset.groups import duplicate_groups
from core.dataset.split import Split, split_dataset
from core.metrics.counts import predict
from core.metrics.report import Report, averages_json, build_report, per_tag_table
from core.metrics.scorers import score_prediction
from core.models.search import SearchResult, build_folds, fit_count, search_tfidf_svm
from core.models.tagger import TfidfTagger
from core.models.thresholds import Thresholds, tune_thresholds
from core.runs.config import ExperimentConfig
from core.runs.journal import Journal
from core.runs.store import Run, RunResult, RunStore, ScoredPart


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
    progress: Progress = no_progress,
    again: bool = False,
) -> Outcome:
    """Train, tune, test and store; a finished run of the same settings and data is returned.

    articles: those of config.data.sources if they are read already. again: run in any case.
    Raises CoreError for data or settings that cannot work.
    """
    journal = Journal(progress)
    with journal.step("read"):
        dataset = build_dataset(articles or read_sources(config.data.sources), config.data)
    journal.note(_dataset_note(dataset))
    if not again and (finished := store.find(config, dataset.fingerprint)):
        return Outcome(finished, reused=True)
    return Outcome(store.save(train(config, dataset, journal)), reused=False)


def train(config: ExperimentConfig, dataset: TagDataset, journal: Journal) -> RunResult:
    """Everything between a data set and what is stored of a run."""
    with journal.step("split"):
        split = split_dataset(dataset, config.split, seed=config.seed)
    with journal.step("train"):
        found = _search(config, dataset, split, journal)
    with journal.step("thresholds"):
        # Copies made by augmentation do not count: a cut is for real articles.
        held_out = found.out_of_fold[: len(split.train)]
        thresholds = tune_thresholds(dataset.Y[split.train], held_out, config.thresholds)
    tagger = TfidfTagger(dataset.tags, thresholds.in_use(), found.features, found.svm)
    with journal.step("test"):
        scores = tagger.scores([dataset.texts[row] for row in split.test])
    truth = dataset.Y[split.test]
    languages = [dataset.articles[row].language for row in split.test]
    report = build_report(truth, scores, thresholds.cuts(), at=thresholds.rule, languages=languages)
    if found.svm.unconverged:
        journal.note(f"{found.svm.unconverged} tags stopped at the solver's iteration limit")
    return RunResult(
        config=config,
        fingerprint=dataset.fingerprint,
        report=report_json(report)
        | {
            "cv": _cv_json(config, found),
            "test_scorer": score_prediction(config.classifier.scorer, truth, predict(scores, 0.0)),
            "data": _data_json(dataset, split),
        },
        per_tag=per_tag_table(truth, predict(scores, thresholds.in_use()), dataset.tags),
        test=ScoredPart(_ids(dataset, split.test), truth, scores),
        out_of_fold=ScoredPart(_ids(dataset, split.train), dataset.Y[split.train], held_out),
        thresholds=_thresholds_json(thresholds, dataset.tags, config),
        tagger=tagger,
        events=journal.events,
        environment=journal.environment(seed=config.seed, fingerprint=dataset.fingerprint),
        log=journal.log,
    )


def report_json(report: Report) -> dict[str, Any]:
    """A report as report.json holds it."""
    return asdict(report) | {
        "averages": averages_json(report.averages),
        "cuts": {rule: averages_json(averages) for rule, averages in report.cuts.items()},
        "per_language": {code: averages_json(a) for code, a in report.per_language.items()},
        "precision_at": {str(k): value for k, value in report.precision_at.items()},
        "ndcg_at": {str(k): value for k, value in report.ndcg_at.items()},
    }


def _search(
    config: ExperimentConfig, dataset: TagDataset, split: Split, journal: Journal
) -> SearchResult:
    """Grid search on the training part and its augmented copies."""
    articles = [dataset.articles[row] for row in split.train]
    texts, originals = augment_texts(
        [dataset.texts[row] for row in split.train],
        [article.language for article in articles],
        config.augment,
        seed=config.seed,
    )
    folds = build_folds(duplicate_groups(articles)[originals], config.classifier, seed=config.seed)
    total = fit_count(config.features, config.classifier, len(dataset.tags))
    done = 0

    def on_fit() -> None:
        nonlocal done
        done += 1
        journal.report("train", done, total, "fits")

    return search_tfidf_svm(
        texts,
        dataset.Y[split.train][originals],
        folds,
        config.features,
        config.classifier,
        seed=config.seed,
        on_fit=on_fit,
    )


def _ids(dataset: TagDataset, rows: np.ndarray) -> tuple[str, ...]:
    return tuple(dataset.articles[row].id for row in rows)


def _dataset_note(dataset: TagDataset) -> str:
    dropped = ", ".join(f"{name} {n}" for name, n in asdict(dataset.dropped).items())
    return f"{len(dataset.articles)} articles, {len(dataset.tags)} tags; dropped: {dropped}"


def _data_json(dataset: TagDataset, split: Split) -> dict[str, Any]:
    return {
        "articles": len(dataset.articles),
        "tags": len(dataset.tags),
        "train": len(split.train),
        "test": len(split.test),
        "dropped": asdict(dataset.dropped),
    }


def _cv_json(config: ExperimentConfig, found: SearchResult) -> dict[str, Any]:
    settings = config.classifier
    return {
        "score": found.cv_scores[found.best],
        "scorer": settings.scorer,
        "params": asdict(found.best),
        "grid": [asdict(point) | {"score": score} for point, score in found.cv_scores.items()],
        "folds": settings.folds,
        "grouped": settings.grouped_folds,
        "shuffled": settings.shuffle_folds,
    }


def _thresholds_json(
    thresholds: Thresholds, tags: Sequence[str], config: ExperimentConfig
) -> dict[str, Any]:
    return {
        "rule": thresholds.rule,
        "tuned_on": "out-of-fold scores of the training part",
        "beta": config.thresholds.beta,
        "global": thresholds.global_cut,
        "per_tag": dict(zip(tags, thresholds.per_tag.tolist(), strict=True)),
    }
