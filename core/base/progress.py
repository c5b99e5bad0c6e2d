"""How long work reports where it is: one call per finished unit; times as people read them."""

import time
from collections.abc import Callable
from typing import Protocol, TypeAlias


class Progress(Protocol):
    """Called with the step's name, units done, units in all and the unit's plural name.

    Both numbers are 0 where there was nothing to do.
    """

    def __call__(self, step: str, done: int, total: int, unit: str) -> None: ...


# Gets the figures of each finished epoch by name.
OnEpoch: TypeAlias = Callable[[dict[str, float]], None]


class Clock:
    """Time left of work that started when the clock was made."""

    def __init__(self) -> None:
        self._start = time.monotonic()

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._start

    def state(self, done: int, total: int, unit: str) -> str:
        """Such as "10 of 40 articles, 2 min 10 s left"; no time as long as nothing is done."""
        state = f"{done:,} of {total:,} {unit}"
        if not done:
            return state
        return f"{state}, {format_seconds(self.seconds / done * (total - done))} left"


def format_seconds(seconds: float) -> str:
    """For people: "8 s", "2 min 10 s", "1 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def no_progress(step: str, done: int, total: int, unit: str) -> None:
    """Report to nobody."""


def no_epoch(figures: dict[str, float]) -> None:
    """Report to nobody."""
