"""The squared-hinge SVM under a Gaussian kernel, on an encoder's vectors."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.features.parts import unit_vectors
from core.solvers.gram import fit_gram_path
from core.solvers.one_vs_rest import OneVsRestSvm

FloatArray = NDArray[np.float32]
# Of exp(-gamma |a - b|^2), the vectors of length 1. 0.5 to 1 give much the same F1, 2 less.
_GAMMA = 1.0
_ROWS_AT_ONCE = 1024


@dataclass(frozen=True)
class KernelSvm(OneVsRestSvm):
    """rows: (n, d) of length 1, which the weights (n, K) are factors of."""

    rows: FloatArray = field(kw_only=True)

    @property
    def factors(self) -> FloatArray:
        return self.weights

    def scores(self, X: FloatArray) -> FloatArray:
        """Margins (m, K) of vectors (m, d) of any length."""
        unit = unit_vectors(X)
        result = np.empty((len(X), len(self.intercepts)), np.float32)
        for start in range(0, len(X), _ROWS_AT_ONCE):
            block = slice(start, start + _ROWS_AT_ONCE)
            result[block] = _kernel(unit[block], self.rows) @ self.weights + self.intercepts
        return result

    @staticmethod
    def all_scores(path: Sequence[Any], X: FloatArray) -> list[FloatArray]:
        """The same by each SVM of one path, in one pass over the rows."""
        weights = np.hstack([svm.weights for svm in path])
        intercepts = np.concatenate([svm.intercepts for svm in path])
        joint = replace(path[0], weights=weights, intercepts=intercepts)
        return np.split(joint.scores(X), len(path), axis=1)


def fit_kernel_path(
    X: FloatArray,
    Y: NDArray[np.bool_],
    Cs: Sequence[float],
    dtype: type[np.floating],
    *,
    start: NDArray[np.floating] | None = None,
    on_fit: Callable[[], None],
) -> list[KernelSvm]:
    """For each C in the order given: vectors X (n, d), bool Y (n, K); dtype: of (n, n) numbers.

    start: as in fit_gram_path.
    """
    rows = unit_vectors(X)
    products = _kernel(rows, rows).astype(dtype, copy=False)
    path = fit_gram_path(products, Y, Cs, start=start, on_fit=on_fit)
    return [KernelSvm(factors.astype(np.float32), cuts, rows=rows) for factors, cuts in path]


def _kernel(A: FloatArray, B: FloatArray) -> FloatArray:
    """(m, n) of two sets of vectors of length 1, for which |a - b|^2 is 2 - 2 ab."""
    products = A @ B.T
    products -= 1
    products *= 2 * _GAMMA
    return np.exp(products, out=products)
