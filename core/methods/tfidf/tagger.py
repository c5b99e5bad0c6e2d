"""tf-idf of words under a one-vs-rest linear SVM."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from core.features.analyzers import ANALYZERS
from core.features.tfidf import CHARACTERS, Tfidf
from core.methods.evidence import Contributions
from core.methods.taggers import BaseTagger
from core.models.bundle import Bundle, read_bundle, reading_model, write_bundle
from core.solvers.fitted import LinearSvm

# As the settings of an experiment allow.
_LONGEST_NGRAM = 6


@dataclass(frozen=True)
class TfidfTagger(BaseTagger):
    """tf-idf under a one-vs-rest linear SVM. Scores are margins."""

    KIND = "tfidf-svm"

    tags: tuple[str, ...]
    thresholds: NDArray[np.float64]
    features: Tfidf
    svm: LinearSvm

    @property
    def words(self) -> Tfidf:
        """The fitted tf-idf."""
        return self.features

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Margins (n, K) of n texts."""
        return self.svm.scores(self.features.transform(texts))

    def contributions(self, text: str) -> Contributions:
        """Each known term's part of every margin; with the intercept they sum to it."""
        row = self.features.transform([text])
        parts = row.data[:, None] * self.svm.weights[row.indices].toarray()
        return Contributions(tuple(self.features.terms[index] for index in row.indices), parts)

    def save(self, folder: Path) -> None:
        """Write terms, weights and thresholds into a folder."""
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
        with reading_model(folder):
            tags, settings = bundle.tags, bundle.settings
            features = read_tfidf(
                bundle,
                settings["analyzer"],
                settings["ngram_range"],
                sublinear=settings["sublinear_tf"],
            )
            arrays = bundle.arrays
            weights = arrays.sparse(
                "weights_indices",
                "weights_indptr",
                (len(features.terms), len(tags)),
                data="weights_data",
            )
            intercepts = arrays.floats("intercepts", len(tags))
            svm = LinearSvm(weights, intercepts, bundle.unconverged)
            return cls(tags, bundle.thresholds, features, svm)


def read_tfidf(
    bundle: Bundle, analyzer: Any, ngram_range: Any, *, sublinear: Any = True, part: str = ""
) -> Tfidf:
    """The tf-idf of a model, or of one of its parts. Raises ValueError for one that is none."""
    suffix = f"_{part}" if part else ""
    terms = bundle.names(f"terms{suffix}")
    if analyzer not in (*ANALYZERS, CHARACTERS):
        raise ValueError(f"there is no analyzer {analyzer!r}")
    shortest, longest = ngram_range
    if not (isinstance(shortest, int) and isinstance(longest, int)):
        raise ValueError("ngram_range holds a value that is not a whole number")
    if not 1 <= shortest <= longest <= _LONGEST_NGRAM:
        raise ValueError(f"ngram_range is {shortest} to {longest}")
    # An idf is at least 1, however frequent the term: a term of weight 0 could not be told.
    idf = bundle.arrays.floats(f"idf{suffix}", len(terms), above=0.0)
    return Tfidf(analyzer, (shortest, longest), bool(sublinear), terms, idf)
