"""Cross-validated grid search; keeps the best candidate's out-of-fold scores."""

from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.features.config import FeaturesConfig
from core.features.hybrid import CountedHybrid, HybridTerms
from core.features.tfidf import TermCounts, Tfidf, count_terms, fit_idf, kept_terms, weigh_counts
from core.methods.grid import Candidate, GridSearch, OnFit, SearchResult, add_factors
from core.models.folds import Fold
from core.settings.classifier import ClassifierConfig
from core.solvers.fitted import LinearSvm
from core.solvers.matrix import SideBySide
from core.solvers.one_vs_rest import fit_path, kernel_for


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
    search = GridSearch(Y, folds, classifier)
    best_terms: TermCounts | None = None
    for ngrams in features.ngram_range:
        terms = count_terms(texts, analyzer=features.analyzer, ngram_range=ngrams)
        for max_df in features.max_df:
            weighed = [_weigh_fold(terms.counts, fold, features, max_df) for fold in folds]
            for point, found in search.fit_grid(weighed, seed, on_fit):
                if search.add(Candidate(*point, ngrams, max_df), found):
                    best_terms = terms
    assert best_terms is not None  # every grid has a point
    tfidf, X = _fit_tfidf(best_terms, features, search.best)
    return tfidf, search.fit_best(X, seed, on_fit)


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
    search = GridSearch(Y, folds, classifier, kernel_for(len(X), classifier.vector_kernel))
    sides = [(X[train], X[test]) for train, test in folds]
    for point, found in search.fit_grid(sides, seed, on_fit):
        search.add(Candidate(*point), found)
    return search.fit_best(X, seed, on_fit)


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
    search = GridSearch(Y, folds, classifier)
    sides = []
    for train, test in folds:
        _, matrix = counted.fit(train)
        sides.append((matrix(train), matrix(test)))
    for point, found in search.fit_grid(sides, seed, on_fit):
        search.add(Candidate(*point), found)
    everything = np.arange(Y.shape[0])
    terms, matrix = counted.fit(everything)
    X = matrix(everything)
    return terms, X, search.fit_best(X, seed, on_fit)


def fit_parts(
    counted: CountedHybrid,
    parts: Mapping[str, SideBySide],
    Y: csr_array,
    folds: Sequence[Fold],
    best: Candidate,
    *,
    seed: int,
    on_fit: OnFit = lambda _: None,
) -> tuple[list[LinearSvm], NDArray[np.float32]]:
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
    held_out = np.zeros((len(parts), *Y.shape), np.float32)
    starts = np.zeros_like(held_out)
    for train, test in folds:
        terms, matrix = counted.fit(train)
        learnt, tested = (terms.split(matrix(rows)).values() for rows in (train, test))
        for scores, start, X_train, X_test in zip(held_out, starts, learnt, tested, strict=True):
            (svm,) = solve(X_train, Y[train])
            scores[test] = svm.scores(X_test)
            add_factors(start, svm, train, len(folds))
    final = [solve(X, Y, start=near) for X, near in zip(parts.values(), starts, strict=True)]
    return [svm.as_linear() for (svm,) in final], held_out


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
