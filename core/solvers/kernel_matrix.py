"""The l2 squared-hinge SVM by the kernel of every two rows: a factor for each row is unknown.

For few rows of many columns, and for kernels. The optimum is a combination of the rows, with the
factor 2 C y max(0, 1 - y f) for each row of margin f, so n unknowns a tag are enough (Chapelle,
"Training a support vector machine in the primal", 2007).
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.linalg.lapack import sposv
from torch.nn.functional import pad

from core.solvers.newton import minimise_path, one_blas_thread

# Share of itself by which an objective may be above its optimum, by the precision of the products,
# and share of the gradient at w = 0 that rounding leaves.
_TOLERANCE = {torch.float64: 1e-7, torch.float32: 1e-6}
_ROUNDING = {torch.float64: 0.0, torch.float32: 1e-5}
_CG_STEPS = 200
# Each Newton step is solved to this share: once the rows inside the margin are known, it is exact.
_FORCING = 1e-3
# A product with 2 to 15 columns takes longer than one with 16.
_LEAST_COLUMNS = 16
# What a tag costs, measured on two cores: with s of n rows inside the margin a factorisation takes
# as long as s^3 + 100 s^2 + 3,000,000 multiplications in a product, conjugate gradients about
# 20 n^2 sqrt(C): they need more steps where the penalty weighs less.
_SQUARE, _ONCE, CONJUGATE = 100, 3e6, 20


def fit_kernel_matrix(
    products: NDArray[np.floating],
    Y: NDArray[np.bool_],
    Cs: Sequence[float],
    *,
    start: NDArray[np.floating] | None = None,
    on_solved: Callable[[], None] = lambda: None,
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Fit factors of the rows (n, K) and intercepts (K,) for each rising C.

    products (n, n): the kernel of every two rows, in float64, or in float32 for half the memory.
    Y: bool (n, K), no column all true or all false. start: factors (n, K) near those of the
    least C. The objectives are 1e-7 above their optimum at most, 1e-6 in float32.
    """
    problem = _FactorsProblem.build(products, Y)
    near = torch.zeros(Y.shape, dtype=torch.float64)
    if start is not None:
        near[:] = torch.from_numpy(start)
    path = minimise_path(problem, Cs, near, on_solved)
    # The intercept is the weight of the constant feature, which is 1 in every row.
    return [(factors.numpy(), factors.sum(0).numpy()) for factors in path]


@dataclass(frozen=True)
class _FactorsProblem:
    """products (n, n) of the rows, also in single precision; signs (n, K): 1 or -1.

    first_length: (K,), the length of the gradient at w = 0 over 2 C.
    """

    products: torch.Tensor
    rough_products: torch.Tensor
    signs: torch.Tensor
    first_length: torch.Tensor

    @classmethod
    def build(cls, products: NDArray[np.floating], Y: NDArray[np.bool_]) -> "_FactorsProblem":
        exact, signs = torch.from_numpy(products), torch.from_numpy(np.where(Y, 1.0, -1.0))
        rough, sums = exact.float(), signs.sum(0)
        first_length = ((signs * times(rough, signs.float())).sum(0) + sums**2).sqrt()
        return cls(exact, rough, signs, first_length)

    @property
    def tolerance(self) -> float:
        return _TOLERANCE[self.products.dtype]

    def margins(self, factors: torch.Tensor) -> torch.Tensor:
        """(n, K) of rows combined by double factors (n, K), the constant feature among them."""
        return times(self.products, factors.to(self.products.dtype)).double() + factors.sum(0)

    def rough_margins(self, factors: torch.Tensor) -> torch.Tensor:
        """The same in single precision."""
        return times(self.rough_products, factors).add_(factors.sum(0))

    def gradient(self, C: float, factors: torch.Tensor, missing: torch.Tensor) -> torch.Tensor:
        return factors - 2 * C * missing

    def inner(self, left: torch.Tensor, right: torch.Tensor, margins: torch.Tensor) -> torch.Tensor:
        return (left * margins).sum(0)

    def squared_norm(self, gradient: torch.Tensor) -> torch.Tensor:
        rough = gradient.float()
        return (rough * self.rough_margins(rough)).sum(0)

    def rounding(self, C: float) -> torch.Tensor:
        return (2 * C * self.first_length * _ROUNDING[self.products.dtype]) ** 2

    def newton_step(self, C: float, gradient: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Step to factors with margins + factors / 2C = signs on the rows inside the margin.

        The factors of all other rows become 0. Single precision is enough, for the gradient holds
        what both equations still lack: a row outside its factor, one inside -2C times its residual.
        """
        outside = torch.where(inside, 0, gradient)
        left = gradient / (-2 * C)
        if outside.any():
            left += self.rough_margins(outside.float())
        residual = (inside * left).float()
        found = self._factorise(C, residual, inside)
        if found is None:
            found = self._conjugate_gradients(C, residual, inside)
        return found.double() - outside

    def _factorise(
        self, C: float, residual: torch.Tensor, inside: torch.Tensor
    ) -> torch.Tensor | None:
        """None where it fails, or conjugate gradients are faster."""
        if inside.all():
            return self._solve_all_rows(C, residual)
        sizes = inside.sum(0).double()
        cost = (sizes**3 + _SQUARE * sizes**2 + _ONCE).mean()
        pays = cost < CONJUGATE * math.sqrt(C) * len(inside) ** 2
        return self._solve_few_rows(C, residual, inside) if pays else None

    def _solve_all_rows(self, C: float, residual: torch.Tensor) -> torch.Tensor | None:
        """With every row inside, as at first: the tags share one factorisation.

        None if it fails, or would take too much memory.
        """
        if self.products is self.rough_products:
            return None
        hessian = self.rough_products + 1
        hessian.diagonal().add_(1 / (2 * C))
        failed = torch.empty((), dtype=torch.int32)
        torch.linalg.cholesky_ex(hessian, out=(hessian, failed))
        return None if failed else torch.cholesky_solve(residual, hessian)

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
                hessian = products.take(rows, 0).take(rows, 1)
                hessian += 1
                hessian.flat[:: len(rows) + 1] += 1 / (2 * C)
                _, answer[rows, tag], failed = sposv(hessian.T, wanted[rows, tag], overwrite_a=True)
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
        stay conjugate to it (deflation: Saad et al., "A deflated version of the conjugate gradient
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
            product = self.rough_margins(direction).mul_(inside).add_(direction, alpha=1 / (2 * C))
            length = energy / (direction * product).sum(0)
            step.addcmul_(length, direction)
            residual.addcmul_(length, product, value=-1)
            before, energy = energy, (residual**2).sum(0)
            direction.mul_(energy / before).add_(residual)
            direction.addcmul_(inside, (steep * residual).sum(0) / steepness, value=-1)
        found[:, live] = step
        return found


def times(products: torch.Tensor, columns: torch.Tensor) -> torch.Tensor:
    """Multiply products (n, n) with columns (n, K), padded to more columns where that is faster."""
    few = columns.shape[1]
    if not 1 < few < _LEAST_COLUMNS:
        return products @ columns
    return (products @ pad(columns, (0, _LEAST_COLUMNS - few)))[:, :few]
