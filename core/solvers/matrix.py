"""The matrices that an SVM is fitted to: sparse, dense, or both side by side."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, hstack

# (n, V): a sparse csr_array of tf-idf, a dense array of vectors, or a SideBySide of both.
Matrix: TypeAlias = Any
# Sparse products take more memory than the dense ones they are added to.
ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class SideBySide:
    """A matrix (n, V + d) of n rows: V sparse columns, then d dense ones.

    >>> both = SideBySide(csr_array([[0.0, 2.0], [1.0, 0.0]]), np.array([[3.0], [4.0]]))
    >>> both.shape
    (2, 3)
    >>> both @ np.array([[1.0], [10.0], [100.0]])
    array([[320.],
           [401.]])
    """

    sparse: csr_array
    dense: NDArray[np.floating]

    @classmethod
    def of_sparse(cls, sparse: csr_array) -> Self:
        """A matrix without dense columns."""
        return cls(sparse, np.empty((sparse.shape[0], 0), np.float32))

    @property
    def shape(self) -> tuple[int, int]:
        """(n, V + d)."""
        return self.sparse.shape[0], self.sparse.shape[1] + self.dense.shape[1]

    def __getitem__(self, rows: Any) -> "SideBySide":
        return SideBySide(self.sparse[rows], self.dense[rows])

    def __matmul__(self, weights: NDArray[np.floating]) -> NDArray[np.floating]:
        """Multiply with weights (V + d, K) to (n, K), in the precision of the weights."""
        V = self.sparse.shape[1]
        # scipy would make a copy of all weights in the precision of the rows.
        terms = self.sparse.astype(weights.dtype, copy=False) @ weights[:V]
        return np.asarray(terms + self.dense @ weights[V:])

    def transposed_product(self, rows: NDArray[np.floating]) -> NDArray[np.float64]:
        """Multiply the transposed matrix with rows (n, K) to (V + d, K)."""
        return np.vstack([self.sparse.T @ rows, self.dense.T.astype(np.float64) @ rows])

    def products(
        self, others: "SideBySide", dtype: type[np.floating] = np.float64
    ) -> NDArray[np.floating]:
        """Scalar products of every row with every row of the others, (n, m), computed in dtype."""
        result = np.empty((self.shape[0], others.shape[0]), dtype)
        multiply = others.multiplier(dtype)
        for start in range(0, len(result), ROWS_AT_ONCE):
            block = slice(start, start + ROWS_AT_ONCE)
            result[block] = multiply(self[block])
        return result

    def multiplier(
        self, dtype: type[np.floating]
    ) -> Callable[["SideBySide"], NDArray[np.floating]]:
        """Return a function that gives the products (m, n) of any m rows with these n rows.

        The transposed copies are made once, for many blocks of rows.
        """
        columns = csr_array(self.sparse.T.astype(dtype))
        dense = self.dense.T.astype(dtype)

        def multiply(X: SideBySide) -> NDArray[np.floating]:
            result = X.dense.astype(dtype) @ dense
            terms = (X.sparse.astype(dtype) @ columns).tocoo()
            result[terms.row, terms.col] += terms.data
            return result

        return multiply

    def joined(self) -> csr_array:
        """The same matrix with all columns sparse."""
        return csr_array(hstack([self.sparse, csr_array(self.dense)], format="csr"))


def one_side(X: Matrix) -> Matrix:
    """The sparse or the dense side alone, if the other one has no columns; else X itself."""
    if isinstance(X, SideBySide) and not X.sparse.shape[1]:
        return X.dense
    if isinstance(X, SideBySide) and not X.dense.shape[1]:
        return X.sparse
    return X


def unit_vectors(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale vectors (n, d) to length 1 each; a vector of zeros stays one.

    >>> unit_vectors(np.array([[3.0, 4.0], [0.0, 0.0]]))
    array([[0.6, 0.8],
           [0. , 0. ]])
    """
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors / np.maximum(lengths, 1e-12)
