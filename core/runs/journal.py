"""What happened during an experiment: steps with their times, progress events, a readable log."""

import platform
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from core.base.progress import Progress
from core.models.svm import worker_count

_PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "jieba")


class Journal:
    """Passes progress on and remembers it; one a second of each step is kept."""

    def __init__(self, progress: Progress) -> None:
        self.events: list[dict[str, Any]] = []
        self.log: list[str] = []
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._last_kept = -1.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step under its name."""
        start = time.perf_counter()
        yield
        self.seconds[name] = round(time.perf_counter() - start, 3)
        self.note(f"{name}: {self.seconds[name]:.2f} s")

    def note(self, sentence: str) -> None:
        self.log.append(sentence)

    def report(self, step: str, done: int, total: int, unit: str) -> None:
        self._progress(step, done, total, unit)
        now = time.perf_counter()
        if now - self._last_kept >= 1.0 or done == total:
            self._last_kept = now
            self.events.append(
                {
                    "time": round(time.time(), 3),
                    "step": step,
                    "done": done,
                    "total": total,
                    "unit": unit,
                }
            )

    def environment(self, *, seed: int, fingerprint: str) -> dict[str, Any]:
        """environment.json: versions, device, seed, data, seconds of each step, peak memory."""
        return {
            "python": platform.python_version(),
            "packages": {name: version(name) for name in _PACKAGES},
            "platform": platform.platform(),
            "device": "cpu",
            "processors": worker_count(),
            "seed": seed,
            "fingerprint": fingerprint,
            "seconds": self.seconds,
            "peak_memory_bytes": _peak_memory_bytes(),
        }


def _peak_memory_bytes() -> int:
    """Of this process since it started: an upper bound for the experiment."""
    # Linux counts in KiB, macOS in bytes.
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
