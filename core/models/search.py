"""Cross-validated search over n-grams, max_df and C; keeps the best one's out-of-fold scores."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.model_selection import GroupKFold, KFold

from core.base.errors import DataError
from core.features.config import FeaturesConfig
from core.features.tfidf import TermCounts, Tfidf, count_terms, fit_idf, kept_terms, weigh_counts
from core.metrics.counts import predict
from core.metrics.scorers import score_prediction
from core.models.config import ClassifierConfig
from core.models.svm import OneVsRestSvm, fit_one_vs_rest

IntArray = NDArray[np.int64]
Fold = tuple[IntArray, IntArray]


@dataclass(frozen=True)
class Candidate:
    """One point of the grid."""

    ngram_range: tuple[int, int]
    max_df: float
    C: float


@dataclass(frozen=True)
class SearchResult:
    """The best candidate and what it was fitted to on all rows.

    cv_scores: mean score over the folds of each candidate at margin 0, 0..1.
    out_of_fold: float32 (n, K), the best candidate's scores of rows it was not fitted on.
    """

    best: Candidate
    cv_scores: dict[Candidate, float]
    out_of_fold: NDArray[np.float32]
    features: Tfidf
    svm: OneVsRestSvm


def fit_count(features: FeaturesConfig, classifier: ClassifierConfig, tags: int) -> int:
    """Fits of one tag that a search makes."""
    grid = len(features.ngram_range) * len(features.max_df) * len(classifier.C)
    return (grid * classifier.folds + 1) * tags


def search_tfidf_svm(
    texts: Sequence[str],
    Y: csr_array,
    folds: Sequence[Fold],
    features: FeaturesConfig,
    classifier: ClassifierConfig,
    *,
    seed: int,
    on_fit: Callable[[], None] = lambda: None,
) -> SearchResult:
    """Try every candidate on every fold, then fit the best one on all rows.

    Of equal scores the first candidate wins, as in GridSearchCV.
    """
    cv_scores: dict[Candidate, float] = {}
    best: tuple[Candidate, NDArray[np.float32], TermCounts] | None = None
    for ngrams in features.ngram_range:
        terms = count_terms(texts, analyzer=features.analyzer, ngram_range=ngrams)
        for max_df in features.max_df:
            weighed = [_weigh_fold(terms.counts, fold, features, max_df) for fold in folds]
            for C in classifier.C:
                candidate = Candidate(ngrams, max_df, C)
                scores = np.zeros(Y.shape, np.float32)
                for (train, test), (X_train, X_test) in zip(folds, weighed, strict=True):
                    svm = fit_one_vs_rest(X_train, Y[train], C=C, seed=seed, on_fit=on_fit)
                    scores[test] = svm.scores(X_test)
                cv_scores[candidate] = _mean_score(Y, scores, folds, classifier)
                if best is None or cv_scores[candidate] > cv_scores[best[0]]:
                    best = candidate, scores, terms
    assert best is not None  # every grid has a point
    winner, out_of_fold, terms = best
    tfidf, X = fit_tfidf(terms, features, winner)
    svm = fit_one_vs_rest(X, Y, C=winner.C, seed=seed, on_fit=on_fit)
    return SearchResult(winner, cv_scores, out_of_fold, tfidf, svm)


def build_folds(groups: IntArray, config: ClassifierConfig, *, seed: int) -> list[Fold]:
    """Train and test rows of each fold; rows of one group stay together if grouped.

    groups: (n,). Raises DataError if there are fewer groups than folds.
    """
    units = len(set(groups.tolist())) if config.grouped_folds else len(groups)
    if units < config.folds:
        raise DataError(
            f"{units} training articles cannot make {config.folds} folds. "
            "Use more articles or lower classifier.folds."
        )
    shuffling = {
        "shuffle": config.shuffle_folds,
        "random_state": seed if config.shuffle_folds else None,
    }
    if config.grouped_folds:
        return list(GroupKFold(config.folds, **shuffling).split(groups, groups=groups))
    return list(KFold(config.folds, **shuffling).split(groups))


def fit_tfidf(
    terms: TermCounts, features: FeaturesConfig, best: Candidate
) -> tuple[Tfidf, csr_array]:
    """The fitted tf-idf over all counted rows, and their weighted matrix (n, V)."""
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


def _mean_score(
    Y: csr_array, scores: NDArray[np.float32], folds: Sequence[Fold], classifier: ClassifierConfig
) -> float:
    """The scorer at margin 0, averaged over the folds' test rows."""
    marks = [
        score_prediction(classifier.scorer, Y[test], predict(scores[test], 0.0))
        for _, test in folds
    ]
    return float(np.mean(marks))


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
