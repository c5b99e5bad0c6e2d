"""The figures of the Story page: measured once on a real data set, committed with the code."""

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
    """Where the figures come from: data set, day (ISO), and encoder in the study's recipes."""

    data: str
    articles: int
    publishers: int
    measured: str
    encoder: str


@dataclass(frozen=True)
class TailBand:
    """Tags with `low` to `high` articles (high: None for no end).

    tags: their number; given: the articles' tags that they make up together.
    """

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
    """A preset's run on the test part at its own thresholds; shares are in 0..1.

    precision, recall, f1: micro averages. promised: the score of cross-validation; kept: the same
    score on the test part; both None without cross-validation.
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
    """Figures of one run's test part at falling thresholds.

    zero: at margin 0; tuned: at the threshold that was tuned on the training part.
    """

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
    """How far a figure of a preset's run lies above the reference's, with a 95% interval."""

    preset: str
    figure: str


@dataclass(frozen=True)
class Duel:
    """Runs on the same data, tags and test articles, compared with the preset `reference`."""

    reference: str
    bands: tuple[BandScore, ...]
    gaps: tuple[Gap, ...]


@dataclass(frozen=True)
class Story:
    """All figures of the Story page; what was not measured is None or has no entry.

    measured: by preset.
    """

    source: Provenance
    tail: tuple[TailBand, ...] = ()
    measured: Mapping[str, PresetFigures] = field(default_factory=dict)
    cuts: CutCurve | None = None
    duel: Duel | None = None


_STORY = TypeAdapter(Story)


def read_story(path: Path = STORY_FILE) -> Story:
    """The figures that `python -m benchmarks.story` wrote. Raises DataError if unreadable."""
    try:
        return _STORY.validate_json(path.read_bytes())
    except (OSError, ValidationError):
        raise DataError(
            f"The story's figures in {path.name} cannot be read. Fetch the file again, or write it "
            "from finished runs: python -m benchmarks.story"
        ) from None


def write_story(story: Story, path: Path = STORY_FILE) -> None:
    """Replace the figures of the Story page."""
    path.write_bytes(_STORY.dump_json(story, indent=1) + b"\n")
