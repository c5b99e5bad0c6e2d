"""One-vs-rest linear SVM for all tags over one shared matrix."""

import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, csr_matrix, hstack, issparse, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from core.base.machine import processor_count
from core.features.hybrid import SideBySide
from core.models.config import Dual, Penalty

# (n, V): a sparse csr_array of tf-idf, a dense array of vectors, or both side by side.
Matrix: TypeAlias = Any
# Rows up to which words and vectors together are solved by the products of every two rows.
_MOST_GRAM_ROWS = 8000
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class OneVsRestSvm:
    """weights (V, K), sparse where liblinear made them; intercepts (K,).

    unconverged: tags whose solver stopped at its iteration limit.
    """

    weights: Matrix
    intercepts: NDArray[np.float64]
    unconverged: int = 0

    def scores(self, X: Matrix) -> NDArray[np.float32]:
        """Margins (n, K): signed, unbounded, 0 is the decision boundary; no probabilities."""
        products = X @ self.weights
        dense = products.toarray() if issparse(products) else products
        return np.asarray(dense + self.intercepts, np.float32)


def dual_is_moot(X: Matrix) -> bool:
    """Whether our own solvers take it, whose optimum is the same whatever `dual` says."""
    return not issparse(X)


def fit_path(
    X: Matrix,
    Y: csr_array,
    Cs: Sequence[float],
    *,
    penalty: Penalty = "l2",
    dual: Dual = "auto",
    seed: int,
    on_fit: Callable[[int], None] = lambda _: None,
) -> list[OneVsRestSvm]:
    """A one-vs-rest SVM for each C, of the K columns of bool Y (n, K) on X (n, V).

    Dense X goes to solvers of our own, for which `dual` makes no difference: it is the same
    optimum. Sparse X goes to liblinear. SideBySide becomes a dense problem under l2, unless it
    has too many rows, else a sparse one. `on_fit` gets the number of tags done.
    """
    if isinstance(X, SideBySide) and (penalty == "l1" or X.shape[0] > _MOST_GRAM_ROWS):
        X = csr_array(hstack([X.sparse, csr_array(X.dense)], format="csr"))
    if not dual_is_moot(X):
        return [
            fit_one_vs_rest(X, Y, C=C, penalty=penalty, dual=dual, seed=seed, on_fit=on_fit)
            for C in Cs
        ]
    # Tags of the same articles have the same solution: most rare tags are not alone.
    patterns, pattern_of = np.unique(Y.toarray(), axis=1, return_inverse=True)
    if penalty == "l1":
        from core.models.svm_l1 import fit_l1_path

        alike = np.bincount(pattern_of)

        def on_pattern(column: int) -> None:
            on_fit(int(alike[column]) * len(Cs))

        path = fit_l1_path(X, patterns, Cs, threads=processor_count(), on_tag=on_pattern)
    else:
        from core.models.svm_dense import fit_dense_path, fit_gram_path

        fit = fit_gram_path if isinstance(X, SideBySide) else fit_dense_path
        path = fit(X, patterns, Cs, on_fit=lambda: on_fit(Y.shape[1]))
    return [OneVsRestSvm(weights[:, pattern_of], cuts[pattern_of]) for weights, cuts in path]


def fit_one_vs_rest(
    X: Matrix,
    Y: csr_array,
    *,
    C: float,
    penalty: Penalty = "l2",
    dual: Dual = "auto",
    seed: int,
    on_fit: Callable[[int], None] = lambda _: None,
) -> OneVsRestSvm:
    """Fit a LinearSVC for each column of Y.

    The same weights as OneVsRestClassifier(LinearSVC(C, random_state=seed)). Liblinear's random
    numbers are one stream for the whole process: fits that draw from it come one after the other,
    so that a seed means the same weights again. Only the primal l2 solver draws none and gets a
    thread a core. A tag that no article or every article has gets no weights and the margin -1
    or 1. `on_fit` is called in this thread after each tag.
    """
    rows, columns = csr_matrix(X) if issparse(X) else X, csc_array(Y)

    def fit(column: int) -> tuple[csr_array, float, bool]:
        has_tag = columns[:, [column]].toarray().ravel()
        if has_tag.all() or not has_tag.any():
            return csr_array((1, rows.shape[1])), 1.0 if has_tag.any() else -1.0, True
        model = LinearSVC(C=C, penalty=penalty, dual=dual, random_state=seed).fit(rows, has_tag)
        return csr_array(model.coef_), float(model.intercept_[0]), model.n_iter_ < model.max_iter

    fitted = []
    draws = penalty == "l1" or dual is not False
    threads = 1 if draws else processor_count()
    alone = _ONE_AT_A_TIME if draws else nullcontext()
    with alone, warnings.catch_warnings(), ThreadPoolExecutor(threads) as pool:
        # Counted in `unconverged` instead: one warning a tag would flood the log.
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            for result in pool.map(fit, range(Y.shape[1])):
                fitted.append(result)
                on_fit(1)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    weights, intercepts, converged = zip(*fitted, strict=True)
    return OneVsRestSvm(
        csr_array(vstack(weights, format="csr").T), np.array(intercepts), converged.count(False)
    )
