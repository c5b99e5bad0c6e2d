"""A tagger: texts in, a score for every tag out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.features.tfidf import Tfidf
from core.models.bundle import read_bundle, write_bundle
from core.models.svm import OneVsRestSvm


@dataclass(frozen=True)
class Contributions:
    """What stretches of a text (words or phrases) do for each tag's score: parts (t, K)."""

    terms: tuple[str, ...]
    parts: NDArray[np.float64]


class TagScorer(Protocol):
    """What the suggester needs of a trained model."""

    @property
    def tags(self) -> tuple[str, ...]: ...

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """(K,): a tag is suggested where its score is above."""
        ...

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """(n, K)."""
        ...

    def contributions(self, text: str) -> Contributions: ...


class Tagger(TagScorer, Protocol):
    """What the experiments need on top: new thresholds, and a folder to be kept in."""

    def with_thresholds(self, thresholds: NDArray[np.float64]) -> Self: ...

    def save(self, folder: Path) -> None: ...

    @classmethod
    def load(cls, folder: Path) -> Self: ...


@dataclass(frozen=True)
class TfidfTagger:
    """tf-idf under a one-vs-rest linear SVM. Scores are margins."""

    KIND = "tfidf-svm"

    tags: tuple[str, ...]
    thresholds: NDArray[np.float64]
    features: Tfidf
    svm: OneVsRestSvm

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.svm.scores(self.features.transform(texts))

    def contributions(self, text: str) -> Contributions:
        """Each known term's part of every margin; with the intercept they sum to it."""
        row = self.features.transform([text])
        parts = row.data[:, None] * self.svm.weights[row.indices].toarray()
        return Contributions(tuple(self.features.terms[index] for index in row.indices), parts)

    def with_thresholds(self, thresholds: NDArray[np.float64]) -> Self:
        return replace(self, thresholds=thresholds)

    def save(self, folder: Path) -> None:
        weights = self.svm.weights
        settings = {
            "analyzer": self.features.analyzer,
            "ngram_range": self.features.ngram_range,
            "sublinear_tf": self.features.sublinear_tf,
            "unconverged": self.svm.unconverged,
        }
        arrays = {
            "thresholds": self.thresholds,
            "idf": self.features.idf,
            "weights_data": weights.data,
            "weights_indices": weights.indices,
            "weights_indptr": weights.indptr,
            "intercepts": self.svm.intercepts,
        }
        texts = {"tags": self.tags, "terms": self.features.terms}
        write_bundle(folder, kind=self.KIND, settings=settings, texts=texts, arrays=arrays)

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Raises RunError if a file is missing, changed or of another kind."""
        bundle = read_bundle(folder, kind=cls.KIND)
        tags, terms = tuple(bundle.texts["tags"]), tuple(bundle.texts["terms"])
        arrays, settings = bundle.arrays, bundle.settings
        weights = csr_array(
            (arrays["weights_data"], arrays["weights_indices"], arrays["weights_indptr"]),
            shape=(len(terms), len(tags)),
        )
        features = Tfidf(
            settings["analyzer"],
            tuple(settings["ngram_range"]),
            settings["sublinear_tf"],
            terms,
            arrays["idf"],
        )
        svm = OneVsRestSvm(weights, arrays["intercepts"], settings["unconverged"])
        return cls(tags, arrays["thresholds"], features, svm)
