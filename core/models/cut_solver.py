"""The cut that reaches a wanted precision or recall, or the best F-beta: for all tags or each."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ConfigError
from core.metrics.averages import MICRO
from core.metrics.curves import Curve, average_curve, tag_curves
from core.metrics.sorted_scores import SortedScores

FloatArray = NDArray[np.float64]
Measure = Literal["precision", "recall", "f_beta"]

# Running sums of an average are exact to about 1e-10; a target met so closely is met.
_TOLERANCE = 1e-9
# Of 1 to 10 and 0 to 80, tried on halves of out-of-fold scores: near the best micro and macro F1.
MIN_SUPPORT, SMOOTHING = 5, 20.0


@dataclass(frozen=True)
class Goal:
    """What a cut is chosen for.

    precision: at least `target` (0..1), with the highest recall. recall: at least `target`,
    with the highest precision. f_beta: as high as it gets. Of equal cuts, the highest.
    """

    measure: Measure
    target: float = 0.8
    beta: float = 1.0

    def __str__(self) -> str:
        if self.measure == "f_beta":
            return f"best F{self.beta:g}"
        return f"{self.measure} {self.target:g}"


@dataclass(frozen=True)
class TagCuts:
    """Cuts (K,) of the tags; own: (K,) bool, False where the common cut stands.

    out_of_reach: (K,) bool, tags with enough articles whose scores cannot meet the goal.
    """

    cuts: FloatArray
    common: float
    own: NDArray[np.bool_]
    out_of_reach: NDArray[np.bool_]


def solve_cut(part: SortedScores, goal: Goal, *, average: str = MICRO) -> float:
    """One cut for all tags, on scores that are out of fold or held out.

    Raises ConfigError, with the highest that can be had, if no cut meets the goal.
    """
    _check(goal)
    curve = average_curve(part, average, beta=goal.beta)
    place = int(_best_places(curve, goal)[()])
    if place < 0:
        raise ConfigError(_out_of_reach(curve, goal, average))
    return float(curve.cuts[place])


def solve_tag_cuts(
    part: SortedScores,
    goal: Goal,
    *,
    min_support: int = MIN_SUPPORT,
    smoothing: float = SMOOTHING,
) -> TagCuts:
    """A cut for each tag, drawn towards the common cut the fewer articles it has.

    A tag of s true articles gets (s * own + smoothing * common) / (s + smoothing), where own is
    the cut that meets the goal for it alone and common the one that meets it for the micro
    average; under min_support articles, or out of reach, it keeps the common cut. With
    smoothing 0 every tag's own cut stands. This is the shrinkage of Efron and Morris 1975
    (JASA 70, 350) with a fixed prior weight; that rare tags overfit a cut of their own is in
    Lin et al. 2023, On the Thresholding Strategy for Infrequent Labels (CIKM).
    Raises ConfigError if no common cut meets the goal.
    """
    common = solve_cut(part, goal)
    curves = tag_curves(part, beta=goal.beta)
    places = _best_places(curves, goal)
    support = part.support[0]
    judged = support >= max(min_support, 1)
    own = judged & (places >= 0)
    alone = np.take_along_axis(curves.cuts, np.maximum(places, 0)[:, None], axis=1)[:, 0]
    weight = np.where(own, support / np.maximum(support + smoothing, 1), 0.0)
    # Written so that a weight of 0 or 1 gives exactly the one cut or the other.
    cuts = weight * alone + (1 - weight) * common
    return TagCuts(cuts, common, own, judged & (places < 0))


def _best_places(curve: Curve, goal: Goal) -> NDArray[np.int64]:
    """Along the last axis: where the goal is met best, the highest cut of equals; else -1."""
    match goal.measure:
        case "precision":
            met, value = curve.precision >= goal.target - _TOLERANCE, curve.recall
        case "recall":
            met, value = curve.recall >= goal.target - _TOLERANCE, curve.precision
        case "f_beta":
            met, value = np.ones_like(curve.possible), curve.f_beta
    value = np.where(met & curve.possible, value, -1.0)
    places = value.argmax(axis=-1)
    reached = np.take_along_axis(value, places[..., None], axis=-1)[..., 0] >= 0
    return np.where(reached, places, -1)


def _out_of_reach(curve: Curve, goal: Goal, average: str) -> str:
    values = curve.precision if goal.measure == "precision" else curve.recall
    best = int(values.argmax())
    other = "recall" if goal.measure == "precision" else "precision"
    figure = (curve.recall if goal.measure == "precision" else curve.precision)[best]
    name = average.removesuffix(" avg")
    return (
        f"A {name} {goal.measure} of {goal.target:g} cannot be reached on the held-out articles: "
        f"the highest is {values[best]:.3f}, at the cut {curve.cuts[best]:.3f} with a {other} of "
        f"{figure:.3f}. Ask for no more than that."
    )


def _check(goal: Goal) -> None:
    if goal.measure == "f_beta" and not 0 < goal.beta <= 10:
        raise ConfigError(f"Beta is {goal.beta:g}. Choose one above 0, up to 10.")
    if goal.measure != "f_beta" and not 0 < goal.target <= 1:
        raise ConfigError(
            f"A {goal.measure} of {goal.target:g} makes no goal. Choose one above 0, up to 1."
        )
