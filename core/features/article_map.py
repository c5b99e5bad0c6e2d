"""Articles as points: near ones say alike things."""

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
from core.features.tfidf import count_terms, fit_idf, weigh_counts

Layout = Literal["pca", "tsne"]
LEAST_POINTS = 5
# PCA keeps what is far apart and takes a second; t-SNE shows islands of near articles, which
# the eye finds first, and takes twenty times as long. More points than these hide one another.
MOST_POINTS: dict[Layout, int] = {"pca": 5000, "tsne": 1500}
_DIRECTIONS = 50
_SEED = 20200122


def map_rows(articles: Sequence[Article], most: int) -> list[int]:
    """Rows of at most so many articles with a text, in order; the same ones on every machine."""
    rows = [row for row, article in enumerate(articles) if text_of(article)]
    drawn = sorted(rows, key=lambda row: hashlib.sha256(articles[row].id.encode()).digest())
    return sorted(drawn[:most])


def text_of(article: Article) -> str:
    """What places an article: title and description, as the models read it by default."""
    return compose_text(article, DataConfig())


def word_vectors(texts: Sequence[str]) -> NDArray[np.float32]:
    """tf-idf of words cut to its strongest directions, (n, up to 50).

    Raises DataError for fewer than 5 texts, or if too few words stand in two of them.
    """
    counts = count_terms(texts, analyzer="technical", ngram_range=(1, 1)).counts
    in_texts = np.bincount(counts.indices, minlength=counts.shape[1])
    counts = counts[:, (in_texts >= 2) & (in_texts <= max(0.5 * len(texts), 20))]
    directions = min(_DIRECTIONS, *(size - 1 for size in counts.shape))
    if len(texts) < LEAST_POINTS or directions < 1:
        raise _too_few(len(texts))
    weights = weigh_counts(counts, fit_idf(counts), sublinear=True)
    cut = TruncatedSVD(directions, random_state=_SEED).fit_transform(weights)
    return np.asarray(cut, np.float32)


def lay_out(vectors: NDArray[np.float32], *, dimensions: int, layout: Layout) -> NDArray[Any]:
    """float32 (n, dimensions) from vectors (n, d): the same points for the same vectors.

    Lengths of vectors do not count, for the cosine is what makes texts near.
    Raises DataError for fewer than 5 articles or fewer directions than dimensions.
    """
    if len(vectors) < LEAST_POINTS or vectors.shape[1] < dimensions:
        raise _too_few(len(vectors))
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
