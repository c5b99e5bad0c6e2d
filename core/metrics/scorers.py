"""The figures by which the best settings of a grid can be chosen (`classifier.scorer`)."""

from collections.abc import Callable
from typing import Literal

from scipy.sparse import csr_array

from core.metrics.averages import f_beta
from core.metrics.counts import Counts, count_outcomes
from core.metrics.report import subset_accuracy

Scorer = Literal["micro_f0.5", "micro_f1", "macro_f1", "subset_accuracy"]
SCORERS: dict[Scorer, Callable[[Counts], float]] = {
    "micro_f0.5": lambda counts: float(f_beta(counts.by_tag.total(), beta=0.5)[0]),
    "micro_f1": lambda counts: float(f_beta(counts.by_tag.total())[0]),
    "macro_f1": lambda counts: float(f_beta(counts.by_tag).mean()),
    "subset_accuracy": lambda counts: subset_accuracy(counts.by_article),
}


def score_prediction(scorer: Scorer, truth: csr_array, predicted: csr_array) -> float:
    """Evaluate a prediction by the named scorer; higher is better.

    truth, predicted: bool (n_articles, n_tags). Returns a value in 0..1.

    >>> from scipy.sparse import csr_array
    >>> truth = csr_array([[True, False], [True, True]])
    >>> score_prediction("subset_accuracy", truth, csr_array([[True, False], [True, False]]))
    0.5
    """
    return SCORERS[scorer](count_outcomes(truth, predicted))
