"""Models for many people at once: each in a child process, waiting texts scored together.

A text that takes too long costs its sender an error sentence, and the server one child process,
which is started again for the next text. The server itself loads no model.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
from cachetools import TTLCache
from numpy.typing import NDArray

from core.base.child import TimeLimit
from core.base.errors import RunError
from core.base.files import Unreadable
from core.evaluate.evidence import strongest_terms
from core.metrics.decision import Decision
from core.models.calibration import Calibration
from core.runs.operating_points import FILE, OperatingPoint, chosen_point
from core.runs.store import Run, RunStore
from core.suggest import held_model
from core.suggest.bulk import Tagged
from core.suggest.guesses import Guess
from core.suggest.held_model import ArticleReading, Asked, ModelFacts
from core.suggest.highlights import Stretch, mark_pieces
from core.suggest.model_processes import TEXT, ModelProcesses, Seat, model_processes
from core.suggest.neighbours import Neighbour
from core.suggest.suggester import (
    Suggestions,
    SuggestRequest,
    choose_run,
    note_of_unreadable,
)

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

FILE_OF_TEXTS = TimeLimit(60.0, "Tagging this file", "A job does it again now: see below.")
TRAINING_ARTICLES = TimeLimit(120.0, "Looking for articles like it", "The tags stay as they are.")

# For so long the newest run is not looked for again.
_CHOICE_SECONDS = 2.0
_FIRST_TEXT = "A first text, read before anybody waits for it."


@dataclass(frozen=True)
class ServedModel:
    """A run's model that a child process holds, under the operating point that holds now.

    warning: a sentence to go with every answer, "" for none. All methods raise NoAnswerError for
    a text that takes too long, and DataError for one of fewer than three words.
    """

    run: Run
    point: OperatingPoint | None
    warning: str
    facts: ModelFacts
    processes: ModelProcesses

    @property
    def tags(self) -> tuple[str, ...]:
        """The K tags that can be suggested, in the order of the scores' columns."""
        return self.facts.tags

    @property
    def calibration(self) -> Calibration | None:
        """What turns scores into probabilities; None where the run has none."""
        return self.facts.calibration

    @property
    def decision(self) -> Decision:
        """The rule by which scores become tags."""
        if self.point is None:
            return Decision(self.facts.thresholds)
        return self.point.decision(self.tags)

    def suggest(self, request: SuggestRequest) -> Suggestions:
        """Suggest tags, with the numbers of Suggester.suggest."""
        found = self._seat.suggest(self._folder, self._asked(request))
        if not request.evidence or self.facts.has_exact_evidence:
            return found
        whole = self._ask(held_model.read_whole, request)
        parts = self.processes.contributions(self._folder, whole)
        column_of = {tag: column for column, tag in enumerate(self.tags)}
        tags = [
            replace(tag, evidence=strongest_terms(parts, column_of[tag.tag])) for tag in found.tags
        ]
        return replace(found, tags=tags)

    def read_article(self, request: SuggestRequest) -> ArticleReading:
        """Suggest tags, and say all that an editor should know of the text."""
        return self._ask(held_model.read_article, self._asked(request))

    def explain(self, whole: str, tag: str) -> list[Stretch]:
        """What each stretch of a text (as the model reads it) does for a tag."""
        if self.facts.has_exact_evidence:
            return self._ask(held_model.mark_exactly, whole, tag)
        parts = self.processes.contributions(self._folder, whole)
        return mark_pieces(whole, parts, self.tags.index(tag))

    def nearest_articles(self, whole: str) -> tuple[str, list[Neighbour]]:
        """By what they are near, and the training articles nearest to a text.

        Raises DataError if the articles are gone or have changed.
        """
        return self._seat.ask(TRAINING_ARTICLES, self._folder, held_model.nearest_articles, whole)

    def guess_tags(self, request: SuggestRequest, names: Sequence[str]) -> list[Guess]:
        """Guess tags that the model does not know, by their names."""
        return self._ask(held_model.guess_new_tags, request, names)

    def tag_few(self, source: Path, target: Path) -> Tagged:
        """Tag a short file, as core.suggest.bulk.tag_file does. Raises DataError as that."""
        return self._seat.ask(
            FILE_OF_TEXTS, self._folder, held_model.tag_few, source, target, self.point
        )

    @property
    def _folder(self) -> Path:
        return self.run.folder

    @property
    def _seat(self) -> Seat:
        return self.processes.seat(self._folder)

    def _asked(self, request: SuggestRequest) -> Asked:
        return Asked(replace(request, evidence=False), self.point, self.warning)

    def _ask(
        self,
        function: Callable[Concatenate[Path, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        return self._seat.ask(TEXT, self._folder, function, *args, **kwargs)


class ModelPool:
    """The models of the runs in one folder, for all who ask at once.

    processes: those that hold the models; by default the server's own.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        processes: ModelProcesses | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._processes = processes or model_processes()
        self._chosen: TTLCache[tuple[str, str], tuple[Run, str]] = TTLCache(
            1000, _CHOICE_SECONDS, timer=clock
        )
        self._points: dict[str, tuple[tuple[int, ...], OperatingPoint | None]] = {}
        self._lock = Lock()

    def model(self, run_id: str = "", *, preset: str = "") -> ServedModel:
        """The model of a run; else of the newest run of a preset; else of the one to suggest with.

        Raises RunError if there is no such run.
        """
        run, warning = self._choose(run_id, preset)
        facts = self._processes.facts(run.folder)
        return ServedModel(run, self._point_of(run), warning, facts, self._processes)

    def warm(self, run_id: str) -> "Future[NDArray[np.float32]] | None":
        """Load a run's model in the background and have it read a text, if that was not done.

        Returns that work, for whoever waits for it; None if it was begun before. An error is
        raised again for whoever asks the model.
        """
        folder = self.store.folder / run_id
        if folder in self._processes:
            return None
        seat = self._processes.seat(folder)
        return seat.begin(TEXT, folder, held_model.score_texts, [_FIRST_TEXT])

    def _point_of(self, run: Run) -> OperatingPoint | None:
        """The run's operating point; the file is read again only after it was written."""
        version = _version_of(self.store.folder / FILE)
        known, point = self._points.get(run.id, ((), None))
        if not version or known != version:
            point = chosen_point(run)
            self._points[run.id] = version, point
        return point

    def _choose(self, run_id: str, preset: str) -> tuple[Run, str]:
        """The run to ask, and the warning that goes with that choice."""
        with self._lock:
            if (found := self._chosen.get((run_id, preset))) is None:
                run = self._find(run_id, preset)
                found = run, "" if run_id else note_of_unreadable(self.store, run)
                self._chosen[run_id, preset] = found
            return found

    def _find(self, run_id: str, preset: str) -> Run:
        unreadable: list[Unreadable] = []
        if preset and not run_id:
            runs, unreadable = self.store.survey()
            run = next((run for run in runs if run.config.preset == preset), None)
        else:
            run = choose_run(self.store, run_id or None)
        if run is None:
            name = preset or "best-tfidf"
            what = f"no run of {preset!r}" if preset else "no run"
            damage = "".join(f". {one.problem}" for one in unreadable[:1])
            raise RunError(f"There is {what} yet. Train one: python -m core run {name}{damage}")
        return run


def _version_of(path: Path) -> tuple[int, ...]:
    """Differs after every write; () if there is no file."""
    try:
        facts = path.stat()
    except FileNotFoundError:
        return ()
    return facts.st_mtime_ns, facts.st_ino, facts.st_size


@cache
def model_pool(folder: Path) -> ModelPool:
    """The server's one pool for a folder of runs: pages and API share its models."""
    return ModelPool(RunStore(folder))
