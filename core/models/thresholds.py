"""The thresholds of a run, tuned on scores of articles that the model was not fitted on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from core.base.errors import ConfigError
from core.metrics.curves import pairs_curve
from core.metrics.sorted_scores import SortedScores
from core.models.cut_solver import Goal, solve_tag_cuts
from core.settings.classifier import ThresholdsConfig

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class Thresholds:
    """The cut of every rule: a tag is suggested where its score is above it.

    global_cut: one margin for all tags; per_tag: (K,) margins; both only where held-out scores
    were there to tune on. value: a fixed margin, if that is the rule in use.
    """

    rule: str
    tags: int
    global_cut: float | None = None
    per_tag: FloatArray | None = None
    value: float | None = None

    def cuts(self) -> dict[str, FloatArray]:
        """Rule -> (K,) thresholds."""
        known = {
            "zero": 0.0,
            "value": self.value,
            "global": self.global_cut,
            "per_tag": self.per_tag,
        }
        ones = np.ones(self.tags)
        return {rule: cut * ones for rule, cut in known.items() if cut is not None}

    def in_use(self) -> FloatArray:
        """The (K,) thresholds of the rule in use."""
        return self.cuts()[self.rule]


def tune_thresholds(
    truth: csr_array, scores: NDArray[np.floating], config: ThresholdsConfig
) -> Thresholds:
    """Tune the cuts of every rule for the highest F-beta, on out-of-fold or held-out scores.

    truth: bool (n, K); scores: (n, K). A tag's own cut is that of `solve_tag_cuts`.
    Raises ConfigError if there are no scores and the rule needs some.
    """
    value = config.value if config.rule == "value" else None
    if not len(scores):
        if config.rule in ("global", "per_tag"):
            raise ConfigError(
                f"Thresholds of rule {config.rule!r} need held-out articles: raise "
                "finetune.validation_share, or choose thresholds.rule zero or value."
            )
        return Thresholds(config.rule, truth.shape[1], value=value)
    goal = Goal("f_beta", beta=config.beta)
    found = solve_tag_cuts(SortedScores.build(truth, scores), goal, min_support=config.min_support)
    return Thresholds(config.rule, truth.shape[1], found.common, found.cuts, value)


def best_cut(truth: NDArray[np.bool_], scores: NDArray[np.floating], *, beta: float = 1.0) -> float:
    """Find the threshold with the highest F-beta for `score > threshold`; of equals, the highest.

    truth, scores: (m,). Halfway between two scores; below the lowest score if all are best taken.
    0 where nothing is true, for then every cut is as bad.

    >>> best_cut(np.array([True, False, True]), np.array([2.0, -1.0, 0.5]))
    -0.25
    """
    if not truth.any():
        return 0.0
    curve = pairs_curve(truth, scores, beta=beta)
    return float(curve.cuts[curve.f_beta.argmax()])
