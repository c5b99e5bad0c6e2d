"""What Newton's method on the l2 squared-hinge objective needs, whatever a step is solved by."""

from contextlib import AbstractContextManager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController

# What a line search may still move by, in steps.
_LENGTH_TOLERANCE = 1e-6


def gap_share(gradient_squared: torch.Tensor, objective: torch.Tensor) -> torch.Tensor:
    """By what share of itself an objective is above its optimum at most, (K,).

    It bends by 1 or more everywhere, so by |gradient|^2 / 2 (Boyd and Vandenberghe, "Convex
    optimization", 2004, 9.1.2). gradient_squared, objective: (K,).
    """
    return gradient_squared / 2 / objective


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


def one_blas_thread() -> AbstractContextManager[object]:
    """For many small factorisations, whose threads would wait for one another and for torch's."""
    return _libraries().limit(limits=1, user_api="blas")


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()
