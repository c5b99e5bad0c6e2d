"""The records of a finished training: its report, its thresholds, and notes for people."""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from core.dataset.compose import lacks_column
from core.dataset.config import DataConfig
from core.dataset.dataset import TagDataset
from core.dataset.split import Split
from core.methods.grid import SearchResult
from core.metrics.counts import predict
from core.metrics.report import build_report, macro_f1_of_tested, per_tag_table, untested_note
from core.metrics.scorers import score_prediction
from core.models.thresholds import Thresholds
from core.runs.records import (
    CrossValidation,
    DataCounts,
    FurtherArticles,
    GridPoint,
    RunReport,
    RunThresholds,
    ScoredPart,
)
from core.settings.experiment import ExperimentConfig


def article_ids(dataset: TagDataset, rows: np.ndarray) -> tuple[str, ...]:
    """Ids of the articles in the given rows."""
    return tuple(dataset.articles[row].id for row in rows)


def build_run_report(
    config: ExperimentConfig,
    dataset: TagDataset,
    split: Split,
    test: ScoredPart,
    thresholds: Thresholds,
    search: SearchResult | None,
    per_tag: pd.DataFrame,
) -> RunReport:
    """The report of the test part.

    search: None for a tagger without a grid search. per_tag: as build_per_tag makes it.
    """
    in_use = thresholds.in_use()
    languages = [dataset.articles[row].language for row in split.test]
    cuts = thresholds.cuts()
    report = build_report(test.truth, test.scores, cuts, at=thresholds.rule, languages=languages)
    # Cross-validation scores at margin 0; without one, only the run's own thresholds make sense.
    predicted = predict(test.scores, 0.0 if search else in_use)
    return RunReport(
        **vars(report),
        cv=search and _cross_validation(config, search),
        test_scorer=score_prediction(config.classifier.scorer, test.truth, predicted),
        data=count_data(dataset, split),
        untested_tags=per_tag.loc[per_tag["support"] == 0, "tag"].tolist(),
        tested_macro_f1=macro_f1_of_tested(per_tag),
    )


def build_per_tag(
    dataset: TagDataset, split: Split, test: ScoredPart, cuts: np.ndarray
) -> pd.DataFrame:
    """Figures of each tag at the cuts (K,), and "examples": articles that it was trained on."""
    table = per_tag_table(test.truth, predict(test.scores, cuts), dataset.tags)
    return table.assign(examples=dataset.Y[split.train].sum(axis=0, dtype=np.int64))


def count_data(dataset: TagDataset, split: Split) -> DataCounts:
    """Numbers of articles and tags of a data set that was split."""
    ends = dataset.own + np.cumsum([0, dataset.corrections, dataset.extra])
    corrected, added = np.diff(np.searchsorted(split.train, ends)).tolist()
    return DataCounts(
        articles=len(dataset.articles),
        tags=len(dataset.tags),
        train=len(split.train),
        test=len(split.test),
        dropped=asdict(dataset.dropped),
        corrections=FurtherArticles(
            learnt=corrected, of_test_articles=dataset.corrections - corrected
        ),
        extra=FurtherArticles(learnt=added, of_test_articles=dataset.extra - added),
    )


def record_thresholds(
    thresholds: Thresholds, tuned_on: str, tags: Sequence[str], config: ExperimentConfig
) -> RunThresholds:
    """The thresholds as a run keeps them; tuned_on: which scores they come from, in words."""
    per_tag = thresholds.per_tag
    return RunThresholds(
        rule=thresholds.rule,
        tuned_on=tuned_on,
        beta=config.thresholds.beta,
        value=thresholds.value,
        global_cut=thresholds.global_cut,
        per_tag=None if per_tag is None else dict(zip(tags, per_tag.tolist(), strict=True)),
    )


def state_dataset(dataset: TagDataset) -> str:
    """A line for the log: how many articles and tags there are, and what the filters dropped."""
    dropped = ", ".join(f"{name} {n}" for name, n in asdict(dataset.dropped).items())
    further = [
        f"{number} {kind}"
        for kind, number in (("corrections", dataset.corrections), ("extra", dataset.extra))
        if number
    ]
    among = f" ({', '.join(further)})" if further else ""
    return f"{len(dataset.articles)} articles{among}, {len(dataset.tags)} tags; dropped: {dropped}"


def state_data(
    dataset: TagDataset, config: DataConfig, counts: DataCounts, per_tag: pd.DataFrame
) -> list[str]:
    """What the run says of its data, a sentence each: texts replaced, articles and tags lacking."""
    extra = counts.extra
    of_extra = (
        f"{extra.learnt} extra articles learnt from, not tested on; {extra.of_test_articles} "
        "copies of test ones out"
    )
    return [
        *([of_extra] if extra.learnt or extra.of_test_articles else []),
        *_state_replaced_texts(dataset, config),
        *filter(None, [untested_note(per_tag)]),
    ]


def _state_replaced_texts(dataset: TagDataset, config: DataConfig) -> list[str]:
    # Titles alone are no surprise in data without descriptions.
    if config.text_column == "description":
        return []
    count = sum(lacks_column(article, config) for article in dataset.articles)
    column, read = (
        ("title", "the start of the text")
        if config.text_column == "title"
        else ("full text", "the description")
    )
    return [f"{count:,} articles have no {column}: {read} was read instead."] if count else []


def _cross_validation(config: ExperimentConfig, found: SearchResult) -> CrossValidation:
    # A single fold is the validation part of a fine-tuned encoder: grouped and shuffled always.
    settings, single = config.classifier, found.folds == 1
    return CrossValidation(
        score=found.score,
        scorer=settings.scorer,
        params=GridPoint(**asdict(found.best)),
        grid=tuple(
            GridPoint(**asdict(point), score=score) for point, score in found.cv_scores.items()
        ),
        folds=found.folds,
        grouped=single or settings.grouped_folds,
        shuffled=single or settings.shuffle_folds,
    )
