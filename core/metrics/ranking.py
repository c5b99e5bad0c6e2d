"""Measures of the order of the scores, with no cut."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

FloatArray = NDArray[np.float64]


def ranked_hits(truth: csr_array, scores: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Bool (n, K): for each article, whether its 1st, 2nd, ... best-scored tag is true.

    Ties go to the lower column.
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.take_along_axis(truth.toarray(), order, axis=1)


def precision_at_k(hits: NDArray[np.bool_], k: int) -> float:
    """Mean share of each article's k best-scored tags that are true, 0..1.

    hits: from ranked_hits; k in 1..K. Source: Manning et al. 2008, Introduction to
    Information Retrieval, ch. 8.4.
    """
    return float(hits_share_at_k(hits, k).mean())


def hits_share_at_k(hits: NDArray[np.bool_], k: int) -> FloatArray:
    """Of each article, (n,): precision_at_k before the mean."""
    return hits[:, :k].mean(axis=1)


def ndcg_at_k(hits: NDArray[np.bool_], k: int) -> float:
    """Mean normalised discounted cumulative gain of the k best-scored tags, 0..1.

    An article without true tags counts as 0. Source: Jarvelin and Kekalainen 2002, TOIS 20(4),
    with binary gains and a log2 discount.
    """
    return float(gain_share_at_k(hits, k).mean())


def gain_share_at_k(hits: NDArray[np.bool_], k: int) -> FloatArray:
    """Of each article, (n,): ndcg_at_k before the mean."""
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    gain = hits[:, :k] @ discounts
    best = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(hits.sum(axis=1), k)]
    return np.divide(gain, best, out=np.zeros(len(gain)), where=best > 0)
