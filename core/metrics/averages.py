"""Precision, recall and F-beta in the four averages of multi-label classification."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.counts import Counts, Outcomes

FloatArray = NDArray[np.float64]
MICRO, MACRO, WEIGHTED, SAMPLES = "micro avg", "macro avg", "weighted avg", "samples avg"
AVERAGES = (MICRO, MACRO, WEIGHTED, SAMPLES)


@dataclass(frozen=True)
class Average:
    """Precision, recall, F1, each 0..1, and support: the number of true (article, tag) pairs."""

    precision: float
    recall: float
    f1_score: float
    support: int


def f_beta(outcomes: Outcomes, beta: float = 1.0) -> FloatArray:
    """Compute F-beta of each entry, 0..1; 0 where nothing is true and nothing predicted.

    >>> f_beta(Outcomes(*(np.array([n]) for n in (2, 3, 4)))).round(3).tolist()
    [0.571]
    """
    hits = (1 + beta**2) * outcomes.true_positives
    return _ratio(hits, beta**2 * outcomes.support + outcomes.predicted)


def precision(outcomes: Outcomes) -> FloatArray:
    """Compute the share of the predicted tags that are true; 0 where nothing is predicted."""
    return _ratio(outcomes.true_positives, outcomes.predicted)


def recall(outcomes: Outcomes) -> FloatArray:
    """Compute the share of the true tags that are predicted; 0 where nothing is true."""
    return _ratio(outcomes.true_positives, outcomes.support)


def build_averages(counts: Counts) -> dict[str, Average]:
    """Average precision, recall and F1 in four ways: micro, macro, weighted by support, samples.

    As scikit-learn's classification_report with zero_division=0: an undefined value counts as 0.

    >>> from core.metrics.counts import count_outcomes
    >>> from scipy.sparse import csr_array
    >>> truth = csr_array([[True, False], [True, True]])
    >>> predicted = csr_array([[True, True], [True, False]])
    >>> averages = build_averages(count_outcomes(truth, predicted))
    >>> round(averages[MICRO].f1_score, 3), averages[MACRO].f1_score
    (0.667, 0.5)
    """
    total = counts.by_tag.total()
    support = int(total.support[0])
    weights = counts.by_tag.support if support else None
    return {
        MICRO: _average(total, support),
        MACRO: _average(counts.by_tag, support),
        WEIGHTED: _average(counts.by_tag, support, weights),
        SAMPLES: _average(counts.by_article, support),
    }


def _average(outcomes: Outcomes, support: int, weights: NDArray[np.int64] | None = None) -> Average:
    def mean(values: FloatArray) -> float:
        return float(np.average(values, weights=weights))

    return Average(
        mean(precision(outcomes)), mean(recall(outcomes)), mean(f_beta(outcomes)), support
    )


def _ratio(
    above: NDArray[np.floating | np.integer], below: NDArray[np.floating | np.integer]
) -> FloatArray:
    return np.divide(above, below, out=np.zeros(below.shape), where=below > 0)
