"""What the files of a run hold, in the form in which they are written."""

from collections.abc import Sequence
from dataclasses import asdict
from math import isfinite
from typing import Any

import numpy as np

from core.dataset.compose import lacks_column
from core.dataset.config import DataConfig
from core.dataset.dataset import TagDataset
from core.dataset.split import Split
from core.methods.grid import SearchResult
from core.metrics.report import Report, averages_json
from core.models.thresholds import Thresholds
from core.settings.experiment import ExperimentConfig


def report_json(report: Report) -> dict[str, Any]:
    """A report as report.json holds it."""
    return asdict(report) | {
        "averages": averages_json(report.averages),
        "cuts": {rule: averages_json(averages) for rule, averages in report.cuts.items()},
        "per_language": {code: averages_json(a) for code, a in report.per_language.items()},
        "precision_at": {str(k): value for k, value in report.precision_at.items()},
        "ndcg_at": {str(k): value for k, value in report.ndcg_at.items()},
    }


def article_ids(dataset: TagDataset, rows: np.ndarray) -> tuple[str, ...]:
    """Ids of the articles in the given rows."""
    return tuple(dataset.articles[row].id for row in rows)


def dataset_note(dataset: TagDataset) -> str:
    dropped = ", ".join(f"{name} {n}" for name, n in asdict(dataset.dropped).items())
    further = [
        f"{number} {kind}"
        for kind, number in (("corrections", dataset.corrections), ("extra", dataset.extra))
        if number
    ]
    among = f" ({', '.join(further)})" if further else ""
    return f"{len(dataset.articles)} articles{among}, {len(dataset.tags)} tags; dropped: {dropped}"


def stand_in_notes(dataset: TagDataset, config: DataConfig) -> list[str]:
    """What to say where another text was read for the chosen column, which articles lack.

    Titles alone are no surprise in data without descriptions.
    """
    if config.text_column == "description":
        return []
    count = sum(lacks_column(article, config) for article in dataset.articles)
    what = {"title": "the start of the text", "fulltext": "the description"}
    read = what.get(config.text_column, what["fulltext"])
    column = "title" if config.text_column == "title" else "full text"
    return [f"{count:,} articles have no {column}: {read} was read instead."] if count else []


def data_json(dataset: TagDataset, split: Split) -> dict[str, Any]:
    """The "data" of report.json. learnt, of_test_articles: further articles used and left out."""
    ends = dataset.own + np.cumsum([0, dataset.corrections, dataset.extra])
    corrected, added = np.diff(np.searchsorted(split.train, ends)).tolist()
    return {
        "articles": len(dataset.articles),
        "tags": len(dataset.tags),
        "train": len(split.train),
        "test": len(split.test),
        "dropped": asdict(dataset.dropped),
        "corrections": {
            "learnt": corrected,
            "of_test_articles": dataset.corrections - corrected,
        },
        "extra": {"learnt": added, "of_test_articles": dataset.extra - added},
    }


def extra_notes(data: dict[str, Any]) -> list[str]:
    """What to say of the extra articles of a run's "data"."""
    learnt, copies = data["extra"]["learnt"], data["extra"]["of_test_articles"]
    if not learnt and not copies:
        return []
    return [
        f"{learnt} extra articles learnt from, never judged on; {copies} copies of test ones out"
    ]


def cv_json(config: ExperimentConfig, found: SearchResult) -> dict[str, Any]:
    """The "cv" of report.json. A single fold is the validation part of a fine-tuned encoder."""
    settings, single = config.classifier, found.folds == 1
    return {
        "score": found.score,
        "scorer": settings.scorer,
        "params": asdict(found.best),
        "grid": [asdict(point) | {"score": score} for point, score in found.cv_scores.items()],
        "folds": found.folds,
        "grouped": single or settings.grouped_folds,
        "shuffled": single or settings.shuffle_folds,
    }


def thresholds_json(
    thresholds: Thresholds, tuned_on: str, tags: Sequence[str], config: ExperimentConfig
) -> dict[str, Any]:
    """thresholds.json: null where there was nothing to tune on."""
    per_tag = thresholds.per_tag
    return {
        "rule": thresholds.rule,
        "tuned_on": tuned_on,
        "beta": config.thresholds.beta,
        "value": thresholds.value,
        "global": thresholds.global_cut,
        "per_tag": None if per_tag is None else dict(zip(tags, per_tag.tolist(), strict=True)),
    }


def checked_thresholds(kept: Any, tags: Sequence[str]) -> dict[str, Any]:
    """What thresholds.json holds. Raises ValueError if these are no cuts of the tags."""
    own = kept["per_tag"]
    numbers = [kept["value"], kept["global"], *(own or {}).values()]
    if not all(n is None or (isinstance(n, int | float) and isfinite(n)) for n in numbers):
        raise ValueError("a cut is no number")
    if own is not None and set(own) != set(tags):
        raise ValueError("its tags are not those of the run")
    needed = {"zero": 0.0, "value": kept["value"], "global": kept["global"], "per_tag": own}
    if needed.get(kept["rule"]) is None:
        raise ValueError(f"there is no cut of the rule {kept['rule']!r}")
    return dict(kept)
