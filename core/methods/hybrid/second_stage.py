"""A second stage: one logistic regression on the features of each (article, tag) pair.

It is shared by all tags, so that rare tags are predicted by what holds for frequent ones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.linear_model import LogisticRegression

from core.articles.aliases import AMBIGUOUS, SAME_THING
from core.features.analyzers import ANALYZERS, technical_words
from core.features.hybrid import HybridTerms
from core.features.parts import first_line
from core.models.folds import Fold, IntArray
from core.solvers.fitted import LinearSvm
from core.solvers.matrix import SideBySide

FloatArray = NDArray[np.float32]
SIGNS = (
    "margin of the classifier",
    "share of the 15 nearest training articles with the tag",
    "share of the 5 nearest",
    "times the tag's name occurs in the text",
    "name in the title",
    "similarity of the text's vector and the name's",
    # For each part of the hybrid:
    "margin of a classifier on the part alone",
    "share of the 15 nearest by the part alone",
    # If there is one:
    "logit of a fine-tuned encoder",
)
SIGNS_OF_WHOLE = 6
# Neighbours, and the power of their likeness that they count by: of the whole, then of a part.
_NEAREST = ((15, 4.0), (5, 1.0))
_NEAREST_BY_PART = (15, 4.0)
_MOST_MENTIONS = 3
# Of a sign's standard deviation, against its mean or 1.
_LEAST_SPREAD = 1e-6
_ROWS_AT_ONCE = 512


@dataclass(frozen=True)
class Signs:
    """The features of an (article, tag) pair besides the margin of the classifier.

    terms: what the columns are. rows, Y: n training articles, rows of length 1, and their tags
    bool (n, K). names: of each tag, several where it has aliases. name_vectors (K, e). centre,
    spread: of the likeness of training articles to each name, (K,).
    """

    terms: HybridTerms
    rows: SideBySide
    Y: csr_array
    names: tuple[tuple[str, ...], ...]
    name_vectors: FloatArray
    centre: NDArray[np.float64]
    spread: NDArray[np.float64]

    @classmethod
    def build(
        cls,
        terms: HybridTerms,
        X: SideBySide,
        Y: csr_array,
        tags: Sequence[str],
        name_vectors: FloatArray,
    ) -> Self:
        """From rows X (n, V + d) of the training articles and their tags."""
        rows = unit_rows(X)
        # As it is saved, so that a loaded tagger scores alike.
        rows = SideBySide(rows.sparse.astype(np.float32), rows.dense)
        likeness = _likeness(rows, name_vectors)
        return cls(
            terms,
            rows,
            Y,
            tuple(names_of(tag) for tag in tags),
            name_vectors,
            likeness.mean(axis=0),
            np.maximum(likeness.std(axis=0), 1e-6),
        )

    def of_pairs(
        self,
        scores: NDArray[np.floating],
        part_scores: NDArray[np.floating],
        X: SideBySide,
        texts: Sequence[str],
        *,
        logits: FloatArray | None = None,
        groups: IntArray | None = None,
    ) -> FloatArray:
        """The SIGNS of every pair, (m, K, 6 + 2p), given its margins.

        scores: (m, K), by all p parts together. part_scores: by each alone, (p, m, K).
        logits: of a fine-tuned encoder, (m, K), for one sign more.
        groups: where X are the training articles themselves, (n,): none is its own neighbour, nor
        is a copy of it.
        """
        unit = unit_rows(X)
        whole, by_part = self._neighbours(unit, groups)
        known = (_likeness(unit, self.name_vectors) - self.centre) / self.spread
        in_text, in_title = self._mentions(texts), self._mentions(list(map(first_line, texts)))
        extra = () if logits is None else (logits,)
        signs = [scores, *whole, in_text, in_title > 0, known, *part_scores, *by_part, *extra]
        return np.stack([np.asarray(sign, np.float32) for sign in signs], axis=-1)

    def _neighbours(self, X: SideBySide, groups: IntArray | None) -> tuple[FloatArray, FloatArray]:
        """Shares of the neighbours with each tag, (2, m, K) by whole rows and (p, m, K) by parts.

        X: rows of length 1.
        """
        parts = [_Part.build(part) for part in self.terms.split(X).values()]
        shape = (X.shape[0], len(self.names))
        whole = np.zeros((len(_NEAREST), *shape), np.float32)
        by_part = np.zeros((len(parts), *shape), np.float32)
        for start in range(0, X.shape[0], _ROWS_AT_ONCE):
            block = slice(start, start + _ROWS_AT_ONCE)
            others = True if groups is None else groups[block][:, None] != groups[None, :]
            likeness = np.zeros(())
            for number, (part, known) in enumerate(zip(parts, self._parts, strict=True)):
                alike = others * part.rows[block].products(known.rows)
                likeness = likeness + alike * part.lengths[block, None] * known.lengths
                by_part[number, block] = self._shares(alike, *_NEAREST_BY_PART)
            for number, (nearest, power) in enumerate(_NEAREST):
                whole[number, block] = self._shares(likeness, nearest, power)
        return whole, by_part

    @cached_property
    def _parts(self) -> list["_Part"]:
        return [_Part.build(part) for part in self.terms.split(self.rows).values()]

    def _shares(self, likeness: NDArray[np.floating], nearest: int, power: float) -> FloatArray:
        count = min(nearest, likeness.shape[1])
        places = np.argpartition(-likeness, count - 1, axis=1)[:, :count]
        weights = np.take_along_axis(likeness, places, axis=1).clip(0) ** power
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-9)
        ends = np.arange(0, places.size + 1, count)
        chosen = csr_array((weights.ravel(), places.ravel(), ends), shape=likeness.shape)
        return np.asarray((chosen @ self.Y.astype(np.float64)).toarray(), np.float32)

    def _mentions(self, texts: Sequence[str]) -> FloatArray:
        """How often each tag's name stands in each text, at most three times, (m, K)."""
        found = np.zeros((len(texts), len(self.names)), np.float32)
        for row, text in enumerate(texts):
            words = f" {' '.join(ANALYZERS[self.terms.analyzer](text))} "
            for column, names in enumerate(self.names):
                found[row, column] = sum(words.count(name) for name in names)
        return np.minimum(found, _MOST_MENTIONS)


@dataclass(frozen=True)
class _Part:
    """A part of rows: rows of length 1 and how long they were, (n,)."""

    rows: SideBySide
    lengths: NDArray[np.float64]

    @classmethod
    def build(cls, part: SideBySide) -> Self:
        return cls(unit_rows(part), row_lengths(part))


@dataclass(frozen=True)
class SecondStage:
    """Log-odds of a pair: signs @ weights + intercept; weights (6 + 2p,), one more with logits.

    part_svms: on each of the p parts alone.
    """

    signs: Signs
    part_svms: Sequence[LinearSvm]
    weights: NDArray[np.float64]
    intercept: float

    def scores(
        self,
        margins: NDArray[np.floating],
        X: SideBySide,
        texts: Sequence[str],
        *,
        logits: FloatArray | None = None,
    ) -> FloatArray:
        """Log-odds (m, K): unbounded, 0 where the tag is as likely as not."""
        parts = self.signs.terms.split(X).values()
        by_part = [svm.scores(part) for svm, part in zip(self.part_svms, parts, strict=True)]
        pairs = self.signs.of_pairs(margins, np.stack(by_part), X, texts, logits=logits)
        return np.asarray(pairs @ self.weights + self.intercept, np.float32)

    @property
    def uses_logits(self) -> bool:
        """Whether the logit of a fine-tuned encoder is one of its features."""
        return len(self.weights) > SIGNS_OF_WHOLE + 2 * len(self.part_svms)


def fit_second_stage(
    signs: Signs,
    part_svms: Sequence[LinearSvm],
    pairs: FloatArray,
    Y: csr_array,
    folds: Sequence[Fold],
) -> tuple[SecondStage, FloatArray]:
    """The stage fitted on all n articles, and log-odds (n, K) of each fold by the other folds.

    pairs: signs (n, K, 6 + 2p or one more) whose margins and logits are out of fold.
    """
    truth = Y.toarray()
    held_out = np.zeros(truth.shape, np.float32)
    for train, test in folds:
        weights, intercept = _fit(pairs[train], truth[train])
        held_out[test] = pairs[test] @ weights + intercept
    return SecondStage(signs, part_svms, *_fit(pairs, truth)), held_out


def _fit(pairs: FloatArray, truth: NDArray[np.bool_]) -> tuple[NDArray[np.float64], float]:
    flat = pairs.reshape(-1, pairs.shape[-1]).astype(np.float64)
    if truth.all() or not truth.any():  # as the margin of an SVM for such a tag
        return np.zeros(flat.shape[1]), 1.0 if truth.any() else -1.0
    centre, spread = flat.mean(axis=0), flat.std(axis=0)
    # A feature that is the same for all pairs gets no weight: its rounding would get a huge one.
    spread[spread <= _LEAST_SPREAD * np.maximum(np.abs(centre), 1.0)] = np.inf
    model = LogisticRegression(max_iter=300).fit((flat - centre) / spread, truth.ravel())
    weights = model.coef_[0] / spread
    return weights, float(model.intercept_[0] - weights @ centre)


def names_of(tag: str) -> tuple[str, ...]:
    """The tag and its aliases as words between spaces, as technical_words cuts them."""
    alike = {name for names in SAME_THING if tag in names for name in names}
    names = {tag, *(alike - set(AMBIGUOUS))}
    # "ci-cd" is in a text as two words, "objective-c" as one.
    spellings = names | {name.replace("-", " ") for name in names}
    words = sorted({" ".join(technical_words(name)) for name in spellings})
    return tuple(f" {name} " for name in words if name)


def row_lengths(X: SideBySide) -> NDArray[np.float64]:
    """(n,), never 0."""
    squares = np.asarray(X.sparse.multiply(X.sparse).sum(axis=1)).ravel()
    squares = squares + (X.dense.astype(np.float64) ** 2).sum(axis=1)
    return np.sqrt(np.maximum(squares, 1e-12))


def unit_rows(X: SideBySide) -> SideBySide:
    """X with rows of length 1."""
    factors = 1 / row_lengths(X)
    scaled = csr_array(X.sparse.multiply(factors[:, None]))
    return SideBySide(scaled, X.dense * factors[:, None].astype(np.float32))


def _likeness(rows: SideBySide, name_vectors: FloatArray) -> NDArray[np.float64]:
    """Products of the first vector of each row with each name's, (n, K)."""
    return np.asarray(rows.dense[:, : name_vectors.shape[1]] @ name_vectors.T, np.float64)
