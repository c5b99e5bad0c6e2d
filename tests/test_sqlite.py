"""SQLite files that several processes open for the first time at once."""

import multiprocessing
import sqlite3
from contextlib import closing

import pytest

from core.base.sqlite import keep_log_ahead
from core.feedback.corrections import Correction, FeedbackStore

FILES = 200


def open_each(folder, barrier, refusals):
    refused = 0
    for number in range(FILES):
        barrier.wait()
        with closing(sqlite3.connect(folder / f"{number}.sqlite", timeout=60)) as connection:
            try:
                keep_log_ahead(connection)
                connection.execute("CREATE TABLE IF NOT EXISTS words (word TEXT)")
            except sqlite3.OperationalError:
                refused += 1
    refusals.put(refused)


def test_two_processes_that_open_a_new_file_at_once_are_both_let_in(tmp_path):
    """Without a lock about one file in twenty refuses one of them."""
    context = multiprocessing.get_context("spawn")
    barrier, refusals = context.Barrier(2, timeout=60), context.Queue()
    processes = [
        context.Process(target=open_each, args=(tmp_path, barrier, refusals)) for _ in range(2)
    ]
    for process in processes:
        process.start()
    assert [refusals.get(timeout=120) for _ in processes] == [0, 0]
    for process in processes:
        process.join()


@pytest.mark.parametrize("name", ["a.sqlite", ":memory:"])
def test_only_a_file_gets_the_log(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    with closing(sqlite3.connect(name)) as connection:
        keep_log_ahead(connection)
        keep_log_ahead(connection)
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    assert mode == ("memory" if name == ":memory:" else "wal")


def test_corrections_are_kept_with_the_log(home):
    FeedbackStore().save(Correction("text", ("go",)))
    with closing(sqlite3.connect(home / "tagsmith.sqlite")) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
