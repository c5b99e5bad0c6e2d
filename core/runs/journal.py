"""What happened during an experiment: steps with their times, progress events, a readable log."""

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from core.base.machine import machine_name, processor_count
from core.base.memory import peak_memory_bytes, reset_peak_memory
from core.base.progress import OnEpoch, Progress, no_epoch
from core.runs.records import Environment, Epoch, ProgressEvent

_PACKAGES = ("numpy", "scipy", "scikit-learn", "pandas", "jieba", "torch", "transformers")


class _OpenStep:
    """The seconds of a step so far, and its most memory, without those of steps inside it."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.peak_bytes = 0
        self.resume()

    def resume(self) -> None:
        self._start = time.perf_counter()
        reset_peak_memory()

    def pause(self) -> None:
        self.seconds += time.perf_counter() - self._start
        self.peak_bytes = max(self.peak_bytes, peak_memory_bytes())


class Journal:
    """The record of one experiment while it runs.

    Progress and epochs are passed on to the caller and kept, of progress one report a second.
    """

    def __init__(self, progress: Progress, on_epoch: OnEpoch = no_epoch) -> None:
        self.events: list[ProgressEvent | Epoch] = []
        self.log: list[str] = []
        self.seconds: dict[str, float] = {}
        self.peak_bytes: dict[str, int] = {}
        self._open: list[_OpenStep] = []
        self._progress = progress
        self._on_epoch = on_epoch
        self._last_kept = -1.0

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step under its name, and note how much memory it needed.

        A step inside another one is taken out of that one's seconds and memory.
        """
        if self._open:
            self._open[-1].pause()
        step = _OpenStep()
        self._open.append(step)
        yield
        step.pause()
        self._open.pop()
        if self._open:
            self._open[-1].resume()
        self.seconds[name] = round(step.seconds, 3)
        self.peak_bytes[name] = step.peak_bytes
        self.note(
            f"{name}: {self.seconds[name]:.2f} s, {self.peak_bytes[name] / 1e6:.0f} MB at most"
        )

    def note(self, sentence: str) -> None:
        """Add a line to the log."""
        self.log.append(sentence)

    def report(self, step: str, done: int, total: int, unit: str) -> None:
        """Pass progress on, as core.base.progress.Progress has it."""
        self._progress(step, done, total, unit)
        now = time.perf_counter()
        if now - self._last_kept >= 1.0 or done == total:
            self._last_kept = now
            self.events.append(
                ProgressEvent(
                    time=round(time.time(), 3), step=step, done=done, total=total, unit=unit
                )
            )

    def epoch(self, figures: dict[str, float]) -> None:
        """Remember the figures after one epoch of fine-tuning."""
        self._on_epoch(figures)
        made = Epoch.model_validate({"time": round(time.time(), 3), "step": "epoch", **figures})
        self.events.append(made)
        losses = f"loss {made.train_loss:.3f}, then {made.validation_loss:.3f}"
        self.note(f"epoch {made.epoch}: {losses}; micro F1 {made.micro_f1_score:.3f}")

    def environment(self, **facts: Any) -> Environment:
        """What is known of the machine and of each step, and these facts of the run."""
        return Environment.model_validate(
            {
                "python": platform.python_version(),
                "packages": {name: version(name) for name in _PACKAGES},
                "platform": platform.platform(),
                "machine": machine_name(),
                "device": "cpu",
                "processors": processor_count(),
                "seconds": self.seconds,
                "peak_bytes": self.peak_bytes,
                "peak_memory_bytes": max(self.peak_bytes.values()),
                **facts,
            }
        )
