"""Precision against recall at every cut."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.metrics.curves import pairs_curve

FloatArray = NDArray[np.float64]


@dataclass(frozen=True)
class PrecisionRecall:
    """Points from the highest cut to the lowest, 0..1 each; average_precision: 0..1."""

    precision: FloatArray
    recall: FloatArray
    average_precision: float


def precision_recall(
    truth: NDArray[np.bool_], scores: NDArray[np.floating], *, points: int = 200
) -> PrecisionRecall:
    """The curve of (m,) scores against what is true, thinned to about `points`.

    As scikit-learn's precision_recall_curve and average_precision_score, without its last point
    (recall 0). Nothing true gives an empty curve and an average precision of 0.
    """
    if not truth.any():
        return PrecisionRecall(np.empty(0), np.empty(0), 0.0)
    curve = pairs_curve(truth, scores)
    average = float(np.sum(np.diff(curve.recall, prepend=0.0) * curve.precision))
    kept = _spread(curve.recall, points)
    return PrecisionRecall(curve.precision[kept], curve.recall[kept], average)


def _spread(recall: FloatArray, points: int) -> NDArray[np.int64]:
    """Positions at about even steps of recall, both ends among them."""
    wanted = np.linspace(recall[0], 1.0, points)
    return np.unique(np.append(0, np.searchsorted(recall, wanted)))
