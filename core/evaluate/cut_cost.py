"""The figures of a cut, and what changes from one cut to another, in articles and tags."""

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
    """Count the figures of a scored part at one decision; no prediction is made.

    >>> from scipy.sparse import csr_array
    >>> truth = csr_array([[True, False], [True, True]])
    >>> part = SortedScores.build(truth, np.array([[0.4, 0.2], [0.3, -0.1]]))
    >>> figures = count_figures(part, Decision(np.zeros(2)))
    >>> figures.right, figures.missed, figures.wrong
    (2, 1, 1)
    """
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
    """Say how two cuts of one part differ, such as "12 more tags missed, 30 fewer wrong."."""
    missed, wrong = after.missed - before.missed, after.wrong - before.wrong
    if not missed and not wrong:
        return "The same tags as at the saved cut."
    nouns = "tag" if abs(missed) == 1 else "tags"
    return f"{_more(missed, nouns)} missed, {_more(wrong)} wrong."


def changed_tags(before: CutFigures, after: CutFigures, tags: Sequence[str]) -> pd.DataFrame:
    """List the tags that are missed or wrong in other numbers, the largest change first.

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
    """List each tag's support and taken (articles), precision, recall and F1 (0..1)."""
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
