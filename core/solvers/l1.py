"""l1-regularised squared-hinge SVM on dense vectors, as a sequence of lassos.

Each tag's objective is liblinear's: |w|_1 + C * sum(max(0, 1 - y w.x)^2), the intercept being
the weight of a constant feature, which is penalised too. While the rows within the margin stay
the same that is a lasso of y on those rows, so a generalised Newton step solves one (scikit-learn's
coordinate descent on their Gram matrix) and searches the line to its solution.
Source: Mangasarian 2002, Optimization Methods and Software 17(5) (the l2 case).

Kept beside liblinear for study-01's grid: one of its three folds on entech (1,766 x 384, 1,148
different tags, five C) takes 5.9 minutes here and 11 there, measured on every 28th tag of a busy
machine of two cores; there, 13 of 41 tags at C = 1 and all 41 at C = 10 do not converge.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import lasso_path
from threadpoolctl import threadpool_limits

from core.solvers.threads import fit_columns

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

# Share of the objective that a step must still gain, and that a lasso may leave.
_TOLERANCE = 1e-5
_NEWTON_STEPS = 60
_SWEEPS = 1000


def fit_l1(
    X: NDArray[np.floating],
    Y: BoolArray,
    Cs: Sequence[float],
    *,
    threads: int,
    on_column: Callable[[int], None] = lambda _: None,
) -> list[tuple[FloatArray, FloatArray]]:
    """Fit weights (d, K) and intercepts (K,) for each rising C.

    X: (n, d). Y: bool (n, K), no column all true or all false. `on_column` gets each column once
    it is solved for every C.
    """
    features = np.hstack([X, np.ones((len(X), 1))]).astype(np.float64)
    gram = features.T @ features

    def solve(column: int) -> FloatArray:
        return TagProblem(features, gram, np.where(Y[:, column], 1.0, -1.0)).solve_path(Cs)

    # One thread a tag: two levels of threads would wait for one another.
    with threadpool_limits(1):
        paths = fit_columns(solve, Y.shape[1], threads=threads, on_column=on_column)
    solved = np.array(paths).reshape(-1, len(Cs), features.shape[1])
    return [(solved[:, i, :-1].T, solved[:, i, -1]) for i in range(len(Cs))]


@dataclass(frozen=True)
class TagProblem:
    """One tag: features (n, d + 1) shared by all, their Gram matrix, signs (n,): 1 or -1."""

    features: FloatArray
    gram: FloatArray
    signs: FloatArray

    def solve_path(self, Cs: Sequence[float]) -> FloatArray:
        """The optimum of each rising C, (c, d + 1); each is the start of the next one."""
        path = np.zeros((len(Cs), self.features.shape[1]))
        w = path[0]
        for row, C in enumerate(Cs):
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
            # One that stops early is taken up again by the next Newton step.
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
