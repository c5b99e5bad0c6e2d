"""What every way of learning tags says of itself, what it is given, and what it gives back.

The rest of the program asks a Method and never compares its name.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from core.base.progress import OnEpoch, Progress, no_epoch, no_progress
from core.methods.work import Material, Planning, Speed, Work, WorkPlan, measuring, spaced

if TYPE_CHECKING:
    from core.methods.facts import EncoderFacts
    from core.methods.grid import SearchResult
    from core.methods.part import Labelled, TrainingPart
    from core.methods.taggers import Tagger
    from core.models.folds import IntArray
    from core.settings.experiment import ExperimentConfig

# What every experiment reads, whatever its method.
COMMON_SETTINGS = (
    "preset",
    "method",
    "data",
    "split",
    "augment",
    "thresholds",
    "seed",
    "classifier.scorer",
)
_MEASURED_TEXTS = 500
_NO_ROWS = np.array([], dtype=np.int64)


def is_read(setting: str, settings: Collection[str]) -> bool:
    """Whether a dotted name is one of the settings, in a group of them, or a group with one.

    >>> is_read("features.encoder.name", ["features.encoder"])
    True
    >>> is_read("features.encoder", ["features.encoder.name"])
    True
    >>> is_read("features.hybrid", ["features.encoder"])
    False
    """
    return any(
        f"{setting}.".startswith(f"{one}.") or one.startswith(f"{setting}.") for one in settings
    )


class Steps(Protocol):
    """Who is told how far a training is."""

    def step(self, name: str) -> AbstractContextManager[None]:
        """Time a step that is not part of "train", such as "encode"."""
        ...

    def report(self, step: str, done: int, total: int, unit: str) -> None:
        """As core.base.progress.Progress."""
        ...

    def epoch(self, figures: dict[str, float]) -> None:
        """One point of a learning curve."""
        ...


@dataclass(frozen=True)
class PlainSteps:
    """Steps that are reported but neither timed nor kept."""

    report: Progress = no_progress
    epoch: OnEpoch = no_epoch

    def step(self, name: str) -> AbstractContextManager[None]:
        """Do nothing."""
        return nullcontext()


@dataclass(frozen=True)
class Training(Material):
    """All that a method is given to train with.

    test: texts that may be encoded together with the others; only the study's way of fine-tuning
    looks at their truth. unseen: if the encoder was fine-tuned on this part, the articles (rows)
    that it was not fitted on. checkpoint: a folder to go on from after a kill.
    """

    test: Labelled
    checkpoint: Path
    steps: Steps
    unseen: IntArray = field(default_factory=_NO_ROWS.copy)


@dataclass(frozen=True)
class Trained:
    """A tagger whose thresholds are still 0, and scores to tune them on.

    held_out: float32 (r, K), scores of the training articles held_out_rows (r,) by a model that
    was not fitted on them. tuned_on: says in words what these are. score_test: gives the test
    articles' scores from what was computed of them already; None if the tagger is to read them.
    notes: sentences for the log. facts: of the encoder, None without one. epochs: of fine-tuning,
    made in this process.
    """

    tagger: Tagger
    held_out_rows: IntArray
    held_out: NDArray[np.float32]
    tuned_on: str
    search: SearchResult | None = None
    score_test: Callable[[], NDArray[np.float32]] | None = None
    notes: list[str] = field(default_factory=list)
    facts: EncoderFacts | None = None
    epochs: int = 0


@dataclass(frozen=True)
class Family:
    """Methods that pages draw in one colour (#rrggbb), on a light and on a dark background."""

    name: str
    light: str
    dark: str


class Method(Protocol):
    """One way to learn tags. A new one derives from this class and replaces what differs.

    name: the value of the setting `method`. title: for a button, at most two words. about: one
    sentence for people who choose. label: in an editor's words. tagger_kinds: what the manifests
    of its saved models say. preferred: settings under which it does best, where these are not the
    defaults. leaves_encoder: whether another run can use the encoder in its saved model.
    """

    name: str
    title: str
    about: str
    label: str = "By another method"
    family: Family = Family("other", "#6b6b6b", "#a8a8a8")
    tagger_kinds: Collection[str] = ()
    preferred: Mapping[str, Any] = MappingProxyType({})
    leaves_encoder: bool = False

    def reads(self, config: ExperimentConfig) -> Collection[str]:
        """Settings that decide the outcome besides COMMON_SETTINGS: dotted names, or groups."""
        return ()

    def uses_encoder(self, config: ExperimentConfig) -> bool:
        """Whether the training gets the files of features.encoder.name."""
        return is_read("features.encoder.name", self.reads(config))

    def trains_encoder(self, config: ExperimentConfig) -> bool:
        """Whether an encoder is fine-tuned, which takes many times as long as all else."""
        return False

    def check(self, config: ExperimentConfig) -> None:
        """Raises ConfigError for settings that are possible each but not together."""
        return

    def check_part(self, config: ExperimentConfig, part: TrainingPart) -> None:
        """Raises DataError for training articles that are too few for the settings."""
        return

    def check_encoder(self, run: str, seen: int) -> None:
        """Raises ConfigError if it cannot use the encoder that a run fine-tuned.

        seen: how many of the training articles that encoder may have been fitted on.
        """
        return

    def train(self, given: Training) -> Trained:
        """Train a tagger. Raises CoreError for data or settings that cannot work."""
        ...

    def load(self, folder: Path) -> Tagger:
        """Read a saved tagger of one of tagger_kinds. Raises RunError if it is damaged."""
        ...

    def plan(self, given: Planning) -> WorkPlan:
        """How much work the training is. Here: it grows with the words."""
        train, test = _kinds(self)
        return WorkPlan(
            (
                Work("train", train, given.words, size=given.words),
                Work("test", test, given.test_words),
            ),
            words=given.words,
        )

    def measure(self, given: Material, kinds: Collection[str]) -> Iterable[Speed]:
        """The speed of these kinds of its work. Here: by training on some of the articles."""
        from core.features.token_counts import word_counts
        from core.methods.part import Labelled

        learn, score = _kinds(self)
        part = given.part.only(spaced(given.part.articles, _MEASURED_TEXTS))
        amount = float(word_counts(part.texts).sum())
        test = Labelled(part.texts, part.Y)
        small = Training(given.config, part, given.files, test, Path("never-written"), PlainSteps())
        with measuring() as training:
            tagger = self.train(small).tagger
        yield training.speed(learn, amount, size=amount)
        with measuring() as testing:
            tagger.scores(part.texts)
        yield testing.speed(score, amount)


def _kinds(method: Method) -> tuple[str, str]:
    return f"train {method.name}", f"score {method.name}"
