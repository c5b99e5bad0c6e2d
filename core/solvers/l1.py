"""l1-regularised squared-hinge SVM on dense vectors, as a sequence of lassos.

Each tag's objective is liblinear's: |w|_1 + C * sum(max(0, 1 - y w.x)^2), the intercept being
the weight of a constant feature, which is penalised too. While the rows within the margin stay
the same that is a lasso of y on those rows, so a generalised Newton step solves one (scikit-learn's
coordinate descent on their Gram matrix) and searches the line to its solution.
Source: Mangasarian 2002, Optimization Methods and Software 17(5) (the l2 case).
"""

import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import lasso_path
from threadpoolctl import threadpool_limits

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Share of the objective that a step must still gain, and that a lasso may leave.
_TOLERANCE = 1e-5
_NEWTON_STEPS = 60
_SWEEPS = 1000


def fit_l1_path(
    X: NDArray[np.floating],
    Y: BoolArray,
    Cs: Sequence[float],
    *,
    threads: int,
    on_tag: Callable[[int], None] = lambda _: None,
) -> list[tuple[FloatArray, FloatArray]]:
    """Weights (d, K) and intercepts (K,) for each C in the order given.

    A tag that no row or every row of bool Y (n, K) has gets no weights and the margin -1 or 1.
    `on_tag` gets each column once it is solved for every C.
    """
    features = np.hstack([X, np.ones((len(X), 1))]).astype(np.float64)
    gram = features.T @ features
    rising = sorted(set(Cs))

    def solve(column: int) -> FloatArray:
        truth = Y[:, column]
        if truth.all() or not truth.any():
            constant = np.zeros((len(rising), features.shape[1]))
            constant[:, -1] = 1.0 if truth.any() else -1.0
            return constant
        problem = _Problem(features, gram, np.where(truth, 1.0, -1.0))
        return problem.solve_path(rising)

    solved = np.empty((Y.shape[1], len(rising), features.shape[1]))
    # One thread a tag: two levels of threads would wait for one another.
    with (
        threadpool_limits(1),
        warnings.catch_warnings(),
        ThreadPoolExecutor(threads) as pool,
    ):
        # A lasso that stops early is taken up again by the next Newton step.
        warnings.simplefilter("ignore", ConvergenceWarning)
        try:
            for column, path in enumerate(pool.map(solve, range(Y.shape[1]))):
                solved[column] = path
                on_tag(column)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    at = [rising.index(C) for C in Cs]
    return [(solved[:, i, :-1].T, solved[:, i, -1]) for i in at]


@dataclass(frozen=True)
class _Problem:
    """One tag: features (n, d + 1) shared by all, their Gram matrix, signs (n,): 1 or -1."""

    features: FloatArray
    gram: FloatArray
    signs: FloatArray

    def solve_path(self, rising: Sequence[float]) -> FloatArray:
        """The optimum (d + 1,) of each C, each the next one's start."""
        path = np.zeros((len(rising), self.features.shape[1]))
        w = path[0]
        for row, C in enumerate(rising):
            path[row] = w = self._solve(C, w)
        return path

    def _solve(self, C: float, w: FloatArray) -> FloatArray:
        margins = self.features @ w
        value = self._value(C, w, margins)
        for _ in range(_NEWTON_STEPS):
            step = self._lasso(C, w, margins, value) - w
            moved = self.features @ step
            length = 1.0
            while (new := self._value(C, w + length * step, margins + length * moved)) > value:
                length /= 2
                if length < 1e-4:
                    return w
            w, margins, gain = w + length * step, margins + length * moved, value - new
            value = new
            if gain <= _TOLERANCE * value:
                break
        return w

    def _value(self, C: float, w: FloatArray, margins: FloatArray) -> float:
        slack = np.maximum(0, 1 - self.signs * margins)
        return float(np.abs(w).sum() + C * slack @ slack)

    def _lasso(self, C: float, w: FloatArray, margins: FloatArray, value: float) -> FloatArray:
        """The optimum if the rows within the margin stayed the same; w is the start."""
        within = self.signs * margins < 1
        rows, signs = self.features[within], self.signs[within]
        n = max(len(rows), 1)
        _, path, _ = lasso_path(
            rows,
            signs,
            alphas=[1 / (2 * C * n)],
            precompute=self._gram_of(within, rows),
            Xy=rows.T @ signs,
            coef_init=w.copy(),  # it is worked on in place
            check_input=False,
            max_iter=_SWEEPS,
            # The duality gap in units of |y|^2 = n; ours is 2 C times as large.
            tol=_TOLERANCE * value / (2 * C * n),
        )
        return path[:, 0]

    def _gram_of(self, within: BoolArray, rows: FloatArray) -> FloatArray:
        """rows.T @ rows, by way of whichever side has fewer rows."""
        if 2 * len(rows) <= len(within):
            return rows.T @ rows
        others = self.features[~within]
        return self.gram - others.T @ others
