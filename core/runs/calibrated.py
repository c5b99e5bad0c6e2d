"""A run's probabilities: fitted on its held-out scores when first asked for, then kept with it."""

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
    """A calibration with the test part under it, on which it was not fitted.

    reliability: as of reliability_table. error: expected calibration error of all pairs, 0..1;
    error_of_likely: of pairs with a probability of at least LIKELY, for most pairs are near 0.
    """

    calibration: Calibration
    held_out: ScoredPart
    test: ScoredPart
    probabilities: FloatArray
    reliability: pd.DataFrame
    error: float
    error_of_likely: float

    def solve_not_sure(self, *, right: float, missed: float) -> NotSureRange:
        """Of the held-out scores. Raises ConfigError if no cut is that right."""
        part = self.held_out
        probabilities = self.calibration.probabilities(part.scores)
        return solve_not_sure(part.truth, probabilities, right=right, missed=missed)

    def count_not_sure(self, band: NotSureRange) -> NotSureFigures:
        """Of the test part."""
        return count_not_sure(self.test.truth, self.probabilities, band)


def build_calibrated(run: Run, method: Method) -> Calibrated | None:
    """None where the run has no held-out scores."""
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
    """None where the run has no held-out scores. Raises ConfigError if they cannot be fitted.

    The file beside the model is made again if it is missing, damaged, or of other tags; where it
    cannot be written, as in a home that is read-only, the next reader fits anew.
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
    """As read_calibration, but None too where the scores cannot be fitted: margins are enough."""
    with suppress(ConfigError):
        return read_calibration(run)
    return None
