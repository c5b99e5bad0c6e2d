"""Which tags an article gets from its scores: cuts, a top k, at least one."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolMatrix = NDArray[np.bool_]


@dataclass(frozen=True)
class Decision:
    """A rule for taking tags: those with a score above their threshold, within two limits.

    thresholds: (K,). The at_least best tags of an article are taken even below their cuts, and
    no more than its at_most best. Best is the furthest above its own cut; ties go to the lower
    column. at_least = at_most = k takes the k best of every article, whatever the cuts.

    >>> scores = np.array([[0.4, 0.2], [-0.1, -0.3]])
    >>> Decision(np.zeros(2), at_least=1).take(scores).tolist()
    [[True, True], [True, False]]
    """

    thresholds: FloatArray
    at_least: int = 0
    at_most: int | None = None

    @property
    def is_uniform(self) -> bool:
        """Whether all tags have the same threshold."""
        return bool((self.thresholds == self.thresholds[:1]).all())

    def headroom(self, scores: NDArray[np.floating]) -> NDArray[np.floating]:
        """(n, K): how far each score is above its cut; with one cut for all, the score itself.

        A common cut is not subtracted: rounding could make equals of two scores.
        """
        return scores if self.is_uniform else scores - self.thresholds

    def take(self, scores: NDArray[np.floating]) -> BoolMatrix:
        """Bool (n, K): the tags taken, straight from the definition."""
        taken: BoolMatrix = scores.astype(np.float64) > self.thresholds
        headroom = self.headroom(scores)
        if self.at_least:
            taken |= top_cells(headroom, self.at_least)
        if self.at_most is not None:
            taken &= top_cells(headroom, self.at_most)
        return taken


def top_cells(values: NDArray[np.floating], k: int) -> BoolMatrix:
    """Bool (n, K): the k highest values of each row; of equals, the lower column."""
    columns = values.shape[1]
    if k >= columns or k == 0:
        return np.full(values.shape, k > 0)
    last = np.partition(values, columns - k, axis=1)[:, columns - k, None]
    above, equal = values > last, values == last
    room = k - above.sum(axis=1, keepdims=True)
    return above | (equal & (equal.cumsum(axis=1) <= room))
