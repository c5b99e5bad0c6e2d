"""One tag or one article of a comparison: what a run missed, what it gave instead, its scores."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluate.comparison import Contender
from core.metrics.averages import f_beta, precision, recall
from core.metrics.counts import Outcomes
from core.metrics.curves import PrecisionRecall, precision_recall


@dataclass(frozen=True)
class Mistake:
    """An article that a run got wrong for a tag: its id and the tag's score."""

    article: str
    score: float


@dataclass(frozen=True)
class TagVerdict:
    """How one run does on one tag. precision, recall, f1: 0..1.

    missed: articles that have the tag and did not get it, lowest score first; wrong: those that
    got it and do not have it, highest score first. instead: wrong tags on the missed articles;
    in_place_of: missed tags of the wrong ones; each with its number of articles, most first.
    """

    name: str
    precision: float
    recall: float
    f1: float
    support: int
    predicted: int
    curve: PrecisionRecall
    missed: tuple[Mistake, ...]
    wrong: tuple[Mistake, ...]
    instead: tuple[tuple[str, int], ...]
    in_place_of: tuple[tuple[str, int], ...]


def inspect_tag(contender: Contender, tag: str) -> TagVerdict:
    """Show how a run does on one tag. Raises ValueError if the contender has no such tag."""
    column = list(contender.tags).index(tag)
    truth, predicted = contender.truth.toarray(), contender.outcomes.predicted.toarray()
    has, got = truth[:, column], predicted[:, column]
    scores = contender.scores[:, column]
    missed, wrong = np.flatnonzero(has & ~got), np.flatnonzero(got & ~has)
    missed, wrong = missed[np.argsort(scores[missed])], wrong[np.argsort(-scores[wrong])]
    counts = Outcomes(*(np.array([part.sum()]) for part in (has & got, got, has)))
    return TagVerdict(
        name=contender.name,
        precision=float(precision(counts)[0]),
        recall=float(recall(counts)[0]),
        f1=float(f_beta(counts)[0]),
        support=int(has.sum()),
        predicted=int(got.sum()),
        curve=precision_recall(has, scores),
        missed=tuple(_mistake(contender, row, column) for row in missed.tolist()),
        wrong=tuple(_mistake(contender, row, column) for row in wrong.tolist()),
        instead=_count_tags(predicted[missed] & ~truth[missed], contender.tags),
        in_place_of=_count_tags(truth[wrong] & ~predicted[wrong], contender.tags),
    )


def overall_curve(contender: Contender) -> PrecisionRecall:
    """Draw precision against recall over all (article, tag) pairs, under one cut for all tags."""
    return precision_recall(contender.truth.toarray().ravel(), contender.scores.ravel())


def article_table(contenders: Sequence[Contender]) -> pd.DataFrame:
    """List the test articles: id, tags, and how many tags each run missed and got wrong."""
    first = contenders[0]
    truth = first.truth.toarray()
    columns: dict[str, object] = {
        "id": list(first.test_ids),
        "tags": [[first.tags[column] for column in np.flatnonzero(row).tolist()] for row in truth],
    }
    for contender in contenders:
        predicted = contender.outcomes.predicted.toarray()
        columns[f"missed by {contender.name}"] = (truth & ~predicted).sum(axis=1)
        columns[f"wrong by {contender.name}"] = (predicted & ~truth).sum(axis=1)
    return pd.DataFrame(columns)


def inspect_article(contender: Contender, article: str, *, limit: int = 8) -> pd.DataFrame:
    """List a run's best-scored tags of an article, and all predicted and true ones.

    Columns tag, score, cut, predicted, true; best score first.
    Raises ValueError if the article is not in the test part.
    """
    row = list(contender.test_ids).index(article)
    truth = contender.truth[[row]].toarray()[0]
    scores = contender.scores[row]
    predicted = scores > contender.cuts
    order = np.argsort(-scores, kind="stable")
    shown = [c for rank, c in enumerate(order) if rank < limit or truth[c] or predicted[c]]
    return pd.DataFrame(
        {
            "tag": [contender.tags[column] for column in shown],
            "score": scores[shown].astype(float),
            "cut": contender.cuts[shown],
            "predicted": predicted[shown],
            "true": truth[shown],
        }
    )


def _mistake(contender: Contender, row: int, column: int) -> Mistake:
    return Mistake(contender.test_ids[row], float(contender.scores[row, column]))


def _count_tags(cells: np.ndarray, tags: Sequence[str]) -> tuple[tuple[str, int], ...]:
    counts = Counter({tag: int(n) for tag, n in zip(tags, cells.sum(axis=0), strict=True) if n})
    return tuple(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
