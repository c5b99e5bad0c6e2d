"""Fitted one-vs-rest SVMs: what they keep, and the margins they give."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, issparse, vstack

from core.solvers.matrix import ROWS_AT_ONCE, Matrix, SideBySide, one_side, unit_vectors
from core.solvers.options import Kernel

# Of exp(-GAMMA |a - b|^2), the vectors being of length 1. 0.5 to 1 give much the same F1, 2 less.
GAMMA = 1.0
# Rows up to which the kernel matrix is float64: 0.5 GB.
MOST_EXACT_ROWS = 8000
# Columns whose weights are dense at a time: most weights of n-grams are 0.
COLUMNS_AT_ONCE = 20_000


@dataclass(frozen=True)
class LinearSvm:
    """K linear SVMs over the same V columns: weights (V, K), sparse for sparse columns.

    intercepts: (K,). unconverged: tags whose solver stopped at its iteration limit.
    """

    weights: Matrix
    intercepts: NDArray[np.float64]
    unconverged: int = 0

    @property
    def columns(self) -> int:
        """How many columns a row needs."""
        return int(self.weights.shape[0])

    def scores(self, X: Matrix) -> NDArray[np.float32]:
        """Compute margins (n, K) of X (n, V): signed and unbounded; above 0 the tag is taken."""
        rows = one_side(X)
        if issparse(rows):
            # scipy would make a copy of all weights in the precision of the rows.
            rows = rows.astype(self.weights.dtype, copy=False)
        products = rows @ self.weights
        dense = products.toarray() if issparse(products) else products
        return np.asarray(dense + self.intercepts, np.float32)

    def as_linear(self) -> "LinearSvm":
        """Return itself, which has a weight for each column."""
        return self


@dataclass(frozen=True)
class KernelSvm:
    """K SVMs as combinations of the n rows (n, V) that they were fitted to.

    factors (n, K): what the kernel of a text and each row is multiplied by. intercepts: (K,).
    kernel: of "rbf", the rows have length 1.
    """

    rows: Matrix
    factors: NDArray[np.floating]
    intercepts: NDArray[np.float64]
    kernel: Kernel = "linear"
    unconverged = 0

    @property
    def columns(self) -> int:
        """How many columns a row needs."""
        return int(self.rows.shape[1])

    def scores(self, X: Matrix) -> NDArray[np.float32]:
        """Compute margins (m, K) of X (m, V), rows of any length."""
        return score_path([self], X)[0]

    def as_linear(self) -> LinearSvm:
        """Convert to a weight for each column, which gives the same margins without the rows.

        Weights of sparse columns are sparse and in single precision. Raises ValueError for "rbf".
        """
        if self.kernel == "rbf":
            raise ValueError("An SVM with an rbf kernel has no weights of columns.")
        if isinstance(self.rows, SideBySide):
            return LinearSvm(self.rows.transposed_product(self.factors), self.intercepts)
        columns = csr_array(self.rows.T)
        blocks = [
            csr_array((columns[start : start + COLUMNS_AT_ONCE] @ self.factors).astype(np.float32))
            for start in range(0, columns.shape[0], COLUMNS_AT_ONCE)
        ]
        return LinearSvm(csr_array(vstack(blocks, format="csr")), self.intercepts)


Svm: TypeAlias = LinearSvm | KernelSvm


def score_path(path: Sequence[Svm], X: Matrix) -> list[NDArray[np.float32]]:
    """Compute margins (m, K) of X (m, V) by each SVM of one `fit_path`, in one pass over X."""
    first = path[0]
    if isinstance(first, LinearSvm):
        return [svm.scores(X) for svm in path]
    factors = np.hstack([svm.factors for svm in path if isinstance(svm, KernelSvm)])
    intercepts = np.concatenate([svm.intercepts for svm in path])
    multiply = _kernel_with(first.rows, first.kernel, precision(first.rows.shape[0]))
    X = _kernel_rows(X, first.kernel)
    margins = np.empty((X.shape[0], len(intercepts)), np.float32)
    for start in range(0, len(margins), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        margins[block] = multiply(X[block]) @ factors + intercepts
    return np.split(margins, len(path), axis=1)


def kernel_matrix(rows: Matrix, kernel: Kernel) -> NDArray[np.floating]:
    """Compute the kernel of every two rows, (n, n); for "rbf", rows are dense and of length 1.

    float64 for few rows, else float32 in half the memory.
    """
    n = rows.shape[0]
    result = np.empty((n, n), precision(n))
    multiply, rows = _kernel_with(rows, kernel, precision(n)), _kernel_rows(rows, kernel)
    for start in range(0, n, ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        result[block] = multiply(rows[block])
    return result


def precision(rows: int) -> type[np.floating]:
    """Choose the type of a kernel matrix's numbers, so that it fits into memory."""
    return np.float64 if rows <= MOST_EXACT_ROWS else np.float32


def _kernel_rows(X: Matrix, kernel: Kernel) -> Matrix:
    """X as the kernel reads it."""
    X = one_side(X)
    if kernel == "rbf":
        return unit_vectors(X)
    return X if isinstance(X, SideBySide) else SideBySide.of_sparse(X)


def _kernel_with(
    rows: Matrix, kernel: Kernel, dtype: type[np.floating]
) -> Callable[[Matrix], NDArray[np.floating]]:
    """A function that gives the kernel (m, n) of any m rows with these n rows."""
    if kernel == "linear":
        side_by_side: SideBySide = _kernel_rows(rows, kernel)
        return side_by_side.multiplier(dtype)

    def gaussian(unit: NDArray[np.float32]) -> NDArray[np.float32]:
        # |a - b|^2 of two vectors of length 1 is 2 - 2 ab.
        products = unit @ rows.T
        products -= 1
        products *= 2 * GAMMA
        return np.exp(products, out=products)

    return gaussian
