"""Candidates of a grid against one another: each fitted on every fold, the best on all rows."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

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
class FoldResults:
    """Out-of-fold scores (n, K), and factors (n, K) to start the fit of all rows with."""

    scores: NDArray[np.float32]
    start: NDArray[np.float32]

    @classmethod
    def empty(cls, shape: tuple[int, int]) -> "FoldResults":
        """Zeros of that shape, to be filled fold by fold."""
        return cls(np.zeros(shape, np.float32), np.zeros(shape, np.float32))


@dataclass
class GridSearch:
    """A search over candidates by cross-validation: the mean score of each, and the best so far.

    best, out_of_fold and start are there once a candidate has been added: its settings, its scores
    of rows that it was not fitted on, and factors to start the fit of all rows with.
    """

    Y: csr_array
    folds: Sequence[Fold]
    classifier: ClassifierConfig
    kernel: Kernel = "linear"
    cv_scores: dict[Candidate, float] = field(default_factory=dict)
    best: Candidate = field(init=False)
    out_of_fold: NDArray[np.float32] = field(init=False)
    start: NDArray[np.float32] = field(init=False)

    def add(self, candidate: Candidate, found: FoldResults) -> bool:
        """Score a candidate at margin 0 on the folds' test rows; True if it is the best so far.

        Of equal scores the earlier candidate stays.
        """
        score = score_folds(self.Y, found.scores, self.folds, self.classifier)
        self.cv_scores[candidate] = score
        is_best = len(self.cv_scores) == 1 or score > self.cv_scores[self.best]
        if is_best:
            self.best, self.out_of_fold, self.start = candidate, found.scores, found.start
        return is_best

    def fit_grid(
        self, sides: Sequence[tuple[Matrix, Matrix]], seed: int, on_fit: OnFit
    ) -> Iterator[tuple[tuple[float, Penalty, Dual], FoldResults]]:
        """Fit every (C, penalty, dual) on every fold; sides: each fold's X to train and to test."""
        Cs, known = self.classifier.C, dict[Penalty, list[FoldResults]]()
        for penalty, dual in self.classifier.pairs:
            if penalty in known:
                on_fit(len(Cs) * len(self.folds) * self.Y.shape[1])
                found = known[penalty]
            else:
                found = self._fit_folds(penalty, dual, sides, seed, on_fit)
                if all(ignores_dual(X_train, penalty) for X_train, _ in sides):
                    known[penalty] = found
            for C, results in zip(Cs, found, strict=True):
                yield (C, penalty, dual), results

    def _fit_folds(
        self,
        penalty: Penalty,
        dual: Dual,
        sides: Sequence[tuple[Matrix, Matrix]],
        seed: int,
        on_fit: OnFit,
    ) -> list[FoldResults]:
        """What the folds found at each C."""
        Cs = self.classifier.C
        found = [FoldResults.empty(self.Y.shape) for _ in Cs]
        for (train, test), (X_train, X_test) in zip(self.folds, sides, strict=True):
            # Weights of sparse columns are large: one C at a time.
            at_once = len(Cs) if ignores_dual(X_train, penalty) else 1
            for begin in range(0, len(Cs), at_once):
                some = slice(begin, begin + at_once)
                path = fit_path(
                    X_train,
                    self.Y[train],
                    Cs[some],
                    penalty=penalty,
                    dual=dual,
                    kernel=self.kernel,
                    seed=seed,
                    on_fit=on_fit,
                )
                margins = score_path(path, X_test)
                for results, svm, scores in zip(found[some], path, margins, strict=True):
                    results.scores[test] = scores
                    add_factors(results.start, svm, train, len(self.folds))
                del path
        return found

    def fit_best(self, X: Matrix, seed: int, on_fit: OnFit) -> SearchResult:
        """Fit the best candidate on all rows."""
        best, scores = self.best, self.cv_scores
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
        kept = svm if self.kernel == "rbf" else svm.as_linear()
        return SearchResult(len(self.folds), best, scores, scores[best], self.out_of_fold, kept)


def add_factors(start: NDArray[np.float32], svm: Svm, rows: NDArray[np.int64], folds: int) -> None:
    """Add a fold's factors to their mean over the folds, which the fit of all rows starts with.

    start: (n, K); rows: those of the fold. An SVM without factors leaves it as it is.
    """
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
