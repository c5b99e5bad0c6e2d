"""A one-vs-rest SVM for all tags and several C over one shared matrix, by the fastest solver."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse

from core.base.machine import processor_count
from core.solvers.fitted import MOST_EXACT_ROWS, KernelSvm, LinearSvm, Svm, kernel_matrix
from core.solvers.matrix import Matrix, SideBySide, one_side, unit_vectors
from core.solvers.options import Dual, Kernel, Penalty

# Rows up to which a problem is solved by the kernel of every two rows (in float32: 2.3 GB).
MOST_KERNEL_ROWS = 24_000
# With fewer terms a row, or fewer than this share of the rows, liblinear is faster, whose time
# grows with rows x terms; the kernel matrix's with rows x rows (docs/history/benchmarks.md).
FEWEST_TERMS, FEWEST_BY_ROWS = 30, 1 / 50


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
) -> list[Svm]:
    """Fit a one-vs-rest SVM (squared hinge) on X for each C, of all K columns of Y.

    Dense X goes to solvers of our own, and so does sparse X of few rows and many terms under l2;
    `dual` makes no difference there, for the optimum is the same. Other sparse X goes to liblinear.

    X: (n, V). Y: bool (n, K); a tag that no row or every row has gets the constant margin -1 or 1.
    kernel: "rbf" is for dense X under l2, see `kernel_for`; all else is linear. start: factors
    (n, K) near those of the least C, where the solution is a combination of the rows. seed: of
    liblinear's order of rows. on_fit gets how many tags have been fitted since its last call.

    >>> X = np.array([[2.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [-2.0, 0.0]])
    >>> Y = csr_array([[True], [True], [False], [False]])
    >>> for svm in fit_path(X, Y, [0.01, 100], seed=0):
    ...     print(svm.weights[:, 0].round(2), svm.scores(X)[:, 0].round(2))
    [0.1 0. ] [ 0.2  0.1 -0.1 -0.2]
    [1. 0.] [ 2.  1. -1. -2.]
    """
    X, tags, rising = one_side(X), _Tags.build(Y), sorted(set(Cs))

    def on_solved() -> None:
        on_fit(tags.count)

    path: list[Svm]
    if uses_kernel_matrix(X, penalty, kernel):
        path = _fit_by_rows(X, tags, rising, start, on_solved)
    elif not isinstance(X, np.ndarray):
        X = X.joined() if isinstance(X, SideBySide) else X
        path = [_fit_liblinear(X, tags, C, penalty, dual, seed, on_fit) for C in rising]
    elif penalty == "l1":
        path = _fit_l1(X, tags, rising, on_fit)
    else:
        from core.solvers.dense import fit_dense

        fits = fit_dense(X, tags.patterns, rising, on_solved=on_solved)
        path = [LinearSvm(tags.spread(weights), tags.cuts(cuts)) for weights, cuts in fits]
    if repeated := len(Cs) - len(rising):
        on_fit(repeated * tags.count)
    return [path[rising.index(C)] for C in Cs]


def kernel_for(rows: int, wanted: Kernel) -> Kernel:
    """The wanted kernel where so many rows can be compared with one another, else "linear"."""
    return wanted if rows <= MOST_KERNEL_ROWS else "linear"


def ignores_dual(X: Matrix, penalty: Penalty) -> bool:
    """Whether a solver of our own takes X, whose optimum is the same whatever `dual` says."""
    return isinstance(one_side(X), np.ndarray) or uses_kernel_matrix(X, penalty)


def uses_kernel_matrix(X: Matrix, penalty: Penalty, kernel: Kernel = "linear") -> bool:
    """Whether `fit_path` solves X by the kernel of every two rows."""
    X = one_side(X)
    if penalty == "l1":
        return False
    if isinstance(X, np.ndarray):
        return kernel == "rbf"
    if isinstance(X, SideBySide):
        return X.shape[0] <= MOST_KERNEL_ROWS
    return kernel_matrix_pays(X.shape[0], X.nnz / X.shape[0])


def kernel_matrix_pays(rows: int, terms: float) -> bool:
    """Whether that is the faster way for sparse rows; terms: of a row in the mean."""
    return rows <= MOST_KERNEL_ROWS and terms > max(FEWEST_TERMS, FEWEST_BY_ROWS * rows)


def kernel_matrix_bytes(rows: int) -> int:
    """The memory of a kernel matrix while a problem is solved: beside float64, two in float32."""
    return rows**2 * (16 if rows <= MOST_EXACT_ROWS else 4)


@dataclass(frozen=True)
class _Tags:
    """The K columns of Y as P different ones to fit: most rare tags share their articles.

    patterns: bool (n, P), none all true or all false; first (P,): a column of each. chosen (P, K):
    1 where a pattern is the column's; a column without one is constant. constants (K,): -1 or 1
    for these, else 0.
    """

    patterns: NDArray[np.bool_]
    first: NDArray[np.int64]
    chosen: csr_array
    constants: NDArray[np.float64]

    @classmethod
    def build(cls, Y: csr_array) -> "_Tags":
        truth = np.asarray(Y.toarray(), bool)
        some, every = truth.any(axis=0), truth.all(axis=0)
        mixed = np.flatnonzero(some & ~every)
        patterns, first, pattern_of = np.unique(
            truth[:, mixed], axis=1, return_index=True, return_inverse=True
        )
        shape = (patterns.shape[1], truth.shape[1])
        chosen = csr_array((np.ones(len(mixed)), (pattern_of, mixed)), shape=shape)
        constants = np.where(every, 1.0, -1.0)
        constants[mixed] = 0
        return cls(patterns, mixed[first], chosen, constants)

    @property
    def count(self) -> int:
        return len(self.constants)

    @property
    def alike(self) -> NDArray[np.int64]:
        """Number of tags that have each pattern, (P,)."""
        return np.diff(self.chosen.indptr)

    def spread(self, coefficients: Matrix) -> Matrix:
        """(m, P) to (m, K)."""
        spread = coefficients @ self.chosen
        return spread if issparse(spread) else np.ascontiguousarray(spread)

    def cuts(self, intercepts: NDArray[np.float64]) -> NDArray[np.float64]:
        """Intercepts (P,) to (K,)."""
        return intercepts @ self.chosen + self.constants

    def counter(self, on_fit: Callable[[int], None]) -> Callable[[int], None]:
        """What counts the tags of each pattern once it is fitted; the constant ones at once."""
        alike = self.alike
        if constant := self.count - int(alike.sum()):
            on_fit(constant)
        return lambda pattern: on_fit(int(alike[pattern]))


def _fit_by_rows(
    X: Matrix,
    tags: _Tags,
    Cs: Sequence[float],
    start: NDArray[np.floating] | None,
    on_solved: Callable[[], None],
) -> list[Svm]:
    from core.solvers.kernel_matrix import fit_kernel_matrix

    is_dense = isinstance(X, np.ndarray)
    kernel: Kernel = "rbf" if is_dense else "linear"
    rows = unit_vectors(X) if is_dense else X
    near = None if start is None else start[:, tags.first]
    products = kernel_matrix(rows, kernel)
    fits = fit_kernel_matrix(products, tags.patterns, Cs, start=near, on_solved=on_solved)
    kept = np.float32 if is_dense else np.float64
    return [
        KernelSvm(rows, tags.spread(factors).astype(kept), tags.cuts(cuts), kernel)
        for factors, cuts in fits
    ]


def _fit_l1(
    X: Matrix, tags: _Tags, Cs: Sequence[float], on_fit: Callable[[int], None]
) -> list[Svm]:
    from core.solvers.l1 import fit_l1

    on_column = tags.counter(lambda fitted: on_fit(fitted * len(Cs)))
    fits = fit_l1(X, tags.patterns, Cs, threads=processor_count(), on_column=on_column)
    return [LinearSvm(tags.spread(weights), tags.cuts(cuts)) for weights, cuts in fits]


def _fit_liblinear(
    X: csr_array,
    tags: _Tags,
    C: float,
    penalty: Penalty,
    dual: Dual,
    seed: int,
    on_fit: Callable[[int], None],
) -> LinearSvm:
    from core.solvers.liblinear import fit_liblinear

    weights, cuts, converged = fit_liblinear(
        X,
        tags.patterns,
        C,
        penalty=penalty,
        dual=dual,
        seed=seed,
        on_column=tags.counter(on_fit),
    )
    unconverged = int(tags.alike[~converged].sum())
    return LinearSvm(csr_array(tags.spread(weights)), tags.cuts(cuts), unconverged)
