"""The one figure by which settings are chosen."""

from typing import Literal

from scipy.sparse import csr_array

from core.metrics.averages import f_beta
from core.metrics.counts import count_outcomes
from core.metrics.report import subset_accuracy

Scorer = Literal["micro_f0.5", "micro_f1", "macro_f1", "subset_accuracy"]


def score_prediction(scorer: Scorer, truth: csr_array, predicted: csr_array) -> float:
    """The scorer's value, 0..1, of a bool prediction (n, K)."""
    counts = count_outcomes(truth, predicted)
    match scorer:
        case "micro_f0.5":
            return float(f_beta(counts.by_tag.total(), beta=0.5)[0])
        case "micro_f1":
            return float(f_beta(counts.by_tag.total())[0])
        case "macro_f1":
            return float(f_beta(counts.by_tag).mean())
        case "subset_accuracy":
            return subset_accuracy(counts.by_article)
