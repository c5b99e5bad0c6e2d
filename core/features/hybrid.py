"""Words, characters and an encoder's vectors of a text, side by side in one matrix."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

from core.features.analyzers import TECHNICAL
from core.features.config import HybridConfig
from core.features.parts import FloatArray, first_line, weigh_parts
from core.features.tfidf import (
    CHARACTERS,
    TermCounts,
    Tfidf,
    count_terms,
    fit_idf,
    kept_terms,
    weigh_counts,
)
from core.solvers.matrix import SideBySide

_MAX_DF = 0.8


@dataclass(frozen=True)
class TermPart:
    """Which terms are counted; read: cuts the part of a text out that they are counted in."""

    read: Callable[[str], str]
    analyzer: str
    ngram_range: tuple[int, int]
    min_df: int

    def count(self, texts: Sequence[str]) -> TermCounts:
        """Count the terms of each text. Raises DataError if there is none."""
        read = [self.read(text) for text in texts]
        return count_terms(read, analyzer=self.analyzer, ngram_range=self.ngram_range)


TERM_PARTS: Mapping[str, TermPart] = {
    "words": TermPart(str, TECHNICAL, (1, 2), 1),
    "title_words": TermPart(first_line, TECHNICAL, (1, 2), 1),
    "characters": TermPart(str, CHARACTERS, (3, 5), 2),
}
# What of a text the encoder reads.
VECTOR_PARTS: Mapping[str, Callable[[str], str]] = {"text_vector": str, "title_vector": first_line}


@dataclass(frozen=True)
class HybridTerms:
    """The fitted tf-idf of each part with a weight, by its name in HybridConfig.

    analyzer: of the words among which a tag's name is looked for.
    """

    parts: Mapping[str, Tfidf]
    config: HybridConfig
    analyzer: str = TECHNICAL

    @property
    def columns(self) -> int:
        """How many terms all parts have."""
        return sum(len(part.terms) for part in self.parts.values())

    def split(self, X: SideBySide) -> dict[str, SideBySide]:
        """Separate X into its parts, by their names in HybridConfig."""
        ends = np.cumsum([0, *(len(part.terms) for part in self.parts.values())])
        terms = zip(self.parts, ends[:-1], ends[1:], strict=True)
        alone = {name: SideBySide(X.sparse[:, a:b], X.dense[:, :0]) for name, a, b in terms}
        vectors = vector_parts(self.config)
        for name, dense in zip(vectors, np.split(X.dense, len(vectors), axis=1), strict=True):
            alone[name] = SideBySide(X.sparse[:, :0], dense)
        return alone

    def transform(self, texts: Sequence[str], vectors: FloatArray) -> SideBySide:
        """The matrix of n texts; vectors: of hybrid_vectors, (n, d)."""
        weighed = {
            name: tfidf.transform([TERM_PARTS[name].read(text) for text in texts])
            for name, tfidf in self.parts.items()
        }
        return SideBySide(_beside(weighed, self.config), vectors)


@dataclass(frozen=True)
class CountedHybrid:
    """Terms of n texts counted once, and their vectors (n, d), for the matrices of all folds."""

    counts: Mapping[str, TermCounts]
    vectors: FloatArray
    config: HybridConfig

    @classmethod
    def build(cls, texts: Sequence[str], vectors: FloatArray, config: HybridConfig) -> Self:
        """Count the terms of each part that has a weight."""
        counts = {
            name: part.count(texts) for name, part in TERM_PARTS.items() if getattr(config, name)
        }
        return cls(counts, vectors, config)

    def fit(self, rows: NDArray[np.int64]) -> tuple[HybridTerms, Callable[[Any], SideBySide]]:
        """Fit terms and idf to some rows.

        Returns them and a function that makes the matrix of any rows under them.
        """
        fitted: dict[str, Tfidf] = {}
        columns: dict[str, NDArray[np.int64]] = {}
        for name, terms in self.counts.items():
            part = TERM_PARTS[name]
            seen = terms.counts[rows]
            columns[name] = kept = kept_terms(seen, min_df=part.min_df, max_df=_MAX_DF)
            fitted[name] = Tfidf(
                part.analyzer,
                part.ngram_range,
                True,
                tuple(terms.terms[kept].tolist()),
                fit_idf(seen[:, kept]),
            )

        def matrix(chosen: NDArray[np.int64]) -> SideBySide:
            weighed = {
                name: weigh_counts(
                    self.counts[name].counts[chosen][:, columns[name]], tfidf.idf, sublinear=True
                )
                for name, tfidf in fitted.items()
            }
            return SideBySide(_beside(weighed, self.config), self.vectors[chosen])

        return HybridTerms(fitted, self.config), matrix


def vector_parts(config: HybridConfig) -> list[str]:
    """Name the v vectors of a text that have a weight, one at least."""
    return [name for name in VECTOR_PARTS if getattr(config, name)]


def encoded_texts(texts: Sequence[str], config: HybridConfig) -> list[str]:
    """List what the encoder reads of n texts: for the one vector, then for the other, (vn,).

    >>> encoded_texts(["Title\\nText"], HybridConfig())
    ['Title\\nText', 'Title']
    """
    return [VECTOR_PARTS[name](text) for name in vector_parts(config) for text in texts]


def hybrid_vectors(encoded: FloatArray, config: HybridConfig) -> FloatArray:
    """Put the v vectors of each text side by side, each scaled by its weight: (n, ve).

    encoded: vectors of encoded_texts, (vn, e).
    """
    weights = [getattr(config, name) for name in vector_parts(config)]
    return weigh_parts(np.split(encoded, len(weights)), weights)


def _beside(parts: Mapping[str, csr_array], config: HybridConfig) -> csr_array:
    """The parts in one matrix, so that products of rows count each by its weight."""
    scaled = [part * np.sqrt(getattr(config, name)) for name, part in parts.items()]
    return csr_array(hstack(scaled, format="csr"))
