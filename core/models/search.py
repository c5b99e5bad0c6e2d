"""Cross-validated grid search; keeps the best candidate's out-of-fold scores."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.features.config import FeaturesConfig
from core.features.hybrid import CountedHybrid, HybridTerms, SideBySide
from core.features.tfidf import TermCounts, Tfidf, count_terms, fit_idf, kept_terms, weigh_counts
from core.metrics.counts import predict
from core.metrics.scorers import score_prediction
from core.models.config import ClassifierConfig, Dual, Kernel, Penalty
from core.models.folds import Fold
from core.models.svm import (
    Matrix,
    OneVsRestSvm,
    SvmOfRows,
    dual_is_moot,
    fit_path,
    kernel_for,
)

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
    svm: OneVsRestSvm


def fit_count(features: FeaturesConfig, classifier: ClassifierConfig, tags: int) -> int:
    """Fits of one tag that a search makes."""
    grid = len(classifier.pairs) * len(classifier.C)
    if features.kind == "tfidf":
        grid *= len(features.ngram_range) * len(features.max_df)
    fits = grid * classifier.folds + 1
    if features.kind == "hybrid" and features.hybrid.second_stage:
        fits += len(features.hybrid.parts) * (classifier.folds + 1)
    return fits * tags


def search_tfidf_svm(
    texts: Sequence[str],
    Y: csr_array,
    folds: Sequence[Fold],
    features: FeaturesConfig,
    classifier: ClassifierConfig,
    *,
    seed: int,
    on_fit: OnFit = lambda _: None,
) -> tuple[Tfidf, SearchResult]:
    """Try every candidate on every fold, then fit the best one on all rows.

    Of equal scores the first candidate wins, as in GridSearchCV.
    """
    race = _Race(Y, folds, classifier)
    best_terms: TermCounts | None = None
    for ngrams in features.ngram_range:
        terms = count_terms(texts, analyzer=features.analyzer, ngram_range=ngrams)
        for max_df in features.max_df:
            weighed = [_weigh_fold(terms.counts, fold, features, max_df) for fold in folds]
            for point, scores in race.grid_scores(weighed, seed, on_fit):
                if race.enter(Candidate(*point, ngrams, max_df), scores):
                    best_terms = terms
    assert best_terms is not None  # every grid has a point
    tfidf, X = _fit_tfidf(best_terms, features, race.best)
    return tfidf, race.finish(X, seed, on_fit)


def search_vector_svm(
    X: NDArray[np.float32],
    Y: csr_array,
    folds: Sequence[Fold],
    classifier: ClassifierConfig,
    *,
    seed: int,
    on_fit: OnFit = lambda _: None,
) -> SearchResult:
    """The same on dense vectors X (n, d)."""
    race = _Race(Y, folds, classifier, kernel_for(len(X), classifier.vector_kernel))
    sides = [(X[train], X[test]) for train, test in folds]
    for point, scores in race.grid_scores(sides, seed, on_fit):
        race.enter(Candidate(*point), scores)
    return race.finish(X, seed, on_fit)


def search_hybrid_svm(
    counted: CountedHybrid,
    Y: csr_array,
    folds: Sequence[Fold],
    classifier: ClassifierConfig,
    *,
    seed: int,
    on_fit: OnFit = lambda _: None,
) -> tuple[HybridTerms, SideBySide, SearchResult]:
    """The same on words and vectors side by side; each fold has terms and idf of its own.

    Gives the terms of all rows, and their matrix, too.
    """
    race = _Race(Y, folds, classifier)
    sides = []
    for train, test in folds:
        _, matrix = counted.fit(train)
        sides.append((matrix(train), matrix(test)))
    for point, scores in race.grid_scores(sides, seed, on_fit):
        race.enter(Candidate(*point), scores)
    everything = np.arange(Y.shape[0])
    terms, matrix = counted.fit(everything)
    X = matrix(everything)
    return terms, X, race.finish(X, seed, on_fit)


def fit_parts(
    counted: CountedHybrid,
    parts: Mapping[str, SideBySide],
    Y: csr_array,
    folds: Sequence[Fold],
    best: Candidate,
    *,
    seed: int,
    on_fit: OnFit = lambda _: None,
) -> tuple[list[OneVsRestSvm], NDArray[np.float32]]:
    """An SVM on each of the p parts alone, and their out-of-fold margins (p, n, K).

    parts: of all n rows. best: the settings of every one.
    """

    solve = partial(
        fit_path,
        Cs=(best.C,),
        penalty=best.penalty,
        dual=best.dual,
        seed=seed,
        on_fit=on_fit,
    )

    def fit(alone: Iterable[SideBySide], tags: csr_array) -> list[OneVsRestSvm | SvmOfRows]:
        return [svm for part in alone for svm in solve(part, tags)]

    held_out = np.zeros((len(parts), *Y.shape), np.float32)
    for train, test in folds:
        terms, matrix = counted.fit(train)
        svms = fit(terms.split(matrix(train)).values(), Y[train])
        tested = terms.split(matrix(test)).values()
        for scores, svm, part in zip(held_out, svms, tested, strict=True):
            scores[test] = svm.scores(part)
    return [svm.by_columns() for svm in fit(parts.values(), Y)], held_out


def score_folds(
    Y: csr_array, scores: NDArray[np.float32], folds: Sequence[Fold], classifier: ClassifierConfig
) -> float:
    """The scorer at score 0, averaged over the folds' test rows."""
    marks = [
        score_prediction(classifier.scorer, Y[test], predict(scores[test], 0.0))
        for _, test in folds
    ]
    return float(np.mean(marks))


@dataclass
class _Race:
    """Candidates as they come in, and the best of them."""

    Y: csr_array
    folds: Sequence[Fold]
    classifier: ClassifierConfig
    kernel: Kernel = "linear"
    cv_scores: dict[Candidate, float] = field(default_factory=dict)
    best: Candidate = field(init=False)
    out_of_fold: NDArray[np.float32] = field(init=False)

    def enter(self, candidate: Candidate, scores: NDArray[np.float32]) -> bool:
        """Whether it leads by now: the scorer at margin 0, averaged over the folds' test rows."""
        self.cv_scores[candidate] = mark = score_folds(self.Y, scores, self.folds, self.classifier)
        leads = len(self.cv_scores) == 1 or mark > self.cv_scores[self.best]
        if leads:
            self.best, self.out_of_fold = candidate, scores
        return leads

    def grid_scores(
        self, sides: Sequence[tuple[Matrix, Matrix]], seed: int, on_fit: OnFit
    ) -> Iterator[tuple[tuple[float, Penalty, Dual], NDArray[np.float32]]]:
        """(C, penalty, dual) and out-of-fold scores (n, K) of each; sides: the folds' X."""
        Y, classifier = self.Y, self.classifier
        known: dict[Penalty, NDArray[np.float32]] = {}
        for penalty, dual in classifier.pairs:
            if penalty in known:
                on_fit(len(classifier.C) * len(self.folds) * Y.shape[1])
                scores = known[penalty]
            else:
                scores = np.zeros((len(classifier.C), *Y.shape), np.float32)
                fit = partial(
                    fit_path,
                    penalty=penalty,
                    dual=dual,
                    kernel=self.kernel,
                    seed=seed,
                    on_fit=on_fit,
                )
                for (train, test), (X_train, X_test) in zip(self.folds, sides, strict=True):
                    # Liblinear's weights are large and strangers: one C at a time.
                    at_once = len(scores) if dual_is_moot(X_train, penalty) else 1
                    for start in range(0, len(scores), at_once):
                        chosen = slice(start, start + at_once)
                        path = fit(X_train, Y[train], classifier.C[chosen])
                        scores[chosen, test] = path[0].all_scores(path, X_test)
                        del path
                if all(dual_is_moot(X_train, penalty) for X_train, _ in sides):
                    known[penalty] = scores
            for C, of_C in zip(classifier.C, scores, strict=True):
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
            seed=seed,
            on_fit=on_fit,
        )
        scores = self.cv_scores
        return SearchResult(
            len(self.folds), best, scores, scores[best], self.out_of_fold, svm.by_columns()
        )


def _fit_tfidf(
    terms: TermCounts, features: FeaturesConfig, best: Candidate
) -> tuple[Tfidf, csr_array]:
    """The fitted tf-idf over all counted rows, and their weighted matrix (n, V)."""
    assert best.ngram_range is not None and best.max_df is not None
    kept = kept_terms(terms.counts, min_df=features.min_df, max_df=best.max_df)
    counts = terms.counts[:, kept]
    tfidf = Tfidf(
        analyzer=features.analyzer,
        ngram_range=best.ngram_range,
        sublinear_tf=features.sublinear_tf,
        terms=tuple(terms.terms[kept].tolist()),
        idf=fit_idf(counts),
    )
    return tfidf, weigh_counts(counts, tfidf.idf, sublinear=features.sublinear_tf)


def _weigh_fold(
    counts: csr_array, fold: Fold, features: FeaturesConfig, max_df: float
) -> tuple[csr_array, csr_array]:
    """tf-idf of both sides, with terms and idf of the training side only."""
    train, test = counts[fold[0]], counts[fold[1]]
    kept = kept_terms(train, min_df=features.min_df, max_df=max_df)
    train, test = train[:, kept], test[:, kept]
    idf = fit_idf(train)
    return (
        weigh_counts(train, idf, sublinear=features.sublinear_tf),
        weigh_counts(test, idf, sublinear=features.sublinear_tf),
    )
