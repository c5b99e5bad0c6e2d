"""Precision, recall and F-beta of an average at every possible cut, in one pass."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.averages import MACRO, MICRO, SAMPLES
from core.metrics.sorted_scores import SortedScores

FloatArray = NDArray[np.float64]
# Falling scores (G, m) of G groups, their true ones so far (G, m), and their support (G,).
Ranked = tuple[NDArray[np.floating], NDArray[np.integer], NDArray[np.integer]]


@dataclass(frozen=True)
class Curve:
    """Cuts in falling order, and precision, recall and F-beta (0..1) of `score > cut` at each.

    All (m,), or (K, m) for a curve a tag. A cut lies halfway between two scores, the last one
    below all of them. possible: False where two equal scores stand, which no cut can part.
    """

    cuts: FloatArray
    precision: FloatArray
    recall: FloatArray
    f_beta: FloatArray
    possible: NDArray[np.bool_]


def average_curve(part: SortedScores, average: str = MICRO, *, beta: float = 1.0) -> Curve:
    """One common cut, moved over all scores: the average's figures at every cut.

    A step of the cut changes the figures of one tag (or article) alone, so an average over
    those is the running sum of such changes; it agrees with a recount to about 1e-10.
    """
    if average == MICRO:
        whole = _curve_of(*_as_one_tag(part), beta)
        figures = (whole.precision[0], whole.recall[0], whole.f_beta[0])
        return _possible(whole.cuts[0], figures, whole.possible[0])
    scores, hits, support = _by_article(part) if average == SAMPLES else _by_tag(part)
    weights = _weights(average, support)
    own = _curve_of(scores, hits, support, beta)
    order = np.argsort(-scores.ravel(), kind="stable")
    sums = (
        (np.diff(values, axis=1, prepend=0.0) * weights[:, None]).ravel()[order].cumsum()
        for values in (own.precision, own.recall, own.f_beta)
    )
    cuts, possible = _cuts(scores.ravel()[order].astype(np.float64))
    return _possible(cuts, sums, possible)


def pairs_curve(
    truth: NDArray[np.bool_], scores: NDArray[np.floating], *, beta: float = 1.0
) -> Curve:
    """The same of plain pairs, (m,) each, as if of one tag; only possible cuts."""
    order = np.argsort(-scores, kind="stable")
    hits = truth[order].cumsum()
    whole = _curve_of(scores[order][None], hits[None], truth.sum(keepdims=True), beta)
    figures = (whole.precision[0], whole.recall[0], whole.f_beta[0])
    return _possible(whole.cuts[0], figures, whole.possible[0])


def tag_curves(part: SortedScores, *, beta: float = 1.0) -> Curve:
    """Each tag under cuts of its own, (K, n)."""
    return _curve_of(*_by_tag(part), beta)


def _curve_of(
    scores: NDArray[np.floating],
    hits: NDArray[np.integer],
    support: NDArray[np.integer],
    beta: float,
) -> Curve:
    taken = np.arange(1, scores.shape[1] + 1)
    true = support[:, None]
    recall = np.divide(hits, true, out=np.zeros(hits.shape), where=true > 0)
    f_beta = (1 + beta**2) * hits / (beta**2 * true + taken)
    cuts, possible = _cuts(scores.astype(np.float64))
    return Curve(cuts, hits / taken, recall, f_beta, possible)


def _cuts(falling: FloatArray) -> tuple[FloatArray, NDArray[np.bool_]]:
    following = np.concatenate([falling[..., 1:], falling[..., -1:] - 1.0], axis=-1)
    return (falling + following) / 2, falling != following


def _possible(
    cuts: FloatArray, figures: Iterable[FloatArray], possible: NDArray[np.bool_]
) -> Curve:
    precision, recall, f_beta = (values[possible] for values in figures)
    return Curve(cuts[possible], precision, recall, f_beta, possible[possible])


def _by_tag(part: SortedScores) -> Ranked:
    return (
        part.rising[:, ::-1],
        part.hits_from[:, -2::-1],
        part.support[0],
    )


def _by_article(part: SortedScores) -> Ranked:
    order = np.argsort(-part.scores, axis=1, kind="stable")
    hits = np.take_along_axis(part.truth.toarray(), order, axis=1).cumsum(axis=1)
    return np.take_along_axis(part.scores, order, axis=1), hits, part.support[1]


def _as_one_tag(part: SortedScores) -> Ranked:
    scores, hits, support = _by_tag(part)
    # A stable sort merges the tags' sorted scores, which is faster than sorting them anew.
    order = np.argsort(-scores.ravel(), kind="stable")
    true = np.diff(hits, axis=1, prepend=0).ravel()[order]
    return scores.ravel()[order][None], true.cumsum()[None], support.sum(keepdims=True)


def _weights(average: str, support: NDArray[np.integer]) -> FloatArray:
    """(G,): each group's part of the average, as in core.metrics.averages."""
    if average in (MACRO, SAMPLES) or not support.sum():
        return np.full(len(support), 1 / len(support))
    return support / support.sum()
