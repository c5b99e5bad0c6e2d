"""The training articles that are most like a text, with their tags."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.articles.article import Article
from core.base.errors import DataError
from core.features.analyzers import TECHNICAL
from core.features.tfidf import Tfidf, count_terms, fit_idf, weigh_counts
from core.features.vectors import embed_texts, read_vectors
from core.methods.taggers import EncoderUse, TagScorer
from core.runs.experiment import read_dataset
from core.runs.store import Run


@dataclass(frozen=True)
class Neighbour:
    """A training article; likeness: cosine, at most 1."""

    article: Article
    likeness: float


@dataclass(frozen=True)
class Neighbours:
    """Training articles as rows of length 1 (n, d). by: "words" or "meaning"."""

    by: str
    articles: Sequence[Article]
    rows: NDArray[np.float32] | csr_array
    features: Tfidf | EncoderUse

    @classmethod
    def build(cls, run: Run, tagger: TagScorer) -> "Neighbours":
        """Index the run's articles and corrections that are not in its test part.

        Articles that were only added to learn from (`dataset.extra`) are left out. If the
        tagger has tf-idf features, the index uses them. If it has sentence vectors only, the
        index uses these where the cache holds them for all articles. Otherwise tf-idf is fitted
        on the articles. Raises DataError if the data set is gone or has changed since the run
        was trained.
        """
        articles, texts = _training_articles(run)
        if (words := tagger.words) is not None:
            return cls("words", articles, words.transform(texts), words)
        if (encoder := tagger.vectors) is not None:
            try:
                vectors = read_vectors(texts, encoder.config)
                return cls("meaning", articles, _unit_rows(vectors), encoder)
            except DataError:
                pass  # the cache was emptied: words do, too
        counted = count_terms(texts, analyzer=TECHNICAL, ngram_range=(1, 1))
        idf = fit_idf(counted.counts)
        features = Tfidf(TECHNICAL, (1, 1), True, tuple(counted.terms.tolist()), idf)
        return cls("words", articles, weigh_counts(counted.counts, idf, sublinear=True), features)

    def nearest(self, text: str, *, limit: int = 5) -> list[Neighbour]:
        """The articles most like the text, best first; none that has nothing in common."""
        if isinstance(self.features, Tfidf):
            row = self.features.transform([text])
            likeness = np.asarray((self.rows @ row.T).todense()).ravel()
        else:
            encoder = self.features
            row = _unit_rows(embed_texts([text], encoder.files, encoder.config).vectors)
            likeness = np.asarray(self.rows @ row[0])
        best = np.argsort(-likeness, kind="stable")[:limit]
        return [
            Neighbour(self.articles[place], float(likeness[place]))
            for place in best.tolist()
            if likeness[place] > 0
        ]


def _training_articles(run: Run) -> tuple[list[Article], list[str]]:
    dataset = read_dataset(run.config_of_sources)
    if dataset.tested_fingerprint != run.environment.fingerprint:
        raise DataError("The articles have changed since the tags were learnt from them.")
    tested = set(run.read_part("test").ids)
    known = dataset.articles[: len(dataset.articles) - dataset.extra]
    rows = [row for row, article in enumerate(known) if article.id not in tested]
    return [dataset.articles[row] for row in rows], [dataset.texts[row] for row in rows]


def _unit_rows(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)
