"""Which tags of the training articles are probably missing or wrong, from held-out scores."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Doubt:
    """An article's tag that may be wrong (it has it) or missing (it has not).

    probability: of the tag, 0..1. doubt: the higher, the surer that the data is at fault.
    """

    article: str
    tag: str
    has_it: bool
    probability: float
    doubt: float


def find_doubts(
    truth: csr_array,
    probabilities: FloatArray,
    ids: Sequence[str],
    tags: Sequence[str],
    *,
    has_it: bool,
    limit: int = 100,
) -> list[Doubt]:
    """Find tags that are probably wrong (has_it) or missing, the most doubtful first.

    truth: bool (n, K). probabilities: (n, K), calibrated, of models that did not learn from the
    article. A missing tag is doubtful by its probability against the mean of the articles that
    have the tag, a wrong one by how far it lies below that mean, so that tags which are hard to
    predict are not all in doubt.
    Source: Northcutt, Jiang and Chuang 2021, Confident Learning (per-class self-confidence).

    >>> truth = csr_array([[True], [True], [False]])
    >>> (doubt,) = find_doubts(truth, np.array([[0.9], [0.2], [0.1]]), "abc", ["go"], has_it=True)
    >>> doubt.article, round(doubt.doubt, 2)
    ('b', 0.35)
    """
    has = truth.toarray()
    typical = (probabilities * has).sum(axis=0) / np.maximum(has.sum(axis=0), 1)
    doubt = typical - probabilities if has_it else probabilities - typical
    rows, columns = np.nonzero((has == has_it) & (has.any(axis=0)) & (doubt > 0))
    ranked = np.argsort(-doubt[rows, columns], kind="stable")[:limit]
    return [
        Doubt(
            article=ids[row],
            tag=tags[column],
            has_it=has_it,
            probability=float(probabilities[row, column]),
            doubt=float(doubt[row, column]),
        )
        for row, column in zip(rows[ranked].tolist(), columns[ranked].tolist(), strict=True)
    ]
