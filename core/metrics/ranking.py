"""Measures of the order of the scores, with no cut."""

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

FloatArray = NDArray[np.float64]


def ranked_hits(truth: csr_array, scores: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Rank each article's tags by score: bool (n, K), whether the 1st, 2nd, ... best is true.

    truth: bool (n, K); scores: (n, K). Ties go to the lower column.

    >>> ranked_hits(csr_array([[False, True, True]]), np.array([[0.2, 0.9, 0.1]])).tolist()
    [[True, False, True]]
    """
    order = np.argsort(-scores, axis=1, kind="stable")
    return np.take_along_axis(truth.toarray(), order, axis=1)


def precision_at_k(hits: NDArray[np.bool_], k: int) -> float:
    """Average, over the articles, the share of the k best-scored tags that are true, 0..1.

    hits: from ranked_hits; k in 1..K. Source: Manning et al. 2008, Introduction to
    Information Retrieval, ch. 8.4.

    >>> precision_at_k(np.array([[True, False, True], [False, False, True]]), 2)
    0.25
    """
    return float(hits_share_at_k(hits, k).mean())


def hits_share_at_k(hits: NDArray[np.bool_], k: int) -> FloatArray:
    """Compute precision_at_k of each article, (n,)."""
    return hits[:, :k].mean(axis=1)


def ndcg_at_k(hits: NDArray[np.bool_], k: int) -> float:
    """Average the normalised discounted cumulative gain of the k best-scored tags, 0..1.

    hits: from ranked_hits, so each row goes from the best-scored tag to the worst; k in 1..K.
    An article without true tags counts as 0. Source: Jarvelin and Kekalainen 2002, TOIS 20(4),
    with binary gains and a log2 discount.

    >>> round(ndcg_at_k(np.array([[True, False, True]]), 3), 3)
    0.92
    """
    return float(gain_share_at_k(hits, k).mean())


def gain_share_at_k(hits: NDArray[np.bool_], k: int) -> FloatArray:
    """Compute ndcg_at_k of each article, (n,)."""
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    gain = hits[:, :k] @ discounts
    best = np.concatenate([[0.0], np.cumsum(discounts)])[np.minimum(hits.sum(axis=1), k)]
    return np.divide(gain, best, out=np.zeros(len(gain)), where=best > 0)
