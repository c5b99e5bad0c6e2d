"""Articles as points in a plane or in space: articles with similar texts lie near one another."""

import hashlib
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.manifold import TSNE
from sklearn.preprocessing import normalize

from core.articles.article import Article
from core.base.errors import DataError
from core.dataset.compose import compose_text
from core.dataset.config import DataConfig
from core.features.analyzers import TECHNICAL
from core.features.tfidf import count_terms, fit_idf, weigh_counts

Layout = Literal["pca", "tsne"]
LEAST_POINTS = 5
# PCA keeps what is far apart and takes a second; t-SNE shows islands of near articles, which
# the eye finds first, and takes twenty times as long. More points than these hide one another.
MOST_POINTS: dict[Layout, int] = {"pca": 5000, "tsne": 1500}
_DIRECTIONS = 50
# Between two vectors of length 1 that are the same but for float32's rounding.
_ROUNDING = 1e-6
_SEED = 20200122


def map_rows(articles: Sequence[Article], most: int) -> list[int]:
    """Draw at most so many rows of articles with a text; the same ones on every machine."""
    rows = [row for row, article in enumerate(articles) if text_of(article)]
    drawn = sorted(rows, key=lambda row: hashlib.sha256(articles[row].id.encode()).digest())
    return sorted(drawn[:most])


def text_of(article: Article) -> str:
    """Compose the text that places an article: title and description."""
    return compose_text(article, DataConfig())


def word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """Compute tf-idf of words and reduce it to its strongest directions, (n, up to 50).

    Raises DataError for fewer than 5 texts, or if no word is in several but not most of them.
    """
    counts = count_terms(texts, analyzer=TECHNICAL, ngram_range=(1, 1)).counts
    in_texts = np.bincount(counts.indices, minlength=counts.shape[1])
    counts = counts[:, (in_texts >= 2) & (in_texts <= max(0.5 * len(texts), 20))]
    directions = min(_DIRECTIONS, *(size - 1 for size in counts.shape))
    if len(texts) < LEAST_POINTS:
        raise _too_few(len(texts))
    if directions < 1:
        raise DataError(
            f"The {len(texts):,} articles share words with none or with all others, which gives no "
            "map of words: choose the map of meaning."
        )
    weights = weigh_counts(counts, fit_idf(counts), sublinear=True)
    with np.errstate(all="ignore"):  # the share of a variance of 0, which is not used
        cut = TruncatedSVD(directions, random_state=_SEED).fit_transform(weights)
    return np.asarray(cut, np.float32)


def are_alike(vectors: NDArray[np.float32]) -> bool:
    """Tell whether all vectors (n, d) point the same way: then no layout can separate them."""
    unit = normalize(vectors)
    return bool(np.ptp(unit, axis=0).max(initial=0.0) <= _ROUNDING) if len(unit) else True


def lay_out(vectors: NDArray[np.float32], *, dimensions: int, layout: Layout) -> NDArray[Any]:
    """Place vectors (n, d) in 2 or 3 dimensions, float32; the same vectors get the same points.

    Only the directions of vectors count. Vectors that are all alike lie on one point.
    Raises DataError for fewer than 5 articles, for fewer directions than dimensions, and for
    vectors with infinite or undefined numbers.
    """
    if len(vectors) < LEAST_POINTS:
        raise _too_few(len(vectors))
    if vectors.shape[1] < dimensions:
        raise DataError(
            f"The {len(vectors):,} articles differ in {vectors.shape[1]} directions, and a map in "
            f"{dimensions} dimensions needs {dimensions}: choose fewer dimensions or the map of "
            "meaning."
        )
    if not np.isfinite(vectors).all():
        raise DataError(
            "Some vectors hold a value that is not a number. "
            "Clear them with: python -m core cache --clear"
        )
    if are_alike(vectors):
        # t-SNE would divide by their variance of 0, and end the process by a segmentation fault.
        return np.zeros((len(vectors), dimensions), np.float32)
    unit = normalize(vectors)
    if layout == "pca":
        points = PCA(dimensions, random_state=_SEED).fit_transform(unit)
    else:
        near = min(30, (len(unit) - 1) / 3)
        points = TSNE(
            dimensions, init="pca", perplexity=near, max_iter=500, random_state=_SEED, n_jobs=-1
        ).fit_transform(unit)
    return np.asarray(points, np.float32)


def _too_few(number: int) -> DataError:
    return DataError(
        f"A map needs {LEAST_POINTS} or more articles that share words; here are {number:,}."
    )
