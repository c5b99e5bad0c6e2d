"""Candidates of a grid against one another: each fitted on every fold, the best on all rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.metrics.counts import predict
from core.metrics.scorers import score_prediction
from core.models.folds import Fold
from core.settings.classifier import ClassifierConfig
from core.solvers.fitted import KernelSvm, Svm, score_path
from core.solvers.matrix import Matrix
from core.solvers.one_vs_rest import fit_path, ignores_dual
from core.solvers.options import Dual, Kernel, Penalty

OnFit = Callable[[int], None]


@dataclass(frozen=True)
class Candidate:
    """One point of the grid; ngram_range and max_df where the features are tf-idf."""

    C: float
    penalty: Penalty = "l2"
    dual: Dual = "auto"
    ngram_range: tuple[int, int] | None = None
    max_df: float | None = None


@dataclass(frozen=True)
class SearchResult:
    """The best candidate and what it was fitted to on all rows.

    cv_scores: mean score over the folds of each candidate at margin 0, 0..1.
    score: that of the tagger as it is used: the best candidate's, or of a second stage over it.
    out_of_fold: float32 (n, K), the best candidate's scores of rows it was not fitted on.
    """

    folds: int
    best: Candidate
    cv_scores: dict[Candidate, float]
    score: float
    out_of_fold: NDArray[np.float32]
    svm: Svm


@dataclass(frozen=True)
class OfFolds:
    """Out-of-fold scores (n, K), and factors (n, K) to start the fit of all rows with."""

    scores: NDArray[np.float32]
    start: NDArray[np.float32]

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> "OfFolds":
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.float32))


@dataclass
class Race:
    """Candidates as they come in, and the best of them."""

    Y: csr_array
    folds: Sequence[Fold]
    classifier: ClassifierConfig
    kernel: Kernel = "linear"
    cv_scores: dict[Candidate, float] = field(default_factory=dict)
    best: Candidate = field(init=False)
    out_of_fold: NDArray[np.float32] = field(init=False)
    start: NDArray[np.float32] = field(init=False)

    def enter(self, candidate: Candidate, found: OfFolds) -> bool:
        """Whether it leads by now: the scorer at margin 0, averaged over the folds' test rows."""
        scores = found.scores
        self.cv_scores[candidate] = mark = score_folds(self.Y, scores, self.folds, self.classifier)
        leads = len(self.cv_scores) == 1 or mark > self.cv_scores[self.best]
        if leads:
            self.best, self.out_of_fold, self.start = candidate, scores, found.start
        return leads

    def of_grid(
        self, sides: Sequence[tuple[Matrix, Matrix]], seed: int, on_fit: OnFit
    ) -> Iterator[tuple[tuple[float, Penalty, Dual], OfFolds]]:
        """(C, penalty, dual) and what the folds found of each; sides: the folds' X."""
        Y, classifier = self.Y, self.classifier
        known: dict[Penalty, list[OfFolds]] = {}
        for penalty, dual in classifier.pairs:
            if penalty in known:
                on_fit(len(classifier.C) * len(self.folds) * Y.shape[1])
                found = known[penalty]
            else:
                found = [OfFolds.empty(Y.shape) for _ in classifier.C]
                fit = partial(
                    fit_path,
                    penalty=penalty,
                    dual=dual,
                    kernel=self.kernel,
                    seed=seed,
                    on_fit=on_fit,
                )
                for (train, test), (X_train, X_test) in zip(self.folds, sides, strict=True):
                    # Weights of sparse columns are large: one C at a time.
                    at_once = len(found) if ignores_dual(X_train, penalty) else 1
                    for begin in range(0, len(found), at_once):
                        chosen = slice(begin, begin + at_once)
                        path = fit(X_train, Y[train], classifier.C[chosen])
                        tested = score_path(path, X_test)
                        for of_C, svm, scores in zip(found[chosen], path, tested, strict=True):
                            of_C.scores[test] = scores
                            add_factors(of_C.start, svm, train, len(self.folds))
                        del path
                if all(ignores_dual(X_train, penalty) for X_train, _ in sides):
                    known[penalty] = found
            for C, of_C in zip(classifier.C, found, strict=True):
                yield (C, penalty, dual), of_C

    def finish(self, X: Matrix, seed: int, on_fit: OnFit) -> SearchResult:
        """The winner, fitted on all rows."""
        best = self.best
        (svm,) = fit_path(
            X,
            self.Y,
            (best.C,),
            penalty=best.penalty,
            dual=best.dual,
            kernel=self.kernel,
            start=self.start,
            seed=seed,
            on_fit=on_fit,
        )
        scores = self.cv_scores
        kept = svm if self.kernel == "rbf" else svm.as_linear()
        return SearchResult(len(self.folds), best, scores, scores[best], self.out_of_fold, kept)


def add_factors(start: NDArray[np.float32], svm: Svm, rows: NDArray[np.int64], folds: int) -> None:
    """Towards the folds' mean, from where a fit of all rows is not far; 0 if it has no factors."""
    if isinstance(svm, KernelSvm):
        start[rows] += svm.factors / folds


def score_folds(
    Y: csr_array, scores: NDArray[np.float32], folds: Sequence[Fold], classifier: ClassifierConfig
) -> float:
    """The scorer at score 0, averaged over the folds' test rows."""
    marks = [
        score_prediction(classifier.scorer, Y[test], predict(scores[test], 0.0))
        for _, test in folds
    ]
    return float(np.mean(marks))
