"""tf-idf of word n-grams: terms are counted once, every fold's weights are derived from counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, csr_matrix
from sklearn.feature_extraction.text import CountVectorizer, TfidfTransformer

from core.base.errors import DataError
from core.features.analyzers import ANALYZERS

# The analyzer of characters within words, a space at each end.
CHARACTERS = "characters"


@dataclass(frozen=True)
class TermCounts:
    """How often each of V sorted terms stands in each of n texts: counts (n, V)."""

    counts: csr_array
    terms: NDArray[np.object_]


@dataclass(frozen=True)
class Tfidf:
    """A fitted tf-idf: V sorted terms with idf (V,), as scikit-learn's TfidfVectorizer has them."""

    analyzer: str
    ngram_range: tuple[int, int]
    sublinear_tf: bool
    terms: tuple[str, ...]
    idf: NDArray[np.float64]

    def transform(self, texts: Sequence[str]) -> csr_array:
        """Weigh the terms of n texts: float64 (n, V), rows of length 1.

        A text without a known term is a row of zeros.
        """
        counts = self._vectorizer.transform(texts)
        return weigh_counts(counts, self.idf, sublinear=self.sublinear_tf)

    @cached_property
    def _vectorizer(self) -> CountVectorizer:
        return _vectorizer(self.analyzer, self.ngram_range, vocabulary=self.terms)


def count_terms(texts: Sequence[str], *, analyzer: str, ngram_range: tuple[int, int]) -> TermCounts:
    """Count every n-gram of the texts. Raises DataError if there is none."""
    vectorizer = _vectorizer(analyzer, ngram_range)
    try:
        counts = vectorizer.fit_transform(texts)
    except ValueError:
        raise DataError(f"None of the {len(texts)} texts has a word to learn from.") from None
    return TermCounts(csr_array(counts), vectorizer.get_feature_names_out())


def kept_terms(counts: csr_array, *, min_df: int, max_df: float) -> NDArray[np.int64]:
    """Find the columns in at least `min_df` rows and at most `max_df` (a share) of them.

    Raises DataError if none is left.

    >>> kept_terms(csr_array([[1, 1, 0], [2, 0, 0]]), min_df=1, max_df=0.5).tolist()
    [1]
    """
    in_rows = np.bincount(counts.indices, minlength=counts.shape[1])
    kept = np.flatnonzero((in_rows >= min_df) & (in_rows <= max_df * counts.shape[0]))
    if not len(kept):
        raise DataError(
            f"No term is in at least {min_df} and at most {max_df:.0%} of {counts.shape[0]} texts. "
            "Lower features.min_df or raise features.max_df."
        )
    return kept


def fit_idf(counts: csr_array) -> NDArray[np.float64]:
    """Compute the smoothed inverse document frequency of each column, (V,).

    That is ln((1 + n) / (1 + df)) + 1 for a term in df of n texts.

    >>> fit_idf(csr_array([[1, 1], [2, 0]])).round(3).tolist()
    [1.0, 1.405]
    """
    return TfidfTransformer().fit(csr_matrix(counts)).idf_


def weigh_counts(counts: csr_array, idf: NDArray[np.float64], *, sublinear: bool) -> csr_array:
    """Multiply counts (n, V) with idf (V,) and scale the rows to length 1.

    sublinear: 1 + ln(count) in place of the count.
    """
    if not counts.shape[0]:  # scikit-learn refuses a matrix without rows
        return csr_array(counts.shape, dtype=np.float64)
    transformer = TfidfTransformer(sublinear_tf=sublinear)
    transformer.idf_ = idf
    return csr_array(transformer.transform(csr_matrix(counts, dtype=np.float64), copy=False))


def _vectorizer(
    analyzer: str, ngram_range: tuple[int, int], vocabulary: Sequence[str] | None = None
) -> CountVectorizer:
    if analyzer == CHARACTERS:
        return CountVectorizer(analyzer="char_wb", ngram_range=ngram_range, vocabulary=vocabulary)
    # Our analyzers lower-case and find words; scikit-learn only joins them to n-grams.
    return CountVectorizer(
        tokenizer=ANALYZERS[analyzer],
        token_pattern=None,
        lowercase=False,
        ngram_range=ngram_range,
        vocabulary=vocabulary,
    )
