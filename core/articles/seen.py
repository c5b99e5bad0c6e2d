"""Which keys have come before, in sixteen bytes each: for files of any size."""

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class SeenKeys:
    """The first line of each key. Keys are told apart by 64 bits of their hash.

    merged_at: so many new keys are held in a dictionary before they join the sorted arrays, which
    take a tenth of its memory.

    >>> seen = SeenKeys()
    >>> seen.first_line("a", 1), seen.first_line("b", 2), seen.first_line("a", 3)
    (1, 2, 1)
    """

    def __init__(self, merged_at: int = 100_000) -> None:
        self._merged_at = merged_at
        self._recent: dict[int, int] = {}
        self._merged: tuple[NDArray[np.uint64], NDArray[np.int64]] | None = None

    def first_line(self, key: str, line: int) -> int:
        """The line where the key stood first; `line` itself if it is new."""
        number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest())
        if number in self._recent:
            return self._recent[number]
        if self._merged is not None:
            keys, lines = self._merged
            wanted = keys.dtype.type(number)
            at = int(keys.searchsorted(wanted))
            if at < len(keys) and keys[at] == wanted:
                return int(lines[at])
        self._recent[number] = line
        if len(self._recent) >= self._merged_at:
            self._merge()
        return line

    def _merge(self) -> None:
        import numpy as np  # takes a tenth of a second to load, and most files are short

        count = len(self._recent)
        keys = np.fromiter(self._recent, np.uint64, count)
        lines = np.fromiter(self._recent.values(), np.int64, count)
        if self._merged is not None:
            keys = np.concatenate([self._merged[0], keys])
            lines = np.concatenate([self._merged[1], lines])
        order = keys.argsort(kind="stable")
        self._merged = keys[order], lines[order]
        self._recent = {}
