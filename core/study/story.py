"""The figures that the Story page tells: measured once on a real set, committed with the code."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from core.base.errors import DataError
from core.base.home import PROJECT_DATA
from core.evaluate.comparison import Difference

STORY_FILE = PROJECT_DATA / "story" / "figures.json"


@dataclass(frozen=True)
class Provenance:
    """What was measured: a real set, the day (ISO), and the encoder in the study's recipes."""

    data: str
    articles: int
    publishers: int
    measured: str
    encoder: str


@dataclass(frozen=True)
class TailBand:
    """Tags with `low` to `high` articles (high: None for no end), and how often they are given."""

    low: int
    high: int | None
    tags: int
    given: int

    @property
    def name(self) -> str:
        """ "1", "3-4" or "160 and more"."""
        if self.high is None:
            return f"{self.low} and more"
        return str(self.low) if self.low == self.high else f"{self.low}\N{EN DASH}{self.high}"


@dataclass(frozen=True)
class PresetFigures:
    """One run on the test part, shares of 0..1 at its own cut.

    precision, recall, f1: micro averages. promised: the score of cross-validation, kept: the same
    score on the test part; None where the run had no cross-validation.
    """

    precision: float
    recall: float
    f1: float
    f1_macro: float
    tags_per_article: float
    scorer: str
    promised: float | None
    kept: float | None


@dataclass(frozen=True)
class CutPoint:
    """Micro averages, 0..1, where tags scored above `cut` are suggested."""

    cut: float
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True)
class CutCurve:
    """One run's test part under a falling cut; margin 0 and the cut chosen without it."""

    preset: str
    points: tuple[CutPoint, ...]
    zero: CutPoint
    tuned: CutPoint


@dataclass(frozen=True)
class BandScore:
    """Mean F1 of a run's tags that have so many training articles, 0..1."""

    preset: str
    band: str
    tags: int
    f1: float


@dataclass(frozen=True)
class Gap(Difference):
    """By how much a run's figure is above the reference's."""

    preset: str
    figure: str


@dataclass(frozen=True)
class Duel:
    """Runs on the same data, tags and test articles, held against `reference`."""

    reference: str
    bands: tuple[BandScore, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Story:
    """Figures by preset name; what has not been measured is absent (None or no entry)."""

    source: Provenance
    tail: tuple[TailBand, ...] = ()
    measured: Mapping[str, PresetFigures] = field(default_factory=dict)
    cuts: CutCurve | None = None
    duel: Duel | None = None


_STORY = TypeAdapter(Story)


def read_story(path: Path = STORY_FILE) -> Story:
    """Raises DataError if the file is gone or is not what `python -m benchmarks.story` writes."""
    try:
        return _STORY.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise DataError(
            f"The story's figures in {path.name} cannot be read. Fetch the file again, or write it "
            "from finished runs: python -m benchmarks.story"
        ) from None


def write_story(story: Story, path: Path = STORY_FILE) -> None:
    path.write_bytes(_STORY.dump_json(story, indent=1) + b"\n")
