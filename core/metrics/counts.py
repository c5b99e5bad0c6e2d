"""Right, wrong and missed tags, counted once by tag and by article."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

IntArray = NDArray[np.int64]


@dataclass(frozen=True)
class Outcomes:
    """true_positives, predicted and support along one axis: of each tag (K,) or article (n,).

    The counts of b resamples at once are (b, K).
    """

    true_positives: IntArray
    predicted: IntArray
    support: IntArray

    def total(self) -> "Outcomes":
        """The same three as sums, each (1,)."""
        parts = (self.true_positives, self.predicted, self.support)
        return Outcomes(*(part.sum(keepdims=True) for part in parts))


@dataclass(frozen=True)
class Counts:
    """The outcomes of one cut over n articles and K tags."""

    by_tag: Outcomes
    by_article: Outcomes


def count_outcomes(truth: csr_array, predicted: csr_array) -> Counts:
    """Count what a prediction gets right, by tag and by article, in one pass over the True cells.

    truth, predicted: bool (n, K), same column order. Raises ValueError if the shapes differ.
    """
    if truth.shape != predicted.shape:
        raise ValueError(f"truth is {truth.shape}, predicted is {predicted.shape}")
    hits = truth.multiply(predicted).tocsr()
    by_tag = (_per_column(matrix) for matrix in (hits, predicted, truth))
    by_article = (_per_row(matrix) for matrix in (hits, predicted, truth))
    return Counts(Outcomes(*by_tag), Outcomes(*by_article))


def predict(scores: NDArray[np.floating], thresholds: NDArray[np.floating] | float) -> csr_array:
    """Take each tag whose score is above its threshold: bool (n, K).

    scores: (n, K). thresholds: one for all tags, or (K,).

    >>> predict(np.array([[0.5, -0.2], [0.0, 0.1]]), 0.0).toarray().tolist()
    [[True, False], [False, True]]
    """
    return csr_array(scores > thresholds)


def _per_column(matrix: csr_array) -> IntArray:
    return np.bincount(matrix.indices, weights=matrix.data, minlength=matrix.shape[1]).astype(
        np.int64
    )


def _per_row(matrix: csr_array) -> IntArray:
    running = np.concatenate([[0], np.cumsum(matrix.data)])
    return (running[matrix.indptr[1:]] - running[matrix.indptr[:-1]]).astype(np.int64)
