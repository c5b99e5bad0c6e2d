"""Truncated Newton for the l2 squared-hinge SVM on dense vectors, all tags and values of C at once.

Each tag's objective is liblinear's: |w|^2 / 2 + C * sum(max(0, 1 - y w.x)^2), the intercept
being the weight of a constant feature. One product with the shared matrix serves every tag.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

# Share of the gradient at w = 0 that may be left. It leaves no prediction changed on real
# vectors (tested against liblinear at 1e-8).
_TOLERANCE = 1e-5
_NEWTON_STEPS = 100
# Each Newton step is solved to this share of its gradient by so many steps, else exactly.
_FORCING = 0.1
_CG_STEPS = 15
# What a line search may still move by, in steps.
_LENGTH_TOLERANCE = 1e-6


def fit_dense_path(
    X: NDArray[np.floating],
    Y: NDArray[np.bool_],
    Cs: Sequence[float],
    *,
    on_fit: Callable[[], None] = lambda: None,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Weights (d, K) and intercepts (K,) for each C in the order given.

    A tag that no row or every row of bool Y (n, K) has gets no weights and the margin -1 or 1.
    """
    mixed = np.flatnonzero(Y.any(axis=0) & ~Y.all(axis=0))
    problem = _Problem.build(X, Y[:, mixed])
    solved: dict[float, torch.Tensor] = {}
    start = torch.zeros(problem.features.shape[1], len(mixed), dtype=torch.float64)
    # From weak to strong: each solution is the next one's start.
    for C in sorted(set(Cs)):
        solved[C] = start = problem.solve(C, start)
        on_fit()
    for _ in range(len(Cs) - len(solved)):
        on_fit()
    return [_unpack(problem.rotation @ solved[C], Y, mixed) for C in Cs]


@dataclass(frozen=True)
class _Problem:
    """features (n, d + 1) in the basis of their principal axes, also in single precision.

    signs (n, K): 1 or -1.

    The l2 penalty does not see a rotation, but in that basis the Hessian is nearly diagonal,
    so its diagonal is a good preconditioner.
    """

    features: torch.Tensor
    rough_features: torch.Tensor
    rotation: torch.Tensor
    signs: torch.Tensor

    @classmethod
    def build(cls, X: NDArray[np.floating], Y: NDArray[np.bool_]) -> "_Problem":
        ones = np.ones((len(X), 1))
        features = torch.from_numpy(np.hstack([X, ones]).astype(np.float64))
        _, rotation = torch.linalg.eigh(features.T @ features)
        features = features @ rotation
        signs = torch.from_numpy(np.where(Y, 1.0, -1.0))
        return cls(features, features.float(), rotation, signs)

    def solve(self, C: float, start: torch.Tensor) -> torch.Tensor:
        """The optimum (d + 1, K) of every tag; a tag is left alone once it is good enough."""
        result = start.clone()
        live = torch.arange(self.signs.shape[1])
        signs, w, margins = self.signs, start, self.features @ start
        allowed = _TOLERANCE * (2 * C * self.features.T @ signs).norm(dim=0)
        for _ in range(_NEWTON_STEPS):
            slack = (1 - signs * margins).clamp(min=0)
            gradient = w - 2 * C * (self.features.T @ (signs * slack))
            going = gradient.norm(dim=0) > allowed
            if not going.all():
                result[:, live] = w
                live, allowed = live[going], allowed[going]
                if not len(live):
                    return result
                signs, slack, margins = signs[:, going], slack[:, going], margins[:, going]
                w, gradient = w[:, going], gradient[:, going]
            step = self._newton_step(gradient, 2 * C * (slack > 0).float())
            moved = self.features @ step
            slope, bend = (w * step).sum(0), (step * step).sum(0)
            length = line_search(C, slope, bend, 1 - signs * margins, signs * moved)
            w, margins = w + length * step, margins + length * moved
        result[:, live] = w
        return result

    def _newton_step(self, gradient: torch.Tensor, curvature: torch.Tensor) -> torch.Tensor:
        """(1 + X' D X) step = -gradient by preconditioned conjugate gradients.

        A tag leaves when it is solved; those that are slow to are solved exactly. Single precision
        is enough for a step; its length and what follows are computed in double.
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
        for _ in range(_CG_STEPS):
            bent = direction + features.T @ (weights * (features @ direction))
            length = energy / (direction * bent).sum(0)
            step[:, live] += length * direction
            residual = residual - length * bent
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
        for tag in live:
            exact = self._exact_step(downhill[:, tag], curvature[:, tag])
            if exact is not None:
                step[:, tag] = exact
        return step.double()

    def _exact_step(self, downhill: torch.Tensor, curvature: torch.Tensor) -> torch.Tensor | None:
        """Of one tag; None if single precision is too coarse for its Hessian."""
        inside = curvature > 0
        rows = self.rough_features[inside] * curvature[inside].sqrt()[:, None]
        hessian = rows.T @ rows
        hessian.diagonal().add_(1)
        factor, failed = torch.linalg.cholesky_ex(hessian)
        return None if failed else torch.cholesky_solve(downhill[:, None], factor)[:, 0]


def line_search(
    C: float, slope: torch.Tensor, bend: torch.Tensor, slack: torch.Tensor, change: torch.Tensor
) -> torch.Tensor:
    """How far to go, (K,): Newton's method on the convex, piecewise quadratic objective.

    slope, bend (K,): of the penalty along the step; slack, change (n, K): 1 - y f and what y f
    gains by the whole step.
    """
    length = torch.ones_like(slope)
    for _ in range(6):
        left = (slack - length * change).clamp(min=0)
        first = slope + length * bend - 2 * C * (change * left).sum(0)
        second = bend + 2 * C * (change**2 * (left > 0)).sum(0)
        before, length = length, (length - first / second).clamp(0.05, 2)
        if ((length - before).abs() < _LENGTH_TOLERANCE).all():
            break
    return length


def _unpack(
    solution: torch.Tensor, Y: NDArray[np.bool_], mixed: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    weights = np.zeros((len(solution) - 1, Y.shape[1]))
    intercepts = np.where(Y.any(axis=0), 1.0, -1.0)
    weights[:, mixed], intercepts[mixed] = solution[:-1].numpy(), solution[-1].numpy()
    return weights, intercepts
