"""What one run did with each test article, and its figures under any weights of the articles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from core.metrics.averages import AVERAGES, f_beta, precision, recall
from core.metrics.counts import Outcomes, count_outcomes
from core.metrics.ranking import gain_share_at_k, hits_share_at_k, ranked_hits
from core.metrics.report import KS, is_exact

FloatArray = NDArray[np.float64]
MEASURES = ("precision", "recall", "F1")
SUBSET, EMPTY, PER_ARTICLE = "subset accuracy", "empty rate", "tags per article"


@dataclass(frozen=True)
class ArticleOutcomes:
    """All that the figures of a run are computed from: n test articles and K tags.

    truth, predicted: bool (n, K). cells: float (n, 3K), the right, the predicted and the true
    tags side by side. means: (n, m), what is averaged over articles, named by `mean_names`.
    """

    truth: csr_array
    predicted: csr_array
    cells: csr_array
    means: FloatArray
    mean_names: tuple[str, ...]

    @property
    def figure_names(self) -> tuple[str, ...]:
        """Columns of `weighted_figures`, such as "micro F1" and "precision@3"."""
        by_tag = (f"{short_name(name)} {m}" for name in AVERAGES[:3] for m in MEASURES)
        return (*by_tag, *self.mean_names)


@dataclass(frozen=True)
class Measured:
    """Of b weightings of the articles: figures (b, f) and each tag's F1 (b, K), in 0..1."""

    figures: FloatArray
    tag_f1: FloatArray


def short_name(average: str) -> str:
    """The name of an average in a figure's: "micro" of "micro avg"."""
    return average.removesuffix(" avg")


def build_outcomes(
    truth: csr_array, scores: NDArray[np.floating], predicted: csr_array
) -> ArticleOutcomes:
    """Count a run's outcomes from bool truth and prediction (n, K) and the scores (n, K)."""
    by_article = count_outcomes(truth, predicted).by_article
    hits = ranked_hits(truth, scores)
    ks = [k for k in KS if k <= truth.shape[1]]
    means = {
        **{
            f"{short_name(AVERAGES[3])} {name}": measure(by_article)
            for name, measure in zip(MEASURES, (precision, recall, f_beta), strict=True)
        },
        **{f"precision@{k}": hits_share_at_k(hits, k) for k in ks},
        **{f"nDCG@{k}": gain_share_at_k(hits, k) for k in ks},
        SUBSET: is_exact(by_article),
        EMPTY: by_article.predicted == 0,
        PER_ARTICLE: by_article.predicted,
    }
    cells = hstack([truth.multiply(predicted), predicted, truth], format="csr", dtype=np.float64)
    columns = np.column_stack([values.astype(np.float64) for values in means.values()])
    return ArticleOutcomes(truth, predicted, csr_array(cells), columns, tuple(means))


def weighted_figures(outcomes: ArticleOutcomes, weights: FloatArray) -> Measured:
    """Compute every figure with each article counted `weights` times: (b, n), rows sum to n.

    Weights of 1 give the figures of the run's report. Undefined values count as 0.
    """
    counts = (outcomes.cells.T @ weights.T).T
    by_tag = Outcomes(*np.split(counts, 3, axis=1))
    total = Outcomes(
        *(c.sum(axis=1) for c in (by_tag.true_positives, by_tag.predicted, by_tag.support))
    )
    pairs = np.maximum(by_tag.support.sum(axis=1), 1)
    measures = (precision, recall, f_beta)
    of_tags = [measure(by_tag) for measure in measures]
    columns = [
        *(measure(total) for measure in measures),
        *(values.mean(axis=1) for values in of_tags),
        *((values * by_tag.support).sum(axis=1) / pairs for values in of_tags),
    ]
    means = weights @ outcomes.means / weights.shape[1]
    return Measured(np.column_stack([*columns, means]), of_tags[2])


def group_means(values: FloatArray, groups: Sequence[NDArray[np.int64]]) -> FloatArray:
    """Average over each group of columns: (b, K) becomes (b, groups).

    >>> group_means(np.array([[1.0, 3.0, 5.0]]), [np.array([0, 1]), np.array([2])])
    array([[2., 5.]])
    """
    means = [values[:, group].mean(axis=1) for group in groups]
    return np.column_stack(means) if means else np.empty((len(values), 0))
