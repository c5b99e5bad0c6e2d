"""One-vs-rest SVM for all tags over one shared matrix."""

import threading
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array, csr_array, csr_matrix, hstack, issparse, vstack
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import LinearSVC

from core.base.machine import processor_count
from core.features.hybrid import SideBySide
from core.settings.classifier import Dual, Kernel, Penalty

# (n, V): a sparse csr_array of tf-idf, a dense array of vectors, or both side by side.
Matrix: TypeAlias = Any
# Rows up to which a problem is solved by the products of every two rows (in float32: 2.3 GB), and
# up to which these are float64.
_MOST_GRAM_ROWS = 24_000
_MOST_EXACT_ROWS = 8000
# With fewer terms a row, or fewer than this share of the rows, liblinear is faster, whose time
# grows with rows x terms; that of products grows with rows x rows (docs/benchmarks.md).
_FEWEST_TERMS, _FEWEST_BY_ROWS = 30, 1 / 50
# Columns whose weights are dense at a time: of n-grams, most weights are 0.
_BLOCK = 20_000
_ONE_AT_A_TIME = threading.Lock()


@dataclass(frozen=True)
class OneVsRestSvm:
    """weights (V, K), sparse for sparse columns; intercepts (K,).

    unconverged: tags whose solver stopped at its iteration limit.
    """

    weights: Matrix
    intercepts: NDArray[np.float64]
    unconverged: int = 0

    @property
    def factors(self) -> NDArray[np.floating] | None:
        """Of the rows it was fitted to, (n, K), if it is a combination of them."""
        return None

    def scores(self, X: Matrix) -> NDArray[np.float32]:
        """Margins (n, K): signed, unbounded, 0 is the decision boundary; no probabilities."""
        rows = _only_side(X)
        if issparse(rows):
            # scipy would make a copy of all weights in the precision of the rows.
            rows = rows.astype(self.weights.dtype, copy=False)
        products = rows @ self.weights
        dense = products.toarray() if issparse(products) else products
        return np.asarray(dense + self.intercepts, np.float32)

    @staticmethod
    def all_scores(path: Sequence[Any], X: Matrix) -> list[NDArray[np.float32]]:
        """Margins (m, K) of X by each SVM of one `fit_path`, whose class this is."""
        return [svm.scores(X) for svm in path]

    def by_columns(self) -> "OneVsRestSvm":
        return self


@dataclass(frozen=True)
class SvmOfRows:
    """The same as a combination of the rows (n, V) it was fitted to: factors (n, K)."""

    rows: Matrix
    factors: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def scores(self, X: Matrix) -> NDArray[np.float32]:
        """Margins (m, K) of X (m, V)."""
        return self.all_scores([self], X)[0]

    @staticmethod
    def all_scores(path: Sequence[Any], X: Matrix) -> list[NDArray[np.float32]]:
        """The same by each SVM of one `fit_path`."""
        products = _products(X, path[0].rows)
        return [np.asarray(products @ svm.factors + svm.intercepts, np.float32) for svm in path]

    def by_columns(self) -> OneVsRestSvm:
        """With a weight for each column, which needs no rows; of sparse ones in float32."""
        if isinstance(self.rows, SideBySide):
            return OneVsRestSvm(self.rows.transposed_product(self.factors), self.intercepts)
        columns = csr_array(self.rows.T)
        blocks = [
            csr_array((columns[start : start + _BLOCK] @ self.factors).astype(np.float32))
            for start in range(0, columns.shape[0], _BLOCK)
        ]
        return OneVsRestSvm(csr_array(vstack(blocks, format="csr")), self.intercepts)


def _products(X: Matrix, rows: Matrix) -> NDArray[np.floating]:
    """Of every row of X (m, V) with every one of `rows` (n, V): (m, n)."""
    X = _only_side(X)
    if not isinstance(X, SideBySide):
        X, rows = SideBySide.of_sparse(X), SideBySide.of_sparse(rows)
    return X.products(rows, _precision(rows.shape[0]))


def _precision(rows: int) -> type[np.floating]:
    return np.float64 if rows <= _MOST_EXACT_ROWS else np.float32


def _only_side(X: Matrix) -> Matrix:
    """Of a matrix with columns on one side only, that side."""
    if isinstance(X, SideBySide) and not X.sparse.shape[1]:
        return X.dense
    if isinstance(X, SideBySide) and not X.dense.shape[1]:
        return X.sparse
    return X


def kernel_for(rows: int, wanted: Kernel) -> Kernel:
    """The wanted one where so many vectors can be compared with one another, else linear."""
    return wanted if rows <= _MOST_GRAM_ROWS else "linear"


def dual_is_moot(X: Matrix, penalty: Penalty) -> bool:
    """Whether our own solvers take it, whose optimum is the same whatever `dual` says."""
    return isinstance(_only_side(X), np.ndarray) or takes_products(X, penalty)


def takes_products(X: Matrix, penalty: Penalty) -> bool:
    """Whether it is solved by the products of every two rows."""
    X = _only_side(X)
    if penalty == "l1" or isinstance(X, np.ndarray):
        return False
    if isinstance(X, SideBySide):
        return X.shape[0] <= _MOST_GRAM_ROWS
    return products_pay(X.shape[0], X.nnz / X.shape[0])


def products_pay(rows: int, terms: float) -> bool:
    """Whether that is the faster way for sparse rows with so many terms each in the mean."""
    return rows <= _MOST_GRAM_ROWS and terms > max(_FEWEST_TERMS, _FEWEST_BY_ROWS * rows)


def products_bytes(rows: int) -> int:
    """What the products take while a problem is solved: beside float64, two in float32."""
    return rows**2 * (16 if rows <= _MOST_EXACT_ROWS else 4)


def fit_path(
    X: Matrix,
    Y: csr_array,
    Cs: Sequence[float],
    *,
    penalty: Penalty = "l2",
    dual: Dual = "auto",
    kernel: Kernel = "linear",
    start: NDArray[np.floating] | None = None,
    seed: int,
    on_fit: Callable[[int], None] = lambda _: None,
) -> Sequence[OneVsRestSvm | SvmOfRows]:
    """A one-vs-rest SVM for each C, of the K columns of bool Y (n, K) on X (n, V).

    Dense X goes to solvers of our own, and so do few rows of many terms under l2; `dual` makes no
    difference there: it is the same optimum. Other sparse X goes to liblinear. `kernel` is for
    dense X under l2 (see `kernel_for`). `start`: factors (n, K) near those of the least C, where
    the solution is a combination of the rows. `on_fit` gets the number of tags done.
    """
    X = _only_side(X)
    by_products = takes_products(X, penalty)
    if isinstance(X, SideBySide) and not by_products:
        X = csr_array(hstack([X.sparse, csr_array(X.dense)], format="csr"))
    if not dual_is_moot(X, penalty):
        return [
            fit_one_vs_rest(X, Y, C=C, penalty=penalty, dual=dual, seed=seed, on_fit=on_fit)
            for C in Cs
        ]
    # Tags of the same articles have the same solution: most rare tags are not alone.
    patterns, first, pattern_of = np.unique(
        Y.toarray(), axis=1, return_index=True, return_inverse=True
    )
    near = None if start is None else start[:, first]

    def on_path() -> None:
        on_fit(Y.shape[1])

    if by_products:
        from core.solvers.gram import fit_gram_path

        path = fit_gram_path(_products(X, X), patterns, Cs, start=near, on_fit=on_path)
        return [SvmOfRows(X, factors[:, pattern_of], cuts[pattern_of]) for factors, cuts in path]
    if kernel == "rbf" and penalty == "l2":
        from core.solvers.kernel import fit_kernel_path

        dtype = _precision(len(X))
        return [
            replace(svm, weights=svm.weights[:, pattern_of], intercepts=svm.intercepts[pattern_of])
            for svm in fit_kernel_path(X, patterns, Cs, dtype, start=near, on_fit=on_path)
        ]
    if penalty == "l1":
        from core.solvers.l1 import fit_l1_path

        alike = np.bincount(pattern_of)

        def on_pattern(column: int) -> None:
            on_fit(int(alike[column]) * len(Cs))

        path = fit_l1_path(X, patterns, Cs, threads=processor_count(), on_tag=on_pattern)
    else:
        from core.solvers.dense import fit_dense_path

        path = fit_dense_path(X, patterns, Cs, on_fit=on_path)
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
