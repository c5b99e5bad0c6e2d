"""A cache of vectors: a SQLite file that several writers share and that survives a kill."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.base.errors import ModelError
from core.base.home import home_folder
from core.base.sqlite import keep_log_ahead

_SCHEMA = """
CREATE TABLE IF NOT EXISTS vectors (
    key BLOB PRIMARY KEY, vector BLOB NOT NULL, truncated INTEGER NOT NULL
) WITHOUT ROWID
"""
# Below SQLite's limit of variables in one statement.
_KEYS_AT_ONCE = 500
_WAIT_SECONDS = 60


class VectorCache:
    """float32 vectors by key; one file, by default in the home folder."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or home_folder() / "cache" / "vectors.sqlite"

    def read(self, keys: Sequence[bytes]) -> dict[bytes, tuple[NDArray[np.float32], bool]]:
        """Read the vector (d,) of each key that is there, and whether its text was truncated.

        Raises ModelError if one is damaged, or they are not of one length.
        """
        found: dict[bytes, tuple[NDArray[np.float32], bool]] = {}
        lengths = set()
        for key, vector, truncated in self._rows("key, vector, truncated", keys):
            lengths.add(len(vector) if isinstance(vector, bytes) else 0)
            if len(lengths) > 1 or lengths & {0} or len(vector) % 4:
                raise self._unusable("a vector is not whole")
            found[key] = np.frombuffer(vector, np.float32), bool(truncated)
            if not np.isfinite(found[key][0]).all():
                raise self._unusable("a vector holds a value that is not a number")
        return found

    def present(self, keys: Sequence[bytes]) -> set[bytes]:
        """Tell which of the keys are there."""
        return {key for (key,) in self._rows("key", keys)}

    def write(
        self,
        keys: Sequence[bytes],
        vectors: NDArray[np.float32],
        truncated: Sequence[bool] | NDArray[np.bool_],
    ) -> None:
        """Keep vectors (n, d) under their keys; all of them or, if killed, none."""
        rows = zip(
            keys, map(bytes, np.ascontiguousarray(vectors)), map(int, truncated), strict=True
        )
        with self._open() as connection:
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def size(self) -> tuple[int, int]:
        """Count the vectors kept, and their bytes on disk."""
        if not self.path.exists():
            return 0, 0
        with self._open() as connection:
            (rows,) = connection.execute("SELECT count(*) FROM vectors").fetchone()
        return rows, sum(path.stat().st_size for path in self._files())

    def clear(self) -> None:
        """Delete every vector; a damaged file too."""
        for path in self._files():
            path.unlink(missing_ok=True)

    def _rows(self, columns: str, keys: Sequence[bytes]) -> Iterator[tuple[Any, ...]]:
        if not self.path.exists():
            return
        with self._open() as connection:
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                some = keys[start : start + _KEYS_AT_ONCE]
                marks = ",".join("?" * len(some))
                yield from connection.execute(
                    f"SELECT {columns} FROM vectors WHERE key IN ({marks})", some
                )

    def _files(self) -> list[Path]:
        return list(self.path.parent.glob(f"{self.path.name}*"))

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self.path, timeout=_WAIT_SECONDS)
        try:
            with connection:
                keep_log_ahead(connection)
                connection.execute(_SCHEMA)
                yield connection
        except sqlite3.DatabaseError as error:
            raise self._unusable(str(error)) from None
        finally:
            connection.close()

    def _unusable(self, reason: str) -> ModelError:
        return ModelError(
            f"The embedding cache {self.path} cannot be used ({reason}). "
            "Clear it with: python -m core cache --clear"
        )
