"""Newton's method for the l2 squared-hinge SVM on dense vectors, all tags and values of C at once.

Each tag's objective is liblinear's: |w|^2 / 2 + C * sum(max(0, 1 - y w.x)^2), the intercept
being the weight of a constant feature. One product with the shared matrix serves every tag.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg import get_lapack_funcs

from core.solvers.newton import gap_share, line_search, one_blas_thread

# Share of itself by which an objective may be above its optimum.
_TOLERANCE = 1e-6
_NEWTON_STEPS = 100
# Each Newton step is solved to this share of its gradient by so many steps, else exactly.
_FORCING = 0.1
_CG_STEPS = 15
# What a tag costs, measured on two cores: with s of n rows of d columns inside the margin a
# factorisation takes as long as s^2 (d + s / 3) + 2,000,000 multiplications, conjugate gradients
# and the further steps that they lead to 90 n d.
_ONCE, _CONJUGATE = 2e6, 90
# Single precision is fine enough for a factorisation where 2 C |X|^2 is less.
_MOST_ROUGH = 1e6


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

    signs (n, K): 1 or -1. squares (n,): of the rows' lengths.

    The l2 penalty does not see a rotation, but in that basis the Hessian is nearly diagonal,
    so its diagonal is a good preconditioner.
    """

    features: torch.Tensor
    rough_features: torch.Tensor
    rotation: torch.Tensor
    signs: torch.Tensor
    squares: torch.Tensor

    @classmethod
    def build(cls, X: NDArray[np.floating], Y: NDArray[np.bool_]) -> "_Problem":
        ones = np.ones((len(X), 1))
        features = torch.from_numpy(np.hstack([X, ones]).astype(np.float64))
        _, rotation = torch.linalg.eigh(features.T @ features)
        features = features @ rotation
        signs = torch.from_numpy(np.where(Y, 1.0, -1.0))
        rough = features.float()
        return cls(features, rough, rotation, signs, (rough**2).sum(1))

    def solve(self, C: float, start: torch.Tensor) -> torch.Tensor:
        """The optimum (d + 1, K) of every tag; a tag is left alone once it is good enough."""
        result = start.clone()
        live = torch.arange(self.signs.shape[1])
        signs, w, margins = self.signs, start, self.features @ start
        for _ in range(_NEWTON_STEPS):
            slack = (1 - signs * margins).clamp(min=0)
            gradient = w - 2 * C * (self.features.T @ (signs * slack))
            objective = (w**2).sum(0) / 2 + C * (slack**2).sum(0)
            going = gap_share((gradient**2).sum(0), objective) > _TOLERANCE
            if not going.all():
                result[:, live] = w
                live = live[going]
                if not len(live):
                    return result
                signs, slack, margins = signs[:, going], slack[:, going], margins[:, going]
                w, gradient = w[:, going], gradient[:, going]
            step = self._newton_step(C, gradient, slack > 0)
            moved = self.features @ step
            slope, bend = (w * step).sum(0), (step * step).sum(0)
            length = line_search(C, slope, bend, 1 - signs * margins, signs * moved)
            w, margins = w + length * step, margins + length * moved
        result[:, live] = w
        return result

    def _newton_step(self, C: float, gradient: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """(1 + 2 C X' X) step = -gradient, X being the rows inside the margin, for each tag.

        By a factorisation for a tag of few rows, else by conjugate gradients.
        """
        rows, columns = self.features.shape
        sizes = inside.sum(0)
        cost = sizes**2 * (columns + sizes / 3) + _ONCE
        few = cost < _CONJUGATE * rows * columns
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
                bent = rows @ rows.T
                bent.flat[:: len(rows) + 1] += 1 / (2 * C)
                _, factors, failed = solve(bent, rows @ columns[:, tag], overwrite_a=True)
                if not failed:
                    columns[:, tag] -= rows.T @ factors
        return step.double()

    def _many_rows_step(self, gradient: torch.Tensor, curvature: torch.Tensor) -> torch.Tensor:
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
            self.rough_features if (self.squares @ curvature).max() < _MOST_ROUGH else self.features
        )


def _unpack(
    solution: torch.Tensor, Y: NDArray[np.bool_], mixed: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    weights = np.zeros((len(solution) - 1, Y.shape[1]))
    intercepts = np.where(Y.any(axis=0), 1.0, -1.0)
    weights[:, mixed], intercepts[mixed] = solution[:-1].numpy(), solution[-1].numpy()
    return weights, intercepts
