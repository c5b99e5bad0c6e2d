"""The scores of a run's two parts, sorted, so that any threshold is counted at once."""

from dataclasses import dataclass
from itertools import compress

import numpy as np
import pandas as pd

from core.base.errors import ConfigError
from core.evaluate.cut_cost import CutFigures, count_figures
from core.metrics.averages import MICRO
from core.metrics.curves import average_curve
from core.metrics.sorted_scores import SortedScores
from core.models.cut_solver import MIN_SUPPORT, SMOOTHING, Goal, solve_cut, solve_tag_cuts
from core.runs.operating_points import OperatingPoint
from core.runs.store import Run

# With even more tags taken a threshold is of no use, and the slider would be too coarse.
_MOST_TAKEN = 8
LEAK_NOTE = (
    "Copies of an article are on both sides of this run's folds, so its held-out scores are too "
    "good: a cut tuned on them is too high. The test part shows what it is worth."
)


@dataclass(frozen=True)
class SolvedCuts:
    """Thresholds found for a goal: `cut` for all tags except those in `own`; the goal in words.

    out_of_reach: tags whose scores cannot reach the goal; they keep the common threshold.
    """

    cut: float
    own: dict[str, float]
    goal: str
    out_of_reach: tuple[str, ...]


@dataclass(frozen=True)
class RunScores:
    """A run's scored parts; thresholds are tuned on one and reported on the other.

    held_out: out-of-fold or validation scores; None if the run has none. leaks: copies of an
    article are on both sides of the run's folds.
    """

    run_id: str
    tags: tuple[str, ...]
    held_out: SortedScores | None
    test: SortedScores
    leaks: bool

    def figures(self, point: OperatingPoint) -> dict[str, CutFigures]:
        """Figures of "held-out" (if there is one) and "test" at an operating point."""
        decision = point.decision(self.tags)
        return {name: count_figures(part, decision) for name, part in self.parts().items()}

    def solve(self, goal: Goal, *, average: str = MICRO) -> SolvedCuts:
        """One threshold for all tags, tuned on the held-out scores.

        Raises ConfigError if there are none, or no threshold reaches the goal.
        """
        cut = solve_cut(self.to_tune_on(), goal, average=average)
        return SolvedCuts(cut, {}, f"{goal}, {average.removesuffix(' avg')}", ())

    def solve_tags(
        self, goal: Goal, *, min_support: int = MIN_SUPPORT, smoothing: float = SMOOTHING
    ) -> SolvedCuts:
        """A threshold for each tag, tuned as `solve_tag_cuts` explains."""
        found = solve_tag_cuts(
            self.to_tune_on(), goal, min_support=min_support, smoothing=smoothing
        )
        cuts = zip(self.tags, found.cuts.tolist(), found.own, strict=True)
        return SolvedCuts(
            cut=found.common,
            own={tag: cut for tag, cut, is_own in cuts if is_own},
            goal=f"{goal}, each tag",
            out_of_reach=tuple(compress(self.tags, found.out_of_reach)),
        )

    def curve_points(self, most: int = 200) -> pd.DataFrame:
        """Micro precision and recall of up to `most` common thresholds, evenly spread over recall.

        Columns: part ("held-out", "test"), cut, precision and recall (0..1).
        """
        frames = []
        for name, part in self.parts().items():
            curve = average_curve(part)
            places = np.searchsorted(curve.recall, np.linspace(0, curve.recall[-1], most))
            kept = np.unique(np.minimum(places, len(curve.cuts) - 1))
            figures = {"cut": curve.cuts, "precision": curve.precision, "recall": curve.recall}
            frames.append(pd.DataFrame({k: v[kept] for k, v in figures.items()}).assign(part=name))
        return pd.concat(frames, ignore_index=True)

    def cut_range(self) -> tuple[float, float]:
        """The thresholds worth trying: from eight times the true number of tags to none."""
        part = self.held_out or self.test
        scores = part.scores.ravel()
        place = min(_MOST_TAKEN * int(part.support[0].sum()), len(scores) - 1)
        low = float(-np.partition(-scores, place)[place])
        return float(np.floor(20 * low) / 20), float(np.ceil(20 * float(scores.max())) / 20)

    def parts(self) -> dict[str, SortedScores]:
        """The parts that the run has, by their names: "held-out", "test"."""
        parts = {"held-out": self.held_out, "test": self.test}
        return {name: part for name, part in parts.items() if part is not None}

    def to_tune_on(self) -> SortedScores:
        """The held-out scores. Raises ConfigError if there are none."""
        if self.held_out is None:
            raise ConfigError(
                f"Run {self.run_id} has no held-out scores, and nobody should tune on the test "
                "part: choose a fixed value, or train it with finetune.validation_share above 0."
            )
        return self.held_out


def build_run_scores(run: Run) -> RunScores:
    """Sort the scores of a run's two parts."""
    held_out, test = (
        SortedScores.build(part.truth, part.scores)
        for part in (run.read_part("out_of_fold"), run.read_part("test"))
    )
    cv = run.report.cv
    return RunScores(
        run_id=run.id,
        tags=run.tags,
        held_out=held_out if held_out.articles else None,
        test=test,
        leaks=cv is not None and not cv.grouped and run.config.augment.level > 0,
    )
