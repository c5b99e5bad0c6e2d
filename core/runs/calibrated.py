"""A run's probabilities: fitted on its held-out scores when first needed, then kept with it."""

from contextlib import suppress
from dataclasses import dataclass

import pandas as pd

from core.base.errors import ConfigError
from core.base.files import read_json, write_json
from core.models.calibration import (
    Calibration,
    FloatArray,
    Method,
    NotSureFigures,
    NotSureRange,
    count_not_sure,
    expected_calibration_error,
    fit_calibration,
    reliability_table,
    solve_not_sure,
)
from core.runs.records import ScoredPart
from core.runs.store import Run

LIKELY = 0.1


@dataclass(frozen=True)
class Calibrated:
    """A calibration and the test part's probabilities by it, on which it was not fitted.

    reliability: as reliability_table makes it. error: expected calibration error over all
    (article, tag) pairs, 0..1; error_of_likely: over pairs with a probability of at least LIKELY,
    because most pairs are near 0.
    """

    calibration: Calibration
    held_out: ScoredPart
    test: ScoredPart
    probabilities: FloatArray
    reliability: pd.DataFrame
    error: float
    error_of_likely: float

    def solve_not_sure(self, *, right: float, missed: float) -> NotSureRange:
        """The range for a person to look at, found on the held-out scores.

        right: the least share of true tags above it; missed: the largest share of true tags below
        it. Raises ConfigError if no threshold reaches `right`.
        """
        part = self.held_out
        probabilities = self.calibration.probabilities(part.scores)
        return solve_not_sure(part.truth, probabilities, right=right, missed=missed)

    def count_not_sure(self, band: NotSureRange) -> NotSureFigures:
        """What the range means on the test part."""
        return count_not_sure(self.test.truth, self.probabilities, band)


def build_calibrated(run: Run, method: Method) -> Calibrated | None:
    """The run's calibration by a method; None if the run has no held-out scores."""
    if (calibration := read_calibration(run, method)) is None:
        return None
    test = run.read_part("test")
    probabilities = calibration.probabilities(test.scores)
    table = reliability_table(test.truth, probabilities)
    return Calibrated(
        calibration=calibration,
        held_out=run.read_part("out_of_fold"),
        test=test,
        probabilities=probabilities,
        reliability=table,
        error=expected_calibration_error(table),
        error_of_likely=expected_calibration_error(table[table["low"] >= LIKELY]),
    )


def read_calibration(run: Run, method: Method = "sigmoid") -> Calibration | None:
    """The calibration kept with the run, fitted first if need be; None without held-out scores.

    It is fitted again if its file is missing, damaged, or of other tags, and each time in a home
    that is read-only. Raises ConfigError if the scores cannot be fitted.
    """
    path = run.folder / f"calibration-{method}.json"
    try:
        kept = Calibration.model_validate(read_json(path))
        if tuple(kept.curves) == run.tags:
            return kept
    except (OSError, ValueError):  # pydantic's errors are values' too
        pass
    held_out = run.read_part("out_of_fold")
    if not len(held_out.scores):
        return None
    fitted = fit_calibration(held_out.truth, held_out.scores, run.tags, method=method)
    with suppress(OSError):
        write_json(path, fitted.model_dump(mode="json"))
    return fitted


def find_calibration(run: Run) -> Calibration | None:
    """As read_calibration, but None also if the scores cannot be fitted."""
    with suppress(ConfigError):
        return read_calibration(run)
    return None
