"""Newton's method for the l2 squared-hinge SVM, all tags at once, from weak to strong C.

Each tag's objective is liblinear's: |w|^2 / 2 + C * sum(max(0, 1 - y f)^2) over the rows of margin
f and sign y, the intercept being the weight of a constant feature. What w is made of, and how a
step is solved, depends on the problem.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import cache
from typing import Protocol

import torch
from threadpoolctl import ThreadpoolController

NEWTON_STEPS = 100
# What a line search may still move by, in steps.
_LENGTH_TOLERANCE = 1e-6


class Problem(Protocol):
    """A matrix of n rows shared by K tags; a solution is an array (m, K) of unknowns.

    signs (n, K): 1 where the row has the tag, else -1. tolerance: the share of itself by which
    an objective may end above its optimum.
    """

    @property
    def signs(self) -> torch.Tensor:
        """(n, K)."""
        ...

    @property
    def tolerance(self) -> float:
        """Above 0."""
        ...

    def margins(self, unknowns: torch.Tensor) -> torch.Tensor:
        """(n, K) of some tags' unknowns."""
        ...

    def gradient(self, C: float, unknowns: torch.Tensor, missing: torch.Tensor) -> torch.Tensor:
        """As unknowns (m, K); missing (n, K): what a margin lacks to its sign, 0 beyond it."""
        ...

    def inner(self, left: torch.Tensor, right: torch.Tensor, margins: torch.Tensor) -> torch.Tensor:
        """Scalar products (K,) of what two arrays of unknowns stand for; margins: of the right."""
        ...

    def squared_norm(self, gradient: torch.Tensor) -> torch.Tensor:
        """|gradient|^2, (K,); single precision is enough."""
        ...

    def rounding(self, C: float) -> torch.Tensor:
        """The squared norm, (K,), below which a gradient may be rounding alone."""
        ...

    def newton_step(self, C: float, gradient: torch.Tensor, inside: torch.Tensor) -> torch.Tensor:
        """Solve (1 + 2 C X' X) step = -gradient for each tag, X being its rows inside the margin.

        inside: bool (n, K). The solution may be approximate.
        """
        ...


def minimise_path(
    problem: Problem, Cs: Sequence[float], start: torch.Tensor, on_solved: Callable[[], None]
) -> list[torch.Tensor]:
    """Find the unknowns (m, K) for each rising C; each solution is the start of the next one."""
    path = []
    for C in Cs:
        if start.shape[1]:
            start = _minimise(problem, C, start)
        path.append(start)
        on_solved()
    return path


def _minimise(problem: Problem, C: float, start: torch.Tensor) -> torch.Tensor:
    """Minimise every tag's objective; a tag within the tolerance is not computed any further."""
    result = start.clone()
    signs, unknowns = problem.signs, start
    margins = problem.margins(start) if start.any() else torch.zeros_like(signs)
    live, rounding = torch.arange(signs.shape[1]), problem.rounding(C)
    for _ in range(NEWTON_STEPS):
        slack = (1 - signs * margins).clamp(min=0)
        gradient = problem.gradient(C, unknowns, signs * slack)
        steepness = problem.squared_norm(gradient)
        objective = problem.inner(unknowns, unknowns, margins) / 2 + C * (slack**2).sum(0)
        # The objective's curvature is 1 or more everywhere, so the objective is |gradient|^2 / 2
        # above its optimum at most (Boyd and Vandenberghe, "Convex optimization", 2004, 9.1.2).
        gap = steepness / 2 / objective
        going = (gap > problem.tolerance) & (steepness > rounding)
        if not going.all():
            result[:, live] = unknowns
            live, rounding = live[going], rounding[going]
            if not len(live):
                return result
            signs, slack, margins = signs[:, going], slack[:, going], margins[:, going]
            unknowns, gradient = unknowns[:, going], gradient[:, going]
        step = problem.newton_step(C, gradient, slack > 0)
        change = problem.margins(step)
        slope = problem.inner(step, unknowns, margins)
        curvature = problem.inner(step, step, change)
        length = _line_search(C, slope, curvature, 1 - signs * margins, signs * change)
        unknowns, margins = unknowns + length * step, margins + length * change
    result[:, live] = unknowns
    return result


def _line_search(
    C: float,
    slope: torch.Tensor,
    curvature: torch.Tensor,
    slack: torch.Tensor,
    change: torch.Tensor,
) -> torch.Tensor:
    """Find the length of a step, (K,), by Newton's method: along it the objective is convex.

    slope, curvature (K,): first and second derivative of the penalty along the step. slack, change
    (n, K): 1 - y f, and the difference that the whole step makes to y f.
    """
    length = torch.ones_like(slope)
    for _ in range(6):
        left = (slack - length * change).clamp(min=0)
        first = slope + length * curvature - 2 * C * (change * left).sum(0)
        second = curvature + 2 * C * (change**2 * (left > 0)).sum(0)
        before, length = length, (length - first / second).clamp(0.05, 2)
        if ((length - before).abs() < _LENGTH_TOLERANCE).all():
            break
    return length


def one_blas_thread() -> AbstractContextManager[object]:
    """Limit BLAS to one thread: in many small factorisations, several wait for one another."""
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
