"""Tags in bands of how many training articles they have."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
# Each bound doubles the last: what a tag gains from more articles goes with their logarithm.
_BOUNDS = (5, 10, 20, 40, 80, 160, 320, 640)
# The mean of fewer tags says more of the tags than of their frequency.
FEWEST_TAGS = 5


@dataclass(frozen=True)
class Band:
    """Tags with `low` to `high` training articles (high: None for no end), by column."""

    low: int
    high: int | None
    columns: IntArray

    @property
    def name(self) -> str:
        """ "20-39" or "160 and more"; "fewer than 20" for the lowest."""
        if self.high is None:
            return f"{self.low} and more" if self.low else "all"
        return f"{self.low}\N{EN DASH}{self.high}" if self.low else f"fewer than {self.high + 1}"


def build_bands(counts: IntArray) -> list[Band]:
    """Group tags by their number of training articles, (K,), in bands of doubling width.

    The rarest come first. A band of fewer than 5 tags is joined to the next one, the last to the
    one before.

    >>> [band.name for band in build_bands(np.array([3] * 5 + [30] * 5))]
    ['fewer than 5', '5 and more']
    """
    inner = [bound for bound in _BOUNDS if counts.min() < bound <= counts.max()]
    edges = [0]
    for bound in inner:
        below = np.count_nonzero((counts >= edges[-1]) & (counts < bound))
        above = np.count_nonzero(counts >= bound)
        if below >= FEWEST_TAGS and above >= FEWEST_TAGS:
            edges.append(bound)
    ends = [edge - 1 for edge in edges[1:]]
    return [
        Band(low, high, np.flatnonzero((counts >= low) & (counts <= (high or counts.max()))))
        for low, high in zip(edges, [*ends, None], strict=True)
    ]
