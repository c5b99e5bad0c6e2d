"""Settings that every SQLite file of Tagsmith needs."""

import sqlite3
from contextlib import suppress
from pathlib import Path

from filelock import FileLock


def keep_log_ahead(connection: sqlite3.Connection) -> None:
    """Switch a database file to a write-ahead log, so that reading does not wait for writing.

    A lock lets one process switch at a time: SQLite would refuse the second one at once, whatever
    its time-out.
    """
    if _first_row(connection, "journal_mode") in (("wal",), ("memory",)):
        return
    _, _, file = _first_row(connection, "database_list")
    path = Path(file)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    with suppress(OSError):  # where nothing can be written, SQLite's own error is clearer
        lock.acquire()
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    finally:
        lock.release()


def _first_row(connection: sqlite3.Connection, pragma: str) -> tuple[str, ...]:
    row: tuple[str, ...] = connection.execute(f"PRAGMA {pragma}").fetchone()
    return row
