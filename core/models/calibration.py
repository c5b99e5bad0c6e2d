"""Scores turned into probabilities: sigmoid or isotonic, a curve a tag, shared by rare tags."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pydantic import Field, FiniteFloat, model_validator
from scipy.sparse import csr_array
from scipy.special import expit

from core.base.config import StrictConfig
from core.base.errors import ConfigError, DataError
from core.metrics.sorted_scores import SortedScores
from core.models.cut_solver import Goal, solve_cut

FloatArray = NDArray[np.float64]
Method = Literal["sigmoid", "isotonic"]
METHODS: tuple[Method, ...] = ("sigmoid", "isotonic")
BINS = 10


class SigmoidCurve(StrictConfig):
    """1 / (1 + exp(-(slope x score + offset))); slope > 0."""

    kind: Literal["sigmoid"] = "sigmoid"
    slope: float = Field(gt=0, allow_inf_nan=False)
    offset: float = Field(allow_inf_nan=False)

    def at(self, scores: NDArray[np.floating]) -> FloatArray:
        """Probabilities, 0..1, of scores."""
        return expit(self.slope * scores.astype(np.float64) + self.offset)


class IsotonicCurve(StrictConfig):
    """Straight lines between knots of rising scores and values; level outside them."""

    kind: Literal["isotonic"] = "isotonic"
    scores: tuple[FiniteFloat, ...] = Field(min_length=1)
    values: tuple[FiniteFloat, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _rises(self) -> "IsotonicCurve":
        if len(self.scores) != len(self.values):
            raise ValueError("there are more scores than values, or fewer")
        rising = all((np.diff(knots) >= 0).all() for knots in (self.scores, self.values))
        if not rising or self.values[0] < 0 or self.values[-1] > 1:
            raise ValueError("its scores fall, or its values do or leave 0 to 1")
        return self

    def at(self, scores: NDArray[np.floating]) -> FloatArray:
        """Probabilities, 0..1, of scores."""
        return np.interp(scores.astype(np.float64), self.scores, self.values)


Curve = Annotated[SigmoidCurve | IsotonicCurve, Field(discriminator="kind")]


class Calibration(StrictConfig):
    """A curve for each tag, in the order of the run's tags; pooled: tags with the common curve."""

    format: Literal[1] = 1
    method: Method
    curves: dict[str, Curve]
    pooled: tuple[str, ...]

    def probabilities(self, scores: NDArray[np.floating]) -> FloatArray:
        """(n, K), 0..1, from scores (n, K) of the run that it was fitted for."""
        own = [curve for curve in self.curves.values() if isinstance(curve, SigmoidCurve)]
        if len(own) == len(self.curves) == scores.shape[1]:  # all at once: forty times as fast
            slopes, offsets = np.array([(curve.slope, curve.offset) for curve in own]).T
            return expit(slopes * scores.astype(np.float64) + offsets)
        columns = zip(self.curves.values(), scores.T, strict=True)
        return np.stack([curve.at(column) for curve, column in columns], axis=1)


@dataclass(frozen=True)
class NotSureRange:
    """Probabilities in which a person should look: above low, up to high."""

    low: float
    high: float


@dataclass(frozen=True)
class NotSureFigures:
    """A part under a band, in (article, tag) pairs.

    sure, unsure: above the band and in it, mean an article; sure_right, unsure_right: the share
    of them that is true; missed: the share of true pairs below it. Shares are 0..1.
    """

    sure: float
    sure_right: float
    unsure: float
    unsure_right: float
    missed: float


def fit_calibration(
    truth: csr_array,
    scores: NDArray[np.floating],
    tags: Sequence[str],
    *,
    method: Method = "sigmoid",
    min_support: int = 10,
) -> Calibration:
    """Fit on bool truth and scores (n, K) that are out of fold or held out.

    A tag with fewer than min_support true articles, or whose scores speak against it, gets the
    curve of all tags' scores together. Raises ConfigError if there is nothing to fit on.
    Sources: Platt 1999 with the targets of Lin, Lin and Weng 2007; Zadrozny and Elkan 2002.
    """
    dense = truth.toarray()
    if not dense.any() or dense.all():
        raise ConfigError(
            "Probabilities need held-out scores of true and of other tags; this run has none. "
            "Train it with a validation part or cross-validation."
        )
    fit = _fit_sigmoid if method == "sigmoid" else _fit_isotonic
    common = fit(dense.ravel(), scores.ravel())
    if common is None:
        raise ConfigError(
            "This run's scores are no higher for true tags: they cannot be calibrated."
        )
    curves, pooled = {}, []
    for tag, is_true, score in zip(tags, dense.T, scores.T, strict=True):
        enough = min_support <= is_true.sum() < len(is_true)
        own = fit(is_true, score) if enough else None
        curves[tag] = own or common
        if own is None:
            pooled.append(tag)
    return Calibration(method=method, curves=curves, pooled=tuple(pooled))


def reliability_table(truth: csr_array, probabilities: FloatArray) -> pd.DataFrame:
    """Pairs (article, tag) by probability, ten bins of equal width; empty bins are left out.

    Columns: low, high (the bin), pairs, probability (mean) and true (share), both 0..1.
    """
    flat, is_true = probabilities.ravel(), truth.toarray().ravel()
    place = np.minimum((flat * BINS).astype(int), BINS - 1)
    pairs = np.bincount(place, minlength=BINS)
    filled = np.flatnonzero(pairs)
    return pd.DataFrame(
        {
            "low": filled / BINS,
            "high": (filled + 1) / BINS,
            "pairs": pairs[filled],
            "probability": (np.bincount(place, flat, BINS) / np.maximum(pairs, 1))[filled],
            "true": (np.bincount(place, is_true, BINS) / np.maximum(pairs, 1))[filled],
        }
    )


def expected_calibration_error(table: pd.DataFrame) -> float:
    """Mean distance between probability and share of true, weighted by pairs, 0..1.

    table: from reliability_table, or some of its rows. Source: Naeini et al. 2015, AAAI.
    """
    distance = (table["probability"] - table["true"]).abs()
    return float((distance * table["pairs"]).sum() / max(table["pairs"].sum(), 1))


def solve_not_sure(
    truth: csr_array, probabilities: FloatArray, *, right: float = 0.9, missed: float = 0.1
) -> NotSureRange:
    """The narrowest band with at least `right` true above it and at most `missed` true below it.

    Empty (low = high) where one cut does both. Raises ConfigError if no cut is that right.
    """
    sorted_scores = SortedScores.build(truth, probabilities)
    high = solve_cut(sorted_scores, Goal("precision", right))
    low = solve_cut(sorted_scores, Goal("recall", 1 - missed))
    return NotSureRange(max(min(low, high), 0.0), min(high, 1.0))


def count_not_sure(
    truth: csr_array, probabilities: FloatArray, band: NotSureRange
) -> NotSureFigures:
    """Raises DataError if the band's ends are the wrong way round."""
    if not 0 <= band.low <= band.high <= 1:
        raise DataError(
            f"The band {band.low:g} to {band.high:g} is not valid: it needs 0 <= from <= to <= 1."
        )
    is_true = truth.toarray()
    sure = probabilities > band.high
    unsure = (probabilities > band.low) & ~sure
    below = is_true & ~sure & ~unsure
    return NotSureFigures(
        sure=float(sure.sum() / len(sure)),
        sure_right=_share(is_true, sure),
        unsure=float(unsure.sum() / len(unsure)),
        unsure_right=_share(is_true, unsure),
        missed=float(below.sum() / max(is_true.sum(), 1)),
    )


def _share(is_true: NDArray[np.bool_], among: NDArray[np.bool_]) -> float:
    return float((is_true & among).sum() / max(among.sum(), 1))


def _fit_sigmoid(is_true: NDArray[np.bool_], scores: NDArray[np.floating]) -> SigmoidCurve | None:
    """None where the scores are no higher for true ones."""
    from sklearn.linear_model import LogisticRegression

    right, other = is_true.sum(), (~is_true).sum()
    target = np.where(is_true, (right + 1) / (right + 2), 1 / (other + 2))
    # Each score stands once as true and once as not, weighted by its target.
    both = np.concatenate([scores, scores]).astype(np.float64)[:, None]
    labels = np.repeat([1, 0], len(scores))
    model = LogisticRegression(C=np.inf, solver="newton-cholesky", tol=1e-8)
    model.fit(both, labels, sample_weight=np.concatenate([target, 1 - target]))
    slope, offset = float(model.coef_[0, 0]), float(model.intercept_[0])
    return SigmoidCurve(slope=slope, offset=offset) if slope > 0 else None


def _fit_isotonic(is_true: NDArray[np.bool_], scores: NDArray[np.floating]) -> IsotonicCurve | None:
    """None where the scores are no higher for true ones."""
    from sklearn.isotonic import IsotonicRegression

    model = IsotonicRegression(y_min=0, y_max=1).fit(scores.astype(np.float64), is_true)
    places, values = model.X_thresholds_, model.y_thresholds_
    if values[0] == values[-1]:
        return None
    return IsotonicCurve(scores=tuple(places.tolist()), values=tuple(values.tolist()))
