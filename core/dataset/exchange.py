"""Move groups of articles from one side to the other until each tag is near its share.

All arithmetic is on whole numbers, so every machine finds the same moves.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]

# A distance from a share is counted in such parts of an article.
UNIT = 1 << 16
# A tag's distance costs so much more than that of the number of all articles.
_TAG_COST = 64
# So many groups of each tag can move: enough to choose from, however large the set is.
_MOVABLE = 64
# Moves that are tried as one, and first moves that are tried where the cheapest does not help.
_CHAIN, _STARTS = 6, 4
# So often the cost of the tags that are still away from their goals is raised.
_ROUNDS = 100
_TABOO = 1 << 60


@dataclass(frozen=True)
class Goals:
    """How many articles of each tag (K,), and of all, should be inside, in UNITs.

    number: all articles of the tag. several: whether more than one group has the tag. share: the
    tag's share of its articles. goal: the same, but one at least for each side, and none inside
    of a tag that a single group has.
    """

    number: IntArray
    several: BoolArray
    share: IntArray
    goal: IntArray
    articles: int

    @classmethod
    def of(cls, counts: csr_array, sizes: IntArray, share: float, *, both_sides: bool) -> Self:
        """both_sides: if False, the goal is the share."""
        number = np.asarray(counts.sum(axis=0), dtype=np.int64)
        several = np.diff(counts.tocsc().indptr) > 1
        wanted = share * number
        most = np.where(several, number - 1, 0)
        goal = np.clip(wanted, several, most) if both_sides else wanted
        return cls(number, several, _units(wanted), _units(goal), round(UNIT * share * sizes.sum()))

    def nearest(self) -> IntArray:
        """The distance (K,) from the goal that a whole number of articles has."""
        return np.abs((self.goal + UNIT // 2) // UNIT * UNIT - self.goal)

    def missed(self, off: IntArray) -> BoolArray:
        """Tags (K,) of several articles that are an article off, or relatively further off than
        any has to be. off: (K,), what is inside less the goal.
        """
        far = self._relative(off) > self._relative(self.nearest()).max(initial=0)
        return self.several & (far | (np.abs(off) >= UNIT))

    def faults(self, off: IntArray) -> tuple[int, int, float, int]:
        """What is wrong with a split, the worst first: the lower, the better."""
        beyond = np.abs(off + self.goal - self.share) - UNIT + 1
        return (
            int(beyond[self.several & (beyond > 0)].sum()),
            int((self.several & (np.abs(off) >= UNIT)).sum()),
            float(self._relative(off).max(initial=0)),
            int(np.abs(off).sum()),
        )

    def _relative(self, off: IntArray) -> NDArray[np.float64]:
        """Distances (K,) as shares of the tag's articles; 0 for a tag of one group."""
        return np.where(self.several, np.abs(off) / np.maximum(self.number, 1), 0.0)


def _units(articles: NDArray[np.floating]) -> IntArray:
    return np.round(UNIT * articles).astype(np.int64)


class Exchange:
    """Two sides of m groups, of which some can move. counts: (m, K). sizes, inside: (m,)."""

    def __init__(self, counts: csr_array, sizes: IntArray, goals: Goals, inside: BoolArray) -> None:
        self._goals, self._inside = goals, inside
        self._movable = _last_of_each_tag(counts)
        self._rows = counts[self._movable]
        self._columns = self._rows.tocsc()
        self._sizes = sizes[self._movable]
        self._side = np.where(inside[self._movable], -1, 1)
        self._off = UNIT * (counts.T @ inside.astype(np.int64)) - goals.goal
        self._articles_off = UNIT * int(sizes @ inside) - goals.articles
        self._weights = np.full(counts.shape[1], _TAG_COST)
        self._moves = self._move_costs()

    def settle(self) -> BoolArray:
        """Which groups (m,) are inside in the best split found."""
        best, fewest = self._side.copy(), self._goals.faults(self._off)
        for _ in range(_ROUNDS):
            self._descend()
            faults = self._goals.faults(self._off)
            if faults < fewest:
                best, fewest = self._side.copy(), faults
            missed = self._goals.missed(self._off)
            if not missed.any():
                break
            self._weights[missed] += _TAG_COST
            self._moves = self._move_costs()
        inside = self._inside.copy()
        inside[self._movable] = best < 0
        return inside

    def _descend(self) -> None:
        """Take chains of moves as long as one is found that lowers the cost."""
        nearest = self._goals.nearest()
        while (np.abs(self._off) > nearest).any():
            if not self._chain() and not any(map(self._chain, self._starts(nearest))):
                return

    def _starts(self, nearest: IntArray) -> list[int]:
        """The cheapest moves that bring a tag nearer which could be nearer."""
        direction = np.where(np.abs(self._off) > nearest, np.sign(self._off), 0)
        helpful = np.flatnonzero(self._side * (self._rows @ direction) < 0)
        return helpful[np.argsort(self._moves[helpful], kind="stable")[:_STARTS]].tolist()

    def _chain(self, first: int | None = None) -> bool:
        """Move the cheapest group again and again, then undo the moves after the lowest cost.

        first: the group to begin with. Returns whether any move was kept.
        """
        taboo = np.zeros(len(self._moves), dtype=np.int64)
        moved: list[int] = []
        cost = lowest = kept = 0
        while len(moved) < min(_CHAIN, len(taboo)) and not (kept and len(moved) - kept > 2):
            group = int((self._moves + taboo).argmin()) if first is None or moved else first
            cost += int(self._moves[group])
            self._move(group)
            taboo[group] = _TABOO
            moved.append(group)
            if cost < lowest:
                lowest, kept = cost, len(moved)
        for group in moved[kept:]:
            self._move(group)
        return kept > 0

    def _move(self, group: int) -> None:
        """To the other side; the costs of all moves are kept up to date."""
        back = -self._moves[group]
        start, end = self._rows.indptr[group : group + 2]
        side = self._side[group]
        for tag, number in zip(
            self._rows.indices[start:end], self._rows.data[start:end], strict=True
        ):
            step = side * number * UNIT
            self._off[tag] += step
            first, last = self._columns.indptr[tag : tag + 2]
            rows = self._columns.indices[first:last]
            change = 2 * self._weights[tag] * step * self._columns.data[first:last]
            self._moves[rows] += self._side[rows] * change
        step = side * self._sizes[group] * UNIT
        self._articles_off += step
        self._moves += self._side * (2 * step * self._sizes)
        self._side[group] = -side
        self._moves[group] = back

    def _move_costs(self) -> IntArray:
        """What the move of each movable group adds to the cost: the weighted squared distances
        of all tags and of the number of articles, in UNITs.
        """
        linear = self._rows @ (self._weights * self._off) + self._sizes * self._articles_off
        squares = csr_array(
            (self._rows.data**2, self._rows.indices, self._rows.indptr), self._rows.shape
        )
        return 2 * self._side * linear + UNIT * (squares @ self._weights + self._sizes**2)


def _last_of_each_tag(counts: csr_array) -> IntArray:
    """The last _MOVABLE groups of each tag: its own, after those that it shares with rarer tags."""
    columns = counts.tocsc()
    length = np.diff(columns.indptr)
    from_end = columns.indptr[1:].repeat(length) - np.arange(columns.nnz)
    return np.unique(columns.indices[from_end <= _MOVABLE]).astype(np.int64)
