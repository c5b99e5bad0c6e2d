"""Which keys have come before, in sixteen bytes each: for files of any size."""

import hashlib

import numpy as np
from numpy.typing import NDArray

_RECENT = 100_000


class SeenKeys:
    """First lines of keys. Keys are told apart by 64 bits of their hash."""

    def __init__(self) -> None:
        self._recent: dict[int, int] = {}
        self._keys: NDArray[np.uint64] = np.empty(0, np.uint64)
        self._lines: NDArray[np.int64] = np.empty(0, np.int64)

    def first_line(self, key: str, line: int) -> int:
        """The line where the key stood first; `line` itself if it is new."""
        number = int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest())
        if number in self._recent:
            return self._recent[number]
        wanted = np.uint64(number)
        at = int(self._keys.searchsorted(wanted))
        if at < len(self._keys) and self._keys[at] == wanted:
            return int(self._lines[at])
        self._recent[number] = line
        if len(self._recent) >= _RECENT:
            self._merge()
        return line

    def _merge(self) -> None:
        count = len(self._recent)
        keys = np.concatenate([self._keys, np.fromiter(self._recent, np.uint64, count)])
        lines = np.concatenate([self._lines, np.fromiter(self._recent.values(), np.int64, count)])
        order = keys.argsort(kind="stable")
        self._keys, self._lines = keys[order], lines[order]
        self._recent = {}
