"""A process that imports once and does each operation in a fork of itself, to be killed there.

python -m tests.faults.child ARTICLES ENCODER: one JSON request a line in, one answer a line out.
"""

import importlib
import itertools
import json
import os
import resource
import select
import signal
import sqlite3
import sys
import time
import traceback
from pathlib import Path
from typing import Any

_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_FILE_EVENTS = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree")
_HEAVY = (
    "torch",
    "transformers",
    "core.methods.finetune.tagger",
    "core.solvers.one_vs_rest",
    "core.solvers.l1",
)


class KillPoints:
    """Counts what changes the home folder and each report of progress; kills at one of them."""

    def __init__(self, home: Path, kill_at: int) -> None:
        self._home, self._kill_at = str(home), kill_at
        self._armed = False
        self.count = 0

    def begin(self, *, at_save: bool) -> None:
        """at_save: count from the moment in which a run is saved."""
        from core.runs.store import RunStore

        sys.addaudithook(self.audit)
        self._armed = not at_save
        saving = RunStore.save

        def save(store: RunStore, result: Any) -> Any:
            self._armed = True
            return saving(store, result)

        RunStore.save = save
        for module in (sqlite3, sqlite3.dbapi2):
            module.connect = self._traced(module.connect)

    def _traced(self, connect: Any) -> Any:
        """Every statement of SQLite is a kill point."""

        def connected(*arguments: Any, **options: Any) -> Any:
            connection = connect(*arguments, **options)
            connection.set_trace_callback(lambda statement: self.hit())
            return connection

        return connected

    def hit(self) -> None:
        self.count += self._armed
        if self.count and self.count == self._kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    def audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == "open":
            path, _, flags = arguments
            if isinstance(path, str | bytes) and (flags or 0) & _WRITES:
                self._hit_in_home(path)
        elif event in _FILE_EVENTS:
            self._hit_in_home(arguments[0])

    def _hit_in_home(self, path: Any) -> None:
        if isinstance(path, str | bytes | os.PathLike) and self._home in os.fsdecode(path):
            self.hit()

    def progress(self, step: str, done: int, total: int, unit: str) -> None:
        self.hit()


def answer(request: dict[str, Any], articles: Path, encoder: Path) -> list[dict[str, Any]]:
    """Do a request in a fork, or in several at once.

    Of each: how it ended (done, refused, fault or killed) and what it told its user by then.
    """
    start = time.monotonic()
    forks = [_fork(request, articles, encoder) for _ in range(request.get("at_once", 1))]
    answers = []
    for process, reading in forks:
        said = _listen(reading, process, request.get("kill_after"))
        os.close(reading)
        os.waitpid(process, 0)
        told = [one["acknowledged"] for one in said if "acknowledged" in one]
        last = said[-1] if said and "ended" in said[-1] else {"ended": "killed"}
        answers.append(last | {"told": told, "seconds": time.monotonic() - start})
    return answers


def _fork(request: dict[str, Any], articles: Path, encoder: Path) -> tuple[int, int]:
    """A process that does the request, and where to read what it says."""
    reading, writing = os.pipe()
    process = os.fork()
    if process == 0:
        os.close(reading)
        _say(writing, _do(request, articles, encoder, writing))
        os._exit(0)
    os.close(writing)
    return process, reading


def _listen(reading: int, process: int, kill_after: float | None) -> list[dict[str, Any]]:
    """Whole lines that the process says until it ends; it is killed after so many seconds."""
    end = None if kill_after is None else time.monotonic() + kill_after
    heard = b""
    while True:
        patience = None if end is None else max(end - time.monotonic(), 0)
        if not select.select([reading], [], [], patience)[0]:
            os.kill(process, signal.SIGKILL)
            end = None
            continue
        if not (more := os.read(reading, 1 << 20)):
            return [json.loads(line) for line in heard.split(b"\n")[:-1]]
        heard += more


def _say(writing: int, what: dict[str, Any]) -> None:
    line = json.dumps(what).encode() + b"\n"
    while line:
        line = line[os.write(writing, line) :]


def _do(request: dict[str, Any], articles: Path, encoder: Path, writing: int) -> dict[str, Any]:
    from core.base.errors import CoreError, file_sentence
    from core.features import vectors
    from tests.faults.inspection import faults_of
    from tests.faults.operations import OPERATIONS, Inputs

    os.environ["TAGSMITH_HOME"] = request["home"]
    vectors.TEXTS_AT_ONCE = 16
    inputs, name = Inputs(articles, encoder), request["operation"]
    points = KillPoints(Path(request["home"]), request.get("kill_at") or 0)
    try:
        match request["do"]:
            case "prepare":
                result: Any = OPERATIONS[name].prepare(inputs)
            case "inspect":
                result = faults_of(name, request["told"], request["undisturbed"])
            case _:
                points.begin(at_save=name == "save")
                _limit(request.get("file_bytes"))
                _set_clock(request.get("clock_jumps", []))
                result = OPERATIONS[name].perform(
                    inputs, points.progress, lambda what: _say(writing, {"acknowledged": what})
                )
    except CoreError as error:
        return {"ended": "refused", "sentence": str(error), "points": points.count}
    except OSError as error:
        return {"ended": "refused", "sentence": file_sentence(error), "points": points.count}
    except BaseException as error:
        trace = traceback.format_exc()
        return {"ended": "fault", "sentence": f"{error!r} {trace}", "points": points.count}
    return {"ended": "done", "result": result, "points": points.count}


def _limit(file_bytes: int | None) -> None:
    """No file may grow beyond so many bytes, as on a full disk."""
    if file_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (file_bytes, resource.RLIM_INFINITY))


def _set_clock(jumps: list[float]) -> None:
    """The time of day moves by the next of so many seconds at every twentieth look at it."""
    real, looks = time.time, itertools.count()
    time.time = lambda: real() + ([0.0, *jumps][min(next(looks) // 20, len(jumps))])


def main() -> None:
    articles, encoder = map(Path, sys.argv[1:])
    for name in (*_HEAVY, "tests.faults.operations", "tests.faults.inspection"):
        importlib.import_module(name)
    print(json.dumps({"ended": "ready"}), flush=True)
    for line in sys.stdin:
        print(json.dumps(answer(json.loads(line), articles, encoder)), flush=True)


if __name__ == "__main__":
    main()
