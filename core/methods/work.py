"""How much work a training is, in units whose speed can be measured on a machine."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from core.base.memory import peak_memory_bytes, reset_peak_memory
from core.features.token_counts import count_tokens, tokens_read, word_counts

if TYPE_CHECKING:
    from core.dataset.dataset import TagDataset
    from core.dataset.split import Split
    from core.features.encoder_files import EncoderFiles
    from core.methods.part import TrainingPart
    from core.models.folds import IntArray
    from core.settings.experiment import ExperimentConfig


@dataclass(frozen=True)
class Work:
    """Part of a step. kind: names what is done in full, so that equal kinds run at one speed.

    amount: in units of the kind. size: how much is in memory at once, in any unit that the kind
    keeps to; 0 where memory does not grow with the amount. epochs: of fine-tuning, if it may stop
    before the last of them.
    """

    step: str
    kind: str
    amount: float
    size: float = 0.0
    epochs: int = 0


@dataclass(frozen=True)
class WorkPlan:
    """What an experiment will do.

    words: of the training texts. tokens: that an encoder reads in all, cached texts included; to be
    fine-tuned, of the training texts in one epoch. cached: texts whose vectors are there already.
    fits: classifiers to fit. epochs: of fine-tuning. may_stop_early: whether it may take fewer.
    """

    parts: tuple[Work, ...]
    words: int = 0
    tokens: int = 0
    cached: int = 0
    fits: int = 0
    epochs: int = 0
    may_stop_early: bool = False


@dataclass(frozen=True)
class Speed:
    """A kind of work as it was measured once.

    start_seconds: before the first unit, such as loading an encoder. base_bytes: memory of the
    process before the work, peak_bytes: its most during it, with `size` units in memory.
    """

    kind: str
    size: float
    unit_seconds: float
    start_seconds: float
    base_bytes: int
    peak_bytes: int


@dataclass(frozen=True)
class Material:
    """What a method works on. files: the encoder's; None for a method that uses none."""

    config: ExperimentConfig
    part: TrainingPart
    files: EncoderFiles | None

    @property
    def encoder(self) -> EncoderFiles:
        """The files, for a method that cannot do without."""
        assert self.files is not None, "the method says that it uses no encoder"
        return self.files


@dataclass(frozen=True)
class Planning(Material):
    """The same before any training, with the data that it was taken from.

    one_fold: whether only articles that the encoder has not seen are predicted. may_be_cached:
    False where no vector can be known yet, because the encoder is still to be trained.
    """

    dataset: TagDataset
    split: Split
    one_fold: bool = False
    may_be_cached: bool = True

    @property
    def test_texts(self) -> list[str]:
        """Texts of the test articles."""
        return [self.dataset.texts[row] for row in self.split.test]

    @cached_property
    def words(self) -> int:
        """Words of all training texts."""
        return int(word_counts(self.part.texts).sum())

    @cached_property
    def test_words(self) -> int:
        """Words of all test texts."""
        return int(word_counts(self.test_texts).sum())

    @cached_property
    def _counts(self) -> IntArray:
        return count_tokens(self.dataset.texts, fingerprint=self.dataset.fingerprint)

    @cached_property
    def tokens(self) -> IntArray:
        """Tokens that the encoder reads of each training text.

        A cropped copy has those of its article in proportion.
        """
        rows = self.split.train[self.part.originals]
        whole = np.array([len(self.dataset.texts[row]) for row in rows])
        kept = np.array([len(text) for text in self.part.texts])
        counts = (self._counts[rows] * kept / whole).round().astype(np.int64)
        return tokens_read(counts, self.config.features.encoder)

    @cached_property
    def test_tokens(self) -> IntArray:
        """Tokens that the encoder reads of each test text."""
        return tokens_read(self._counts[self.split.test], self.config.features.encoder)


def by_step(parts: Sequence[Work]) -> dict[str, list[Work]]:
    """Step -> its parts, without those of which there is nothing to do."""
    steps: dict[str, list[Work]] = {}
    for work in parts:
        if work.amount:
            steps.setdefault(work.step, []).append(work)
    return steps


@dataclass
class Measured:
    """Seconds and memory of one measurement, known when it has ended."""

    seconds: float = 0.0
    base_bytes: int = 0
    peak_bytes: int = 0

    def speed(self, kind: str, amount: float, *, size: float = 0.0, start: float = 0.0) -> Speed:
        """The speed of so much work of a kind; start: seconds of it before the first unit."""
        unit = (self.seconds - start) / amount
        return Speed(kind, size, unit, start, self.base_bytes, self.peak_bytes)


@contextmanager
def measuring() -> Iterator[Measured]:
    """Measure the time and the memory of what is done inside."""
    reset_peak_memory()
    found = Measured(base_bytes=peak_memory_bytes())
    begun = time.perf_counter()
    yield found
    found.seconds = time.perf_counter() - begun
    found.peak_bytes = peak_memory_bytes()


def spaced(size: int, wanted: int) -> IntArray:
    """At most `wanted` of 0..size-1, evenly spaced: texts of every source and every length.

    >>> spaced(10, 4).tolist()
    [0, 3, 6, 9]
    """
    return np.linspace(0, size - 1, min(size, wanted)).astype(int)
