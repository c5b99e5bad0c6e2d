"""Child processes for work that may hang or crash, such as reading a file that a browser sent.

Neither a thread nor a library call can be stopped from outside; a process can be killed.
"""

import os
import signal
import subprocess
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from queue import SimpleQueue
from threading import BoundedSemaphore, Thread
from typing import Any, ParamSpec, TypeVar

from core.base.errors import CoreError, NoAnswerError
from core.base.home import PROJECT

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

# The child ends itself so long after its time limit, should the parent be gone by then.
_SPARE_SECONDS = 1.0


@dataclass(frozen=True)
class TimeLimit:
    """How long a call may take, and the error sentence if it takes longer.

    subject, advice: the sentence's beginning and what to do, such as "This page" and "Paste the
    text."
    """

    seconds: float
    subject: str
    advice: str

    def error(self, what: str) -> NoAnswerError:
        """The error that says `what` happened to the subject."""
        return NoAnswerError(f"{self.subject} {what}. {self.advice}")


class Child:
    """One process that calls functions on request, one after another.

    Not for several threads at once. The standard library's process pools start a child by running
    the parent's main script, which under Streamlit is a page, and cannot end a single late call.
    """

    def __init__(self) -> None:
        self._connection, theirs = Pipe()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "core.base.child", str(theirs.fileno())],
            cwd=PROJECT,
            pass_fds=[theirs.fileno()],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        theirs.close()

    @property
    def is_alive(self) -> bool:
        """Whether the process can be asked."""
        return self._process.poll() is None

    def ask(
        self,
        limit: TimeLimit,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """Call a function of a module in the child, under the settings (TAGSMITH_*) of now.

        Raises what the function raises if that is a CoreError, RuntimeError with the child's
        traceback for any other error, and NoAnswerError if it takes too long or the child dies.
        """
        settings = {name: text for name, text in os.environ.items() if name.startswith("TAGSMITH_")}
        try:
            self._connection.send((settings, limit.seconds, function, args, kwargs))
            if not self._connection.poll(limit.seconds):
                self.end()
                raise limit.error(f"took longer than {limit.seconds:g} seconds")
            done, answer = self._connection.recv()
        except (EOFError, OSError):
            self.end()
            raise limit.error("ended the process that did it") from None
        if not done:
            raise answer
        return answer

    def end(self) -> None:
        """Kill the process, whatever it is doing."""
        self._process.kill()
        self._process.wait()
        self._connection.close()


class ChildPool:
    """Children for the calls of all threads.

    most: calls at the same time; others wait for their turn. kept: idle children that stay for
    the next call.
    """

    def __init__(self, *, most: int = 4, kept: int = 2) -> None:
        self._turns = BoundedSemaphore(most)
        self._kept = kept
        self._idle: list[Child] = []

    def ask(
        self,
        limit: TimeLimit,
        function: Callable[Parameters, Result],
        *args: Parameters.args,
        **kwargs: Parameters.kwargs,
    ) -> Result:
        """As Child.ask. The time limit holds for the wait and, anew, for the call."""
        if not self._turns.acquire(timeout=limit.seconds):
            raise limit.error(f"waited longer than {limit.seconds:g} seconds for others to be done")
        try:
            child = self._idle_child() or Child()
            try:
                return child.ask(limit, function, *args, **kwargs)
            finally:
                if child.is_alive and len(self._idle) < self._kept:
                    self._idle.append(child)
                else:
                    child.end()
        finally:
            self._turns.release()

    def _idle_child(self) -> Child | None:
        while self._idle:
            if (child := self._idle.pop()).is_alive:
                return child
            child.end()
        return None


@cache
def shared_children() -> ChildPool:
    """This process's one pool, for pages and files from untrusted senders."""
    return ChildPool()


def _answer_calls(connection: Connection) -> None:
    """What a child does until its parent is gone."""
    calls: SimpleQueue[Any] = SimpleQueue()
    Thread(target=_receive, args=(connection, calls), daemon=True).start()
    while True:
        settings, seconds, function, args, kwargs = calls.get()
        os.environ.update(settings)
        # The system's alarm ends this process even while a library holds the interpreter.
        signal.setitimer(signal.ITIMER_REAL, seconds + _SPARE_SECONDS)
        answer = _call(function, args, kwargs)
        signal.setitimer(signal.ITIMER_REAL, 0)
        try:
            connection.send(answer)
        except (TypeError, ValueError, AttributeError) as error:  # it cannot be pickled
            connection.send((False, RuntimeError(f"{function.__qualname__}: {error}")))


def _receive(connection: Connection, calls: "SimpleQueue[Any]") -> None:
    """Queue what the parent asks. Once the parent is gone nobody needs the work at hand."""
    try:
        while True:
            calls.put(connection.recv())
    finally:
        os._exit(1)


def _call(
    function: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
) -> tuple[bool, Any]:
    """Whether the function succeeded, and its result or its error."""
    try:
        return True, function(*args, **kwargs)
    except CoreError as error:
        return False, error
    except Exception:
        return False, RuntimeError(traceback.format_exc())


if __name__ == "__main__":
    _answer_calls(Connection(int(sys.argv[1])))
