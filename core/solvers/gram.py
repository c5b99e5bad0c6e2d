"""The l2 squared-hinge SVM by the products of every two rows, all tags and values of C at once.

For few rows of many columns. The optimum is a combination of the rows, with the factor
2 C y max(0, 1 - y f) for each row of margin f, so n unknowns a tag are enough (Chapelle, "Training
a support vector machine in the primal", 2007). The intercept is the weight of a constant feature,
as in liblinear.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg.lapack import sposv
from torch.nn.functional import pad

from core.solvers.newton import gap_share, line_search, one_blas_thread

# Share of itself by which an objective may be above its optimum, by the precision of the products,
# and share of the gradient at w = 0 that rounding leaves.
_TOLERANCE = {torch.float64: 1e-7, torch.float32: 1e-6}
_ROUNDING = {torch.float64: 0.0, torch.float32: 1e-5}
_NEWTON_STEPS = 100
_CG_STEPS = 200
# Each Newton step is solved to this share: once the rows inside the margin are known, it is exact.
_FORCING = 1e-3
# A product with 2 to 15 columns takes longer than one with 16.
_LEAST_COLUMNS = 16
# What a tag costs, measured on two cores: with s of n rows inside the margin a factorisation takes
# as long as s^3 + 100 s^2 + 3,000,000 multiplications in a product, conjugate gradients about
# 20 n^2 sqrt(C), for they take more steps the less the penalty weighs.
_SQUARE, _ONCE, _CONJUGATE = 100, 3e6, 20


def fit_gram_path(
    products: NDArray[np.floating],
    Y: NDArray[np.bool_],
    Cs: Sequence[float],
    *,
    start: NDArray[np.floating] | None = None,
    on_fit: Callable[[], None] = lambda: None,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Factors of the rows (n, K) and intercepts (K,) for each C in the order given.

    products (n, n): of every row with every other one, float64 or, in half the memory, float32. A
    tag that no row or every row of bool Y (n, K) has gets no factors and the margin -1 or 1.
    start: factors (n, K) near those of the least C.
    """
    mixed = np.flatnonzero(Y.any(axis=0) & ~Y.all(axis=0))
    problem = _Problem.build(products, Y[:, mixed])
    solved: dict[float, torch.Tensor] = {}
    near = torch.zeros(len(Y), len(mixed), dtype=torch.float64)
    if start is not None:
        near[:] = torch.from_numpy(start[:, mixed])
    # From weak to strong: each solution is the next one's start.
    for C in sorted(set(Cs)):
        solved[C] = near = problem.solve(C, near)
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
    """products (n, n) of the rows, also in single precision; signs (n, K): 1 or -1.

    steepness: (K,), the length of the gradient at w = 0, of rows and constant, over 2 C.
    """

    products: torch.Tensor
    rough_products: torch.Tensor
    signs: torch.Tensor
    steepness: torch.Tensor

    @classmethod
    def build(cls, products: NDArray[np.floating], Y: NDArray[np.bool_]) -> "_Problem":
        exact, signs = torch.from_numpy(products), torch.from_numpy(np.where(Y, 1.0, -1.0))
        rough, sums = exact.float(), signs.sum(0)
        steepness = ((signs * _times(rough, signs.float())).sum(0) + sums**2).sqrt()
        return cls(exact, rough, signs, steepness)

    def margins(self, factors: torch.Tensor) -> torch.Tensor:
        """Of rows combined by double factors (n, K), the constant feature among them."""
        return _times(self.products, factors.to(self.products.dtype)).double() + factors.sum(0)

    def rough_margins(self, factors: torch.Tensor) -> torch.Tensor:
        """The same in single precision."""
        return _times(self.rough_products, factors).add_(factors.sum(0))

    def solve(self, C: float, start: torch.Tensor) -> torch.Tensor:
        """The optimal factors (n, K); a tag is left alone once it is good enough."""
        result = start.clone()
        live = torch.arange(self.signs.shape[1])
        signs, factors = self.signs, start
        margins = self.margins(start) if start.any() else start
        tolerance = _TOLERANCE[self.products.dtype]
        rounding = (2 * C * self.steepness * _ROUNDING[self.products.dtype]) ** 2
        for _ in range(_NEWTON_STEPS):
            slack = (1 - signs * margins).clamp(min=0)
            rest = (factors - 2 * C * signs * slack).float()
            size = (rest * self.rough_margins(rest)).sum(0)
            objective = (factors * margins).sum(0) / 2 + C * (slack**2).sum(0)
            going = (gap_share(size, objective) > tolerance) & (size > rounding)
            if not going.all():
                result[:, live] = factors
                live, rounding = live[going], rounding[going]
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
        found = self._factorise(C, residual, inside)
        if found is None:
            found = self._conjugate_gradients(C, residual, inside)
        return found.double() + kept - factors

    def _factorise(
        self, C: float, residual: torch.Tensor, inside: torch.Tensor
    ) -> torch.Tensor | None:
        """None where it fails, or conjugate gradients are faster."""
        if inside.all():
            return self._solve_all_rows(C, residual)
        sizes = inside.sum(0).double()
        cost = (sizes**3 + _SQUARE * sizes**2 + _ONCE).mean()
        pays = cost < _CONJUGATE * math.sqrt(C) * len(inside) ** 2
        return self._solve_few_rows(C, residual, inside) if pays else None

    def _solve_all_rows(self, C: float, residual: torch.Tensor) -> torch.Tensor | None:
        """With every row inside, as at first: the tags share one factorisation.

        None if it fails, or the memory is too dear.
        """
        if self.products is self.rough_products:
            return None
        bent = self.rough_products + 1
        bent.diagonal().add_(1 / (2 * C))
        failed = torch.empty((), dtype=torch.int32)
        torch.linalg.cholesky_ex(bent, out=(bent, failed))
        return None if failed else torch.cholesky_solve(residual, bent)

    def _solve_few_rows(
        self, C: float, residual: torch.Tensor, inside: torch.Tensor
    ) -> torch.Tensor | None:
        """A factorisation for each tag, of the rows inside.

        None if one fails, or single precision is too coarse for it.
        """
        found = torch.zeros_like(residual)
        products, kept, wanted, answer = (
            tensor.numpy() for tensor in (self.rough_products, inside, residual, found)
        )
        with one_blas_thread():
            for tag in np.flatnonzero(kept.any(axis=0)):
                rows = np.flatnonzero(kept[:, tag])
                bent = products.take(rows, 0).take(rows, 1)
                bent += 1
                bent.flat[:: len(rows) + 1] += 1 / (2 * C)
                _, answer[rows, tag], failed = sposv(bent.T, wanted[rows, tag], overwrite_a=True)
                if failed:
                    return None
        left = residual - inside * self.rough_margins(found) - found / (2 * C)
        solved = (left**2).sum(0) <= _FORCING**2 * (residual**2).sum(0)
        return found if solved.all() else None

    def _conjugate_gradients(
        self, C: float, residual: torch.Tensor, inside: torch.Tensor
    ) -> torch.Tensor:
        """Of all tags at once; a tag leaves when it is solved.

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
            bent = self.rough_margins(direction).mul_(inside).add_(direction, alpha=1 / (2 * C))
            length = energy / (direction * bent).sum(0)
            step.addcmul_(length, direction)
            residual.addcmul_(length, bent, value=-1)
            before, energy = energy, (residual**2).sum(0)
            direction.mul_(energy / before).add_(residual)
            direction.addcmul_(inside, (steep * residual).sum(0) / steepness, value=-1)
        found[:, live] = step
        return found


def _times(products: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """products @ columns, padded where that is faster."""
    few = columns.shape[1]
    if not 1 < few < _LEAST_COLUMNS:
        return products @ columns
    return (products @ pad(columns, (0, _LEAST_COLUMNS - few)))[:, :few]
