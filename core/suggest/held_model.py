"""What a child process does with the one model that it holds: all that looks into a text.

The functions here are called by core.suggest.model_pool, in the child.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from core.base.errors import CoreError
from core.base.machine import give_back_large_blocks
from core.models.calibration import Calibration
from core.runs.operating_points import OperatingPoint
from core.runs.store import RunStore
from core.suggest.bulk import Tagged, tag_file
from core.suggest.guesses import Guess, guess_tags
from core.suggest.highlights import Stretch, mark_text
from core.suggest.keywords import TextFacts, describe_text
from core.suggest.neighbours import Neighbour, Neighbours
from core.suggest.suggester import Suggester, Suggestions, SuggestRequest
from core.suggest.text_warnings import find_warnings

# Texts whose scores are kept: of 500 tags some 8 MB.
_MOST_KEPT = 4096


@dataclass(frozen=True)
class ModelFacts:
    """What the server itself keeps of a model that a child process holds.

    tags: K. thresholds: (K,), those it was trained with. has_exact_evidence: as Suggester has it.
    """

    tags: tuple[str, ...]
    thresholds: NDArray[np.float64]
    calibration: Calibration | None
    has_exact_evidence: bool


@dataclass(frozen=True)
class Asked:
    """A request, and what the server knows of the model at that time."""

    request: SuggestRequest
    point: OperatingPoint | None = None
    warning: str = ""


@dataclass(frozen=True)
class ArticleReading:
    """Everything that is shown for an article. whole: what the model read of it."""

    found: Suggestions
    whole: str
    warnings: list[str]
    facts: TextFacts


@dataclass(frozen=True)
class HeldModel:
    """The loaded model with the scores of the texts asked last, which are not computed again."""

    suggester: Suggester
    recent: LRUCache[bytes, NDArray[np.float32]] = field(
        default_factory=lambda: LRUCache(_MOST_KEPT)
    )

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """float32 (n, K). The texts that were not asked lately are scored in one call."""
        keys = [sha256(text.encode(errors="surrogatepass")).digest() for text in texts]
        rows = {key: self.recent[key] for key in keys if key in self.recent}
        new = {key: text for key, text in zip(keys, texts, strict=True) if key not in rows}
        if new:
            scored = self.suggester.tagger.scores(list(new.values()))
            rows |= {key: row.copy() for key, row in zip(new, scored, strict=True)}
        self.recent.update(rows)
        return np.stack([rows[key] for key in keys])

    def answer(self, asked: Asked, whole: str, scores: NDArray[np.float32]) -> Suggestions:
        """Suggestions under the operating point of the request."""
        suggester = replace(self.suggester, point=asked.point, warning=asked.warning)
        return suggester.judge(asked.request, whole, scores)


@lru_cache(maxsize=1)
def held_model(folder: Path) -> HeldModel:
    """The model of the run in a folder, which takes the place of the one held before."""
    give_back_large_blocks()
    return HeldModel(Suggester.load(RunStore(folder.parent).load(folder.name)))


@lru_cache(maxsize=1)
def _neighbours(folder: Path) -> Neighbours:
    suggester = held_model(folder).suggester
    return Neighbours.build(suggester.run, suggester.tagger)


def load_model(folder: Path) -> ModelFacts:
    """Load the model of a run. Raises RunError if it is damaged."""
    _neighbours.cache_clear()
    held_model.cache_clear()  # two models at once could be more than the memory holds
    model = held_model(folder).suggester
    return ModelFacts(
        model.tags, model.tagger.thresholds, model.calibration, model.has_exact_evidence
    )


def suggest_all(folder: Path, asked: Sequence[Asked]) -> list[Suggestions | CoreError]:
    """Suggestions, or the error of a request that has none; all texts are scored in one call."""
    model = held_model(folder)
    wholes: dict[int, str] = {}
    answers: dict[int, Suggestions | CoreError] = {}
    for number, one in enumerate(asked):
        try:
            wholes[number] = model.suggester.read_request(one.request)
        except CoreError as error:
            answers[number] = error
    rows = model.scores(list(wholes.values())) if wholes else ()
    for (number, whole), row in zip(wholes.items(), rows, strict=True):
        try:
            answers[number] = model.answer(asked[number], whole, row[None, :])
        except CoreError as error:
            answers[number] = error
    return [answers[number] for number in range(len(asked))]


def read_article(folder: Path, asked: Asked) -> ArticleReading:
    """Suggestions with all that an editor should know of the text. Raises as `suggest` does."""
    model, request = held_model(folder), asked.request
    whole = model.suggester.read_request(request)
    found = model.answer(asked, whole, model.scores([whole]))
    return ArticleReading(
        found=found,
        whole=whole,
        warnings=find_warnings(model.suggester, found, text=request.text, title=request.title),
        facts=describe_text(
            request.text,
            title=request.title,
            tagger=model.suggester.tagger,
            language=found.language,
        ),
    )


def read_whole(folder: Path, request: SuggestRequest) -> str:
    """What the model reads of a request. Raises DataError as `suggest` does."""
    return held_model(folder).suggester.read_request(request)


def score_texts(folder: Path, texts: Sequence[str]) -> NDArray[np.float32]:
    """Scores (n, K) of texts as the model reads them."""
    return held_model(folder).scores(texts)


def mark_exactly(folder: Path, whole: str, tag: str) -> list[Stretch]:
    """What each stretch of a text does for a tag, by a model that has exact evidence."""
    tagger = held_model(folder).suggester.tagger
    return mark_text(whole, tagger, tagger.contributions(whole), tag)


def nearest_articles(folder: Path, whole: str) -> tuple[str, list[Neighbour]]:
    """By what they are near ("words" or "meaning"), and the training articles nearest to a text.

    Raises DataError if the articles are gone or have changed.
    """
    neighbours = _neighbours(folder)
    return neighbours.by, neighbours.nearest(whole)


def guess_new_tags(folder: Path, request: SuggestRequest, names: Sequence[str]) -> list[Guess]:
    """As core.suggest.guesses.guess_tags, without the tags that the model knows."""
    suggester = held_model(folder).suggester
    return guess_tags(suggester.read_request(request), names, known=suggester.tags)


def tag_few(folder: Path, source: Path, target: Path, point: OperatingPoint | None) -> Tagged:
    """Tag a short file, as core.suggest.bulk.tag_file does."""
    return tag_file(source, target, replace(held_model(folder).suggester, point=point))
