"""What a cut costs: its figures, and what changes against another cut, in articles and tags."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.metrics.averages import Average, build_averages, f_beta, precision, recall
from core.metrics.counts import Outcomes
from core.metrics.decision import Decision
from core.metrics.sorted_scores import SortedScores


@dataclass(frozen=True)
class CutFigures:
    """A scored part at one decision.

    empty_rate: share of articles without a tag, 0..1; tags_per_article: taken ones, mean; right,
    missed and wrong count (article, tag) pairs.
    """

    averages: Mapping[str, Average]
    empty_rate: float
    tags_per_article: float
    right: int
    missed: int
    wrong: int
    by_tag: Outcomes


def count_figures(part: SortedScores, decision: Decision) -> CutFigures:
    """Recount a part; no prediction is made."""
    counts = part.count(decision)
    total = counts.by_tag.total()
    right, predicted, support = (
        int(part[0]) for part in (total.true_positives, total.predicted, total.support)
    )
    return CutFigures(
        averages=build_averages(counts),
        empty_rate=float((counts.by_article.predicted == 0).mean()),
        tags_per_article=predicted / part.articles,
        right=right,
        missed=support - right,
        wrong=predicted - right,
        by_tag=counts.by_tag,
    )


def change_sentence(before: CutFigures, after: CutFigures) -> str:
    """Such as "12 more tags missed, 30 fewer wrong."; of two cuts of one part."""
    missed, wrong = after.missed - before.missed, after.wrong - before.wrong
    if not missed and not wrong:
        return "The same tags as at the saved cut."
    nouns = "tag" if abs(missed) == 1 else "tags"
    return f"{_more(missed, nouns)} missed, {_more(wrong)} wrong."


def changed_tags(before: CutFigures, after: CutFigures, tags: Sequence[str]) -> pd.DataFrame:
    """One row for each tag that is missed or wrong in other numbers, the largest change first.

    Columns: tag, missed and wrong (change in articles), precision, recall and F1 (0..1, after).
    """
    missed = _missed(after.by_tag) - _missed(before.by_tag)
    wrong = _wrong(after.by_tag) - _wrong(before.by_tag)
    table = tag_table(after, tags).drop(columns=["support", "taken"])
    table.insert(1, "missed", missed)
    table.insert(2, "wrong", wrong)
    size = np.abs(missed) + np.abs(wrong)
    order = np.argsort(-size, kind="stable")
    return table.iloc[order[size[order] > 0]].reset_index(drop=True)


def tag_table(figures: CutFigures, tags: Sequence[str]) -> pd.DataFrame:
    """One row a tag: support and taken (articles), precision, recall and F1 (0..1)."""
    by_tag = figures.by_tag
    return pd.DataFrame(
        {
            "tag": list(tags),
            "support": by_tag.support,
            "taken": by_tag.predicted,
            "precision": precision(by_tag),
            "recall": recall(by_tag),
            "F1": f_beta(by_tag),
        }
    )


def _missed(by_tag: Outcomes) -> np.ndarray:
    return by_tag.support - by_tag.true_positives


def _wrong(by_tag: Outcomes) -> np.ndarray:
    return by_tag.predicted - by_tag.true_positives


def _more(change: int, noun: str = "") -> str:
    if not change:
        return f"no more {noun}".rstrip()
    return f"{abs(change):,} {'more' if change > 0 else 'fewer'} {noun}".rstrip()
