"""The l2 squared-hinge SVM by the products of every two rows, all tags and values of C at once.

For few rows of many columns. The optimum is a combination of the rows, with the factor
2 C y max(0, 1 - y f) for each row of margin f, so n unknowns a tag are enough (Chapelle, "Training
a support vector machine in the primal", 2007). The intercept is the weight of a constant feature,
as in liblinear.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.models.svm_dense import line_search

# Share of the gradient at w = 0 that may be left, by the precision of the products.
_TOLERANCE = {torch.float64: 1e-7, torch.float32: 1e-5}
_NEWTON_STEPS = 100
_CG_STEPS = 200
# Each Newton step is solved to this share: once the rows inside the margin are known, it is exact.
_FORCING = 1e-3


def fit_gram_path(
    products: NDArray[np.floating],
    Y: NDArray[np.bool_],
    Cs: Sequence[float],
    *,
    on_fit: Callable[[], None] = lambda: None,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Factors of the rows (n, K) and intercepts (K,) for each C in the order given.

    products (n, n): of every row with every other one, float64 or, in half the memory, float32. A
    tag that no row or every row of bool Y (n, K) has gets no factors and the margin -1 or 1.
    """
    mixed = np.flatnonzero(Y.any(axis=0) & ~Y.all(axis=0))
    problem = _Problem.build(products, Y[:, mixed])
    solved: dict[float, torch.Tensor] = {}
    start = torch.zeros(len(Y), len(mixed), dtype=torch.float64)
    # From weak to strong: each solution is the next one's start.
    for C in sorted(set(Cs)):
        solved[C] = start = problem.solve(C, start)
        on_fit()
    for _ in range(len(Cs) - len(solved)):
        on_fit()
    return [_unpack(solved[C], Y, mixed) for C in Cs]


def _unpack(
    solution: torch.Tensor, Y: NDArray[np.bool_], mixed: NDArray[np.int64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    factors = np.zeros(Y.shape)
    intercepts = np.where(Y.any(axis=0), 1.0, -1.0)
    factors[:, mixed] = solution.numpy()
    intercepts[mixed] = factors[:, mixed].sum(axis=0)
    return factors, intercepts


@dataclass(frozen=True)
class _Problem:
    """products (n, n) of the rows, also in single precision; signs (n, K): 1 or -1."""

    products: torch.Tensor
    rough_products: torch.Tensor
    signs: torch.Tensor

    @classmethod
    def build(cls, products: NDArray[np.floating], Y: NDArray[np.bool_]) -> "_Problem":
        exact = torch.from_numpy(products)
        return cls(exact, exact.float(), torch.from_numpy(np.where(Y, 1.0, -1.0)))

    def margins(self, factors: torch.Tensor) -> torch.Tensor:
        """Of rows combined by double factors (n, K), the constant feature among them."""
        return (self.products @ factors.to(self.products.dtype)).double() + factors.sum(0)

    def rough_margins(self, factors: torch.Tensor) -> torch.Tensor:
        """The same in single precision."""
        return (self.rough_products @ factors).add_(factors.sum(0))

    def solve(self, C: float, start: torch.Tensor) -> torch.Tensor:
        """The optimal factors (n, K); a tag is left alone once it is good enough."""
        result = start.clone()
        live = torch.arange(self.signs.shape[1])
        signs, factors, margins = self.signs, start, self.margins(start)
        # What the constant and the rows weigh in the gradient at w = 0.
        allowed = (signs * self.margins(signs)).sum(0).sqrt()
        allowed *= 2 * C * _TOLERANCE[self.products.dtype]
        for _ in range(_NEWTON_STEPS):
            slack = (1 - signs * margins).clamp(min=0)
            rest = (factors - 2 * C * signs * slack).float()
            size = (rest * self.rough_margins(rest)).sum(0)
            going = size.clamp(min=0).sqrt() > allowed
            if not going.all():
                result[:, live] = factors
                live, allowed = live[going], allowed[going]
                if not len(live):
                    return result
                signs, slack, margins = signs[:, going], slack[:, going], margins[:, going]
                factors = factors[:, going]
            step = self._newton_step(C, signs, factors, margins, slack > 0)
            moved = self.margins(step)
            slope, bend = (step * margins).sum(0), (step * moved).sum(0)
            length = line_search(C, slope, bend, 1 - signs * margins, signs * moved)
            factors, margins = factors + length * step, margins + length * moved
        result[:, live] = factors
        return result

    def _newton_step(
        self,
        C: float,
        signs: torch.Tensor,
        factors: torch.Tensor,
        margins: torch.Tensor,
        inside: torch.Tensor,
    ) -> torch.Tensor:
        """To factors of margins + factors / 2C = signs on the rows inside the margin.

        All other rows' factors become 0. In single precision, on what is left of the equation.
        """
        kept = inside * factors
        left = signs - margins - kept / (2 * C)
        outside = (factors - kept).float()
        if outside.any():
            left += self.rough_margins(outside)
        residual = (inside * left).float()
        found = self._solve_all_rows(C, residual) if inside.all() else None
        if found is None:
            found = self._solve_inside(C, residual, inside)
        return found.double() + kept - factors

    def _solve_all_rows(self, C: float, residual: torch.Tensor) -> torch.Tensor | None:
        """With every row inside, as at first: the tags share one factorisation.

        None if single precision is too coarse for it, or the memory too dear.
        """
        if self.products is self.rough_products:
            return None
        bent = self.rough_products + 1
        bent.diagonal().add_(1 / (2 * C))
        failed = torch.empty((), dtype=torch.int32)
        torch.linalg.cholesky_ex(bent, out=(bent, failed))
        return None if failed else torch.cholesky_solve(residual, bent)

    def _solve_inside(self, C: float, residual: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """By conjugate gradients; a tag leaves when it is solved.

        The constant feature's direction, by far the steepest, is solved first, and later steps
        keep clear of it (deflation: Saad et al., "A deflated version of the conjugate gradient
        algorithm", 2000).
        """
        inside = inside.float()
        steep = torch.addcmul(inside / (2 * C), inside, self.rough_margins(inside))
        steepness = (inside * steep).sum(0).clamp(min=1)
        first = residual.sum(0) / steepness
        step, residual = first * inside, residual - first * steep
        direction = residual - inside * ((steep * residual).sum(0) / steepness)
        energy = (residual**2).sum(0)
        goal = _FORCING**2 * energy
        live = torch.arange(residual.shape[1])
        found = torch.empty_like(residual)
        for _ in range(_CG_STEPS):
            going = energy > goal
            # Copies cost too: a few solved tags may stay.
            if going.sum() <= 0.8 * len(going):
                found[:, live] = step
                if not going.any():
                    break
                live, goal, energy = live[going], goal[going], energy[going]
                step, inside = step[:, going], inside[:, going]
                residual, direction = residual[:, going], direction[:, going]
                steep, steepness = steep[:, going], steepness[going]
            bent = torch.addcmul(direction / (2 * C), inside, self.rough_margins(direction))
            length = energy / (direction * bent).sum(0)
            step = step + length * direction
            residual = residual - length * bent
            before, energy = energy, (residual**2).sum(0)
            clear = residual - inside * ((steep * residual).sum(0) / steepness)
            direction = clear + energy / before * direction
        found[:, live] = step
        return found
