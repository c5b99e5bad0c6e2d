"""One loaded model for all who ask at once: their texts are scored together."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.base.errors import RunError
from core.base.files import Unreadable
from core.base.machine import give_back_large_blocks
from core.methods.tfidf import Contributions, TagScorer, TfidfTagger
from core.runs.operating_points import FILE, OperatingPoint, chosen_point
from core.runs.store import Run, RunStore
from core.suggest.guesses import Guess, guess_tags
from core.suggest.suggester import Suggester, choose_run, note_of_unreadable

_MOST_TEXTS = 64
# Scores that are kept: of 500 tags some 8 MB.
_MOST_KEPT = 4096
# For so long the newest run is not looked for again.
_CHOICE_SECONDS = 2.0
_FIRST_TEXT = "A first text, read before anybody waits for it."


@cache
def _scoring_thread() -> ThreadPoolExecutor:
    """The process's one thread for models that serve.

    torch keeps a team of threads and the memory of its work for every thread that ever called it:
    forty request threads were twice the memory, and got in each other's way.
    """
    give_back_large_blocks()
    return ThreadPoolExecutor(1, thread_name_prefix="scoring")


@cache
def _loading_thread() -> ThreadPoolExecutor:
    """The process's one thread that loads models, one at a time, while the others are asked."""
    return ThreadPoolExecutor(1, thread_name_prefix="loading")


@dataclass
class _Asked:
    """Texts of one caller, and what came of them."""

    texts: Sequence[str]
    scores: NDArray[np.float32] | None = None
    error: BaseException | None = None
    done: threading.Event = field(default_factory=threading.Event)


class RecentScores:
    """Scores of the texts asked last, so that a text asked again has the same ones at once."""

    def __init__(self, most: int = _MOST_KEPT) -> None:
        self._most = most
        self._rows: OrderedDict[bytes, NDArray[np.float32]] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, texts: Sequence[str]) -> NDArray[np.float32] | None:
        """float32 (n, K), or None unless every text is known."""
        keys = [_key(text) for text in texts]
        with self._lock:
            if not keys or not all(key in self._rows for key in keys):
                return None
            for key in keys:
                self._rows.move_to_end(key)
            return np.stack([self._rows[key] for key in keys])

    def keep(self, texts: Sequence[str], scores: NDArray[np.float32]) -> None:
        with self._lock:
            for text, row in zip(texts, scores, strict=True):
                self._rows[_key(text)] = row.copy()
            while len(self._rows) > self._most:
                self._rows.popitem(last=False)


def _key(text: str) -> bytes:
    return sha256(text.encode(errors="surrogatepass")).digest()


class SharedTagger:
    """A tagger that scores the texts of all threads that wait for it in one call.

    One thread asks the model; what comes in while it is at work is scored together next. Nobody
    waits for company, so a lone caller loses nothing. What was scored lately is not scored again.
    evidence: whether contributions are computed; they are, in any case, where they are exact and
    cost nothing. Elsewhere they would cost some fifty texts for each.
    """

    def __init__(self, tagger: TagScorer, *, evidence: bool = False) -> None:
        self.tagger = tagger
        self.evidence = evidence or isinstance(tagger, TfidfTagger)
        self._waiting: deque[_Asked] = deque()
        self._recent = RecentScores()

    @property
    def tags(self) -> tuple[str, ...]:
        return self.tagger.tags

    @property
    def thresholds(self) -> NDArray[np.float64]:
        return self.tagger.thresholds

    def scores(self, texts: Sequence[str]) -> NDArray[np.float32]:
        known = self._recent.of(texts)
        if known is not None:
            return known
        asked = _Asked(texts)
        self._waiting.append(asked)
        _scoring_thread().submit(self._score_waiting)
        asked.done.wait()
        if asked.error is not None:
            raise asked.error
        assert asked.scores is not None
        return asked.scores

    def contributions(self, text: str) -> Contributions:
        if self.evidence:
            return self.tagger.contributions(text)
        return Contributions((text,), np.zeros((1, len(self.tags))))

    def _score_waiting(self) -> None:
        """Called once for every caller; an earlier call may have scored for several."""
        if self._waiting:
            self._score(self._next_batch())

    def _next_batch(self) -> list[_Asked]:
        batch = [self._waiting.popleft()]
        size = len(batch[0].texts)
        while self._waiting and size + len(self._waiting[0].texts) <= _MOST_TEXTS:
            batch.append(self._waiting.popleft())
            size += len(batch[-1].texts)
        return batch

    def _score(self, batch: list[_Asked]) -> None:
        try:
            texts = [text for asked in batch for text in asked.texts]
            scores = self.tagger.scores(texts)
            self._recent.keep(texts, scores)
            ends = np.cumsum([len(asked.texts) for asked in batch])
            for asked, part in zip(batch, np.split(scores, ends[:-1]), strict=True):
                asked.scores = part
        except BaseException as error:
            for asked in batch:
                asked.error = error
        finally:
            for asked in batch:
                asked.done.set()


class ModelPool:
    """Loaded models by run, the least used of them forgotten.

    A model that is loaded is had at once, whatever else is being loaded; one that is not is loaded
    once for all who wait for it.
    """

    def __init__(
        self,
        store: RunStore,
        *,
        most_models: int = 2,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.store = store
        self._most_models = most_models
        self._clock = clock
        self._loaded: OrderedDict[str, Suggester] = OrderedDict()
        self._chosen: dict[tuple[str, str], tuple[float, Run, str]] = {}
        self._points: dict[str, tuple[tuple[int, ...], OperatingPoint | None]] = {}
        self._warmed: set[str] = set()
        self._lock = threading.Lock()  # of the loaded ones; never held while one is loaded
        self._choosing = threading.Lock()

    def suggester(self, run_id: str = "", *, preset: str = "", evidence: bool = False) -> Suggester:
        """The model of a run; else of the newest run of a preset; else of the one to suggest with.

        evidence: with the words that speak for each tag, at a cost. Raises RunError if there is
        no such run.
        """
        with self._choosing:
            run, warning = self._choose(run_id, preset)
        found = self._known(run) or _loading_thread().submit(self._load, run).result()
        # A cut chosen since then holds from now on.
        found = replace(found, point=self._point_of(run), warning=warning)
        if not evidence:
            return found
        assert isinstance(found.tagger, SharedTagger)
        return replace(found, tagger=found.tagger.tagger)

    def _known(self, run: Run) -> Suggester | None:
        with self._lock:
            if run.id in self._loaded:
                self._loaded.move_to_end(run.id)
            return self._loaded.get(run.id)

    def _load(self, run: Run) -> Suggester:
        """On the loading thread, where nobody else loads the same one meanwhile."""
        if (found := self._known(run)) is not None:
            return found
        loaded = Suggester.load(run)
        loaded = replace(loaded, tagger=SharedTagger(loaded.tagger))
        with self._lock:
            self._loaded[run.id] = loaded
            while len(self._loaded) > self._most_models:
                forgotten, _ = self._loaded.popitem(last=False)
                self._warmed.discard(forgotten)
        return loaded

    def guess_tags(self, text: str, tags: Sequence[str], *, known: Sequence[str]) -> list[Guess]:
        """As core.suggest.guesses.guess_tags, on the thread of the models."""
        return _scoring_thread().submit(guess_tags, text, tags, known=known).result()

    def warm(self, run_id: str) -> Future[None] | None:
        """Load a run's model in the background, and have it read a text, if that was not done.

        What goes wrong is said to whoever asks the model. Returns the work, for who waits for it;
        None if it was begun before.
        """
        with self._lock:
            if run_id in self._warmed:
                return None
            self._warmed.add(run_id)
        return _loading_thread().submit(self._warm, run_id)

    def _warm(self, run_id: str) -> None:
        with self._choosing:
            run, _ = self._choose(run_id, "")
        tagger = self._load(run).tagger
        tagger.scores([_FIRST_TEXT])  # on the scoring thread, which has the text only to read

    def _point_of(self, run: Run) -> OperatingPoint | None:
        """The run's operating point; the file is read again only after it was written."""
        version = _version_of(self.store.folder / FILE)
        known, point = self._points.get(run.id, ((), None))
        if not version or known != version:
            point = chosen_point(run)
            self._points[run.id] = version, point
        return point

    def _choose(self, run_id: str, preset: str) -> tuple[Run, str]:
        """The run to ask, and what is to be said of that choice."""
        at, run, warning = self._chosen.get((run_id, preset), (0.0, None, ""))
        if run is None or self._clock() - at > _CHOICE_SECONDS:
            run = self._find(run_id, preset)
            warning = "" if run_id else note_of_unreadable(self.store, run)
            if len(self._chosen) > 1000:
                self._chosen.clear()
            self._chosen[run_id, preset] = self._clock(), run, warning
        return run, warning

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
    """The process's one pool for a folder of runs: pages and API share its models."""
    return ModelPool(RunStore(folder))
