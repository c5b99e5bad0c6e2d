"""The child processes that hold the models, and the texts that wait for each."""

import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path
from threading import Lock
from typing import Concatenate, ParamSpec, TypeVar

import numpy as np
from cachetools import LRUCache
from numpy.typing import NDArray

from core.base.child import Child, TimeLimit
from core.base.errors import CoreError, NoAnswerError
from core.methods.evidence import Contributions, occluded_parts
from core.suggest import held_model
from core.suggest.held_model import Asked, ModelFacts
from core.suggest.suggester import Suggestions

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

LOADING = TimeLimit(300.0, "Loading this model", "Try again, or choose another model.")
TEXT = TimeLimit(20.0, "Reading this text", "Shorten it, then ask again.")

# As long as the API's own limit.
WAITING = TimeLimit(30.0, "This text", "Try again in a moment.")

_MOST_TEXTS = 64
# A text of more characters may take seconds: it is read alone, once no shorter one waits.
_LONG = 20_000


@dataclass(frozen=True)
class _Waiting:
    """A request that waits for a model, where its answer goes, and when (monotonic) it came."""

    folder: Path
    asked: Asked
    answer: Future[Suggestions]
    since: float = field(default_factory=time.monotonic)

    @property
    def is_long(self) -> bool:
        """Whether reading the text may take seconds."""
        request = self.asked.request
        return len(request.text) + len(request.title) + len(request.fulltext) > _LONG


class Seat:
    """One child process with the model that it holds, asked by one thread in order."""

    def __init__(self, start: Callable[[], Child]) -> None:
        self._start = start
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="model")
        self._child: Child | None = None
        self._holds: tuple[Path, ModelFacts] | None = None
        self._short: deque[_Waiting] = deque()
        self._long: deque[_Waiting] = deque()

    @property
    def waiting(self) -> int:
        """Requests that no call has taken up yet."""
        return len(self._short) + len(self._long)

    def ask(
        self,
        limit: TimeLimit,
        folder: Path,
        function: Callable[Concatenate[Path, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Call a function of core.suggest.held_model with the run's folder, in the child."""
        return self.begin(limit, folder, function, *args, **kwargs).result()

    def begin(
        self,
        limit: TimeLimit,
        folder: Path,
        function: Callable[Concatenate[Path, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Future[Result]:
        """As `ask`, without waiting for the answer."""
        return self._thread.submit(lambda: self._ask(limit, folder, function, *args, **kwargs))

    def load(self, folder: Path) -> ModelFacts:
        """Have the child hold the model of a run."""
        return self._thread.submit(self._load, folder).result()

    def suggest(self, folder: Path, asked: Asked) -> Suggestions:
        """Suggestions for a text, scored together with others that wait for the same model."""
        one = _Waiting(folder, asked, Future())
        (self._long if one.is_long else self._short).append(one)
        self._thread.submit(self._answer_waiting)
        return one.answer.result()

    def _load(self, folder: Path) -> ModelFacts:
        if self._child is None or not self._child.is_alive:
            self._child, self._holds = self._start(), None
        if self._holds is None or self._holds[0] != folder:
            self._holds = None
            self._holds = folder, self._child.ask(LOADING, held_model.load_model, folder)
        return self._holds[1]

    def _ask(
        self,
        limit: TimeLimit,
        folder: Path,
        function: Callable[Concatenate[Path, Parameters], Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        self._load(folder)
        assert self._child is not None
        return self._child.ask(limit, function, folder, *args, **kwargs)

    def _answer_waiting(self) -> None:
        """Called once for every request; an earlier call may have answered several."""
        if self._short:
            self._answer(self._next_batch())
        elif self._long:
            self._answer([self._long.popleft()])

    def _next_batch(self) -> list[_Waiting]:
        """Those that wait longest, as far as they can share a call."""
        batch = [self._short.popleft()]
        while self._short and len(batch) < _MOST_TEXTS and self._short[0].folder == batch[0].folder:
            batch.append(self._short.popleft())
        return batch

    def _answer(self, batch: list[_Waiting]) -> None:
        now = time.monotonic()
        late = [one for one in batch if now - one.since > WAITING.seconds]
        for one in late:  # whoever asked has gone by now, so the work would only delay others
            one.answer.set_exception(WAITING.error("had to wait too long for others"))
        if batch := [one for one in batch if one not in late]:
            self._answer_together(batch)

    def _answer_together(self, batch: list[_Waiting]) -> None:
        try:
            asked = [one.asked for one in batch]
            answers = self._ask(TEXT, batch[0].folder, held_model.suggest_all, asked)
        except NoAnswerError as error:
            if len(batch) == 1:
                batch[0].answer.set_exception(error)
                return
            for one in batch:  # one text is to blame; the others get their answers
                self._answer_together([one])
        except BaseException as error:
            for one in batch:
                one.answer.set_exception(error)
        else:
            for one, answer in zip(batch, answers, strict=True):
                if isinstance(answer, CoreError):
                    one.answer.set_exception(answer)
                else:
                    one.answer.set_result(answer)


class ModelProcesses:
    """Child processes that hold a model each; the least used one takes the next model.

    most: how many there may be. start: starts one.
    """

    def __init__(self, most: int = 2, *, start: Callable[[], Child] = Child) -> None:
        self._most, self._start = most, start
        self._lock = Lock()
        self._seats: LRUCache[Path, Seat] = LRUCache(most)
        self._facts: LRUCache[Path, ModelFacts] = LRUCache(16)
        self._explained: LRUCache[tuple[Path, str], Contributions] = LRUCache(16)

    def __contains__(self, folder: Path) -> bool:
        """Whether a process holds a run's model, or is about to."""
        with self._lock:
            return folder in self._seats

    def seat(self, folder: Path) -> Seat:
        """The process for a run's model, whether it holds the model already or not."""
        with self._lock:
            if folder not in self._seats:
                is_full = len(self._seats) == self._most
                self._seats[folder] = self._seats.popitem()[1] if is_full else Seat(self._start)
            return self._seats[folder]

    def facts(self, folder: Path) -> ModelFacts:
        """What is to be known of a model, which is loaded if it has not been."""
        seat = self.seat(folder)
        with self._lock:
            known = self._facts.get(folder)
        if known is None:
            known = seat.load(folder)
            with self._lock:
                self._facts[folder] = known
        return known

    def contributions(self, folder: Path, whole: str) -> Contributions:
        """The evidence in a text by leaving stretches out.

        Others get their answers between one stretch and the next.
        """
        key = folder, whole
        with self._lock:
            known = self._explained.get(key)
        if known is None:
            known = occluded_parts(partial(self._scores, folder), whole)
            with self._lock:
                self._explained[key] = known
        return known

    def _scores(self, folder: Path, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.seat(folder).ask(TEXT, folder, held_model.score_texts, texts)


@cache
def model_processes() -> ModelProcesses:
    """This server's child processes for models."""
    return ModelProcesses()
