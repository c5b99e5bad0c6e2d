"""How long work reports where it is: one call per finished unit; times as people read them."""

import time
from collections.abc import Callable
from typing import Protocol, TypeAlias


class Progress(Protocol):
    """Called with the step's name, units done, units in all and the unit's plural name."""

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

    def time_left(self, done: int, total: int) -> str:
        """At the rate so far, such as "2 min 10 s"; done >= 1."""
        return format_seconds(self.seconds / done * (total - done))


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
