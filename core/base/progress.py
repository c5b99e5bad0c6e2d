"""How long work reports its progress, and times as people read them."""

import time
from collections.abc import Callable
from typing import Protocol, TypeAlias


class Progress(Protocol):
    """Receives progress: the step's name, units done, units in all and the unit's plural name.

    Both numbers are 0 where there was nothing to do.
    """

    def __call__(self, step: str, done: int, total: int, unit: str) -> None: ...


# Receives the figures of each finished epoch of fine-tuning by name.
OnEpoch: TypeAlias = Callable[[dict[str, float]], None]


class Clock:
    """Time spent and time left of work that started when the clock was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        """Seconds since the clock was made."""
        return time.monotonic() - self._start

    def state(self, done: int, total: int, unit: str) -> str:
        """Say how far the work is, such as "10 of 40 articles, 2 min 10 s left".

        No time is given as long as nothing is done.
        """
        state = f"{done:,} of {total:,} {unit}"
        if not done:
            return state
        return f"{state}, {format_seconds(self.seconds / done * (total - done))} left"


def format_seconds(seconds: float) -> str:
    """Write a duration for people, in its two largest units.

    >>> format_seconds(7.6), format_seconds(130), format_seconds(3900)
    ('8 s', '2 min 10 s', '1 h 5 min')
    """
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def no_progress(step: str, done: int, total: int, unit: str) -> None:
    """Ignore the progress; for callers who show none."""


def no_epoch(figures: dict[str, float]) -> None:
    """Ignore the figures of an epoch; for callers who show none."""
