"""The l2 squared-hinge SVM on dense vectors: a weight for each column is unknown."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import get_lapack_funcs

from core.solvers.newton import minimise_path, one_blas_thread

# Each Newton step is solved to this share of its gradient by so many steps, else exactly.
_FORCING = 0.1
CG_STEPS = 15
# What a tag costs, measured on two cores: with s of n rows of d columns inside the margin a
# factorisation takes as long as s^2 (d + s / 3) + 2,000,000 multiplications, conjugate gradients
# and the further steps that they lead to 90 n d.
FACTORISING, CONJUGATE = 2e6, 90
# Single precision is fine enough for a factorisation where 2 C |X|^2 is less.
MOST_ROUGH = 1e6


def fit_dense(
    X: NDArray[np.floating],
    Y: NDArray[np.bool_],
    Cs: Sequence[float],
    *,
    on_solved: Callable[[], None] = lambda: None,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Fit weights (d, K) and intercepts (K,) for each rising C.

    Each objective ends at most a millionth of itself above its optimum.
    X: (n, d). Y: bool (n, K), no column all true or all false.
    """
    problem = _WeightsProblem.build(X, Y)
    start = torch.zeros(X.shape[1] + 1, Y.shape[1], dtype=torch.float64)
    path = minimise_path(problem, Cs, start, on_solved)
    turned = [(problem.rotation @ solution).numpy() for solution in path]
    return [(weights[:-1], weights[-1]) for weights in turned]


@dataclass(frozen=True)
class _WeightsProblem:
    """features (n, d + 1) in the basis of their principal axes, also in single precision.

    signs (n, K): 1 or -1. squares (n,): of the rows' lengths.

    The l2 penalty does not see a rotation, but in that basis the Hessian is nearly diagonal,
    so its diagonal is a good preconditioner.
    """

    features: torch.Tensor
    rough_features: torch.Tensor
    rotation: torch.Tensor
    signs: torch.Tensor
    squares: torch.Tensor
    tolerance = 1e-6

    @classmethod
    def build(cls, X: NDArray[np.floating], Y: NDArray[np.bool_]) -> "_WeightsProblem":
        ones = np.ones((len(X), 1))
        features = torch.from_numpy(np.hstack([X, ones]).astype(np.float64))
        _, rotation = torch.linalg.eigh(features.T @ features)
        features = features @ rotation
        signs = torch.from_numpy(np.where(Y, 1.0, -1.0))
        rough = features.float()
        return cls(features, rough, rotation, signs, (rough**2).sum(1))

    def margins(self, weights: torch.Tensor) -> torch.Tensor:
        return self.features @ weights

    def gradient(self, C: float, weights: torch.Tensor, missing: torch.Tensor) -> torch.Tensor:
        return weights - 2 * C * (self.features.T @ missing)

    def inner(self, left: torch.Tensor, right: torch.Tensor, margins: torch.Tensor) -> torch.Tensor:
        return (left * right).sum(0)

    def squared_norm(self, gradient: torch.Tensor) -> torch.Tensor:
        return (gradient**2).sum(0)

    def rounding(self, C: float) -> torch.Tensor:
        return torch.zeros(self.signs.shape[1], dtype=torch.float64)

    def newton_step(self, C: float, gradient: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """By a factorisation for a tag of few rows inside the margin, else conjugate gradients."""
        rows, columns = self.features.shape
        sizes = inside.sum(0)
        cost = sizes**2 * (columns + sizes / 3) + FACTORISING
        few = cost < CONJUGATE * rows * columns
        step = torch.empty_like(gradient)
        if few.any():
            step[:, few] = self._few_rows_step(C, gradient[:, few], inside[:, few])
        if not few.all():
            step[:, ~few] = self._many_rows_step(gradient[:, ~few], 2 * C * inside[:, ~few].float())
        return step

    def _few_rows_step(
        self, C: float, gradient: torch.Tensor, inside: torch.Tensor
    ) -> torch.Tensor:
        """By the products of the rows with one another (Woodbury's identity)."""
        features = self._fine_enough(2 * C * inside.float())
        step = -gradient.to(features.dtype)
        all_rows, kept, columns = features.numpy(), inside.numpy(), step.numpy()
        (solve,) = get_lapack_funcs(("posv",), (columns,))
        with one_blas_thread():
            for tag in np.flatnonzero(kept.any(axis=0)):
                rows = all_rows[kept[:, tag]]
                products = rows @ rows.T
                products.flat[:: len(rows) + 1] += 1 / (2 * C)
                _, factors, failed = solve(products, rows @ columns[:, tag], overwrite_a=True)
                if not failed:
                    columns[:, tag] -= rows.T @ factors
        return step.double()

    def _many_rows_step(self, gradient: torch.Tensor, curvature: torch.Tensor) -> torch.Tensor:
        """(1 + X' D X) step = -gradient by preconditioned conjugate gradients.

        A tag leaves when it is solved; one that is still unsolved at the end is solved exactly.
        Single precision is enough for a step; its length and what follows are computed in double.
        """
        features = self.rough_features
        downhill = -gradient.float()
        step = torch.zeros_like(downhill)
        live = torch.arange(step.shape[1])
        residual, weights = downhill, curvature
        diagonal = 1 + (features**2).T @ curvature
        goal = _FORCING * residual.norm(dim=0)
        direction = scaled = residual / diagonal
        energy = (residual * scaled).sum(0)
        for _ in range(CG_STEPS):
            product = direction + features.T @ (weights * (features @ direction))
            length = energy / (direction * product).sum(0)
            step[:, live] += length * direction
            residual = residual - length * product
            going = residual.norm(dim=0) > goal
            if not going.all():
                live, goal, energy = live[going], goal[going], energy[going]
                weights, diagonal = weights[:, going], diagonal[:, going]
                residual, direction = residual[:, going], direction[:, going]
                if not len(live):
                    break
            scaled = residual / diagonal
            before, energy = energy, (residual * scaled).sum(0)
            direction = scaled + energy / before * direction
        step = step.double()
        for tag in live:
            exact = self._exact_step(-gradient[:, tag], curvature[:, tag])
            if exact is not None:
                step[:, tag] = exact
        return step

    def _exact_step(self, downhill: torch.Tensor, curvature: torch.Tensor) -> torch.Tensor | None:
        """Of one tag; None if its Hessian cannot be factorised."""
        inside = curvature > 0
        features = self._fine_enough(curvature)
        rows = features[inside] * curvature[inside].sqrt()[:, None]
        hessian = rows.T @ rows
        hessian.diagonal().add_(1)
        factor, failed = torch.linalg.cholesky_ex(hessian)
        wanted = downhill[:, None].to(features.dtype)
        return None if failed else torch.cholesky_solve(wanted, factor)[:, 0]

    def _fine_enough(self, curvature: torch.Tensor) -> torch.Tensor:
        """The features as precisely as a factorisation under the curvature (n, K) or (n,) needs."""
        return (
            self.rough_features if (self.squares @ curvature).max() < MOST_ROUGH else self.features
        )
