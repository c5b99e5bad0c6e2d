"""Scores sorted once, so that any cut is recounted without looking at all of them again."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.metrics.counts import Counts, IntArray, Outcomes
from core.metrics.decision import BoolMatrix, Decision, top_cells

# Top-k rules up to this k are answered from columns that are ranked once.
_RANKED_COLUMNS = 20


@dataclass(frozen=True)
class SortedScores:
    """Scores (n, K) and bool truth (n, K) of one scored part, ready to be cut anywhere.

    rising: (K, n), each tag's scores in rising order; rows: (K, n), the articles in that order;
    hits_from: (K, n + 1), how many of a tag's articles from a place on are truly its own.
    """

    truth: csr_array
    scores: NDArray[np.floating]
    rising: NDArray[np.floating]
    rows: NDArray[np.int32]
    hits_from: NDArray[np.int32]

    @classmethod
    def build(cls, truth: csr_array, scores: NDArray[np.floating]) -> "SortedScores":
        """Sort each tag's scores. Raises ValueError if the shapes differ."""
        if truth.shape != scores.shape:
            raise ValueError(f"truth is {truth.shape}, scores are {scores.shape}")
        by_tag = np.ascontiguousarray(scores.T)
        rows = np.argsort(by_tag, axis=1, kind="stable").astype(np.int32)
        hits = np.take_along_axis(np.ascontiguousarray(truth.toarray().T), rows, axis=1)
        hits_from = np.zeros((hits.shape[0], hits.shape[1] + 1), dtype=np.int32)
        hits_from[:, :-1] = hits[:, ::-1].cumsum(axis=1)[:, ::-1]
        return cls(truth, scores, np.take_along_axis(by_tag, rows, axis=1), rows, hits_from)

    @property
    def articles(self) -> int:
        """How many articles the part has."""
        return self.scores.shape[0]

    @property
    def tags(self) -> int:
        """How many tags the part has."""
        return self.scores.shape[1]

    @cached_property
    def support(self) -> tuple[IntArray, IntArray]:
        """True cells of each tag (K,) and of each article (n,)."""
        return self.hits_from[:, 0].astype(np.int64), np.diff(self.truth.indptr).astype(np.int64)

    def count(self, decision: Decision) -> Counts:
        """The outcomes of a decision: the work grows with the tags taken, not with n x K."""
        cuts = round_down(decision.thresholds, self.scores.dtype)
        tag_support, article_support = self.support
        starts = self._starts(cuts)
        taken = [rows[start:] for rows, start in zip(self.rows, starts, strict=True)]
        by_article = Outcomes(
            self._true_above(cuts),
            np.bincount(np.concatenate(taken), minlength=self.articles),
            article_support,
        )
        tags = np.arange(self.tags)
        by_tag = Outcomes(
            self.hits_from[tags, starts].astype(np.int64), self.articles - starts, tag_support
        )
        return self._within_limits(Counts(by_tag, by_article), decision, cuts)

    def _starts(self, cuts: NDArray[np.floating]) -> IntArray:
        """(K,): the first place in rising order that is above the cut."""
        pairs = zip(self.rising, cuts, strict=True)
        return np.array([scores.searchsorted(cut, side="right") for scores, cut in pairs])

    def _true_above(self, cuts: NDArray[np.floating]) -> IntArray:
        rows, columns, scores = self._true_cells
        return np.bincount(rows[scores > cuts[columns]], minlength=self.articles)

    @cached_property
    def _true_cells(self) -> tuple[IntArray, IntArray, NDArray[np.floating]]:
        rows, columns = self.truth.nonzero()
        return rows, columns, self.scores[rows, columns]

    def _within_limits(
        self, counts: Counts, decision: Decision, cuts: NDArray[np.floating]
    ) -> Counts:
        """The counts after articles with too few or too many tags are put right."""
        low, high = decision.at_least, decision.at_most
        limits = [(low, counts.by_article.predicted < low)] if low else []
        if high is not None:
            limits.append((high, counts.by_article.predicted > high))
        for k, outside in limits:
            if len(rows := np.flatnonzero(outside)):
                # All above their cuts rank before all others, so the k best replace the row.
                counts = self._replace(counts, rows, self._best(rows, k, decision), cuts)
        return counts

    def _replace(
        self, counts: Counts, rows: IntArray, taken: BoolMatrix, cuts: NDArray[np.floating]
    ) -> Counts:
        whole = len(rows) == self.articles
        truth = (self.truth if whole else self.truth[rows]).toarray()
        before = (self.scores if whole else self.scores[rows]) > cuts
        hits = taken & truth
        tag_hits = hits.sum(axis=0) - (before & truth).sum(axis=0)
        tag_taken = taken.sum(axis=0) - before.sum(axis=0)
        tag, article = counts.by_tag, counts.by_article
        article_hits, article_taken = article.true_positives.copy(), article.predicted.copy()
        article_hits[rows], article_taken[rows] = hits.sum(axis=1), taken.sum(axis=1)
        return Counts(
            Outcomes(tag.true_positives + tag_hits, tag.predicted + tag_taken, tag.support),
            Outcomes(article_hits, article_taken, article.support),
        )

    def _best(self, rows: IntArray, k: int, decision: Decision) -> BoolMatrix:
        """Bool (r, K): the k best tags of the given articles."""
        if not decision.is_uniform or k > self._ranked.shape[1]:
            return top_cells(decision.headroom(self.scores[rows]), k)
        best = np.zeros((len(rows), self.tags), dtype=bool)
        np.put_along_axis(best, self._ranked[rows, :k], True, axis=1)
        return best

    @cached_property
    def _ranked(self) -> IntArray:
        """(n, up to 20): each article's best-scored tags, best first, ties to the lower column."""
        k = min(_RANKED_COLUMNS, self.tags)
        columns = top_cells(self.scores, k).nonzero()[1].reshape(self.articles, k)
        scores = np.take_along_axis(self.scores, columns, axis=1)
        return np.take_along_axis(columns, np.argsort(-scores, axis=1, kind="stable"), axis=1)


def round_down(cuts: NDArray[np.floating], dtype: np.dtype) -> NDArray[np.floating]:
    """The nearest numbers of `dtype` that are not above: the same scores are above them."""
    with np.errstate(over="ignore"):
        near = cuts.astype(dtype)
    return np.where(near > cuts, np.nextafter(near, dtype.type(-np.inf)), near)
