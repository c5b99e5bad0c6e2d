"""What `python -m core work ID` does: wait for a slot, have the work done, keep the record.

The work itself runs in a child process. So the heartbeat is written while a library holds the
interpreter, a cancel can end work that does not answer, and a crash is noticed at once.
"""

import json
import multiprocessing
import os
import time
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

import psutil
from filelock import FileLock, Timeout

from core.base.errors import JobError
from core.jobs.child import EPOCH, REPORT, run_child
from core.jobs.job import (
    Job,
    is_cancel_asked,
    read_job,
    take_secrets,
    write_final_state,
    write_job,
)
from core.jobs.slots import Turn

_POLL_SECONDS = 0.3
_BEAT_SECONDS = 1.0
# After a cancel: how long the work may take to answer, then to obey a signal.
_ANSWER_SECONDS, _OBEY_SECONDS = 2.0, 1.0


def work(job_id: str, *, slot: str = "") -> None:
    """Do one job to its end.

    slot: the name of a slot that a cluster has given this process already; "" waits for one.

    Raises JobError if there is no such job, it was started before, or another process does it.
    """
    job = read_job(job_id)
    try:
        with FileLock(job.folder / "worker.lock", timeout=0):
            job = read_job(job_id)
            if job.state != "queued":
                raise JobError(f"Job {job_id} is {job.state}. Run it again as a new job.")
            record = _Record(job.model_copy(update={"pid": os.getpid()}))
            _work_in(slot, record) if slot else _wait(record)
    except Timeout:
        raise JobError(f"Another process works on job {job_id} already.") from None


def _wait(record: "_Record") -> None:
    """Wait for this job's turn and a free slot, then work; or until the job is cancelled."""
    turn = Turn(record.job)
    while not is_cancel_asked(record.job):
        record.beat()
        with turn.try_slot() as slot:
            if slot:
                _work_in(slot, record)
                return
        time.sleep(_POLL_SECONDS)
    record.end("cancelled")


def _work_in(slot: str, record: "_Record") -> None:
    """Start the child process that does the work, and keep the record until it ends."""
    record.change(state="running", slot=slot, started=time.time())
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    settings = record.job.settings | take_secrets(record.job)
    process = context.Process(target=run_child, args=(settings, slot, theirs), daemon=True)
    process.start()
    theirs.close()
    stop = _Stop(process, ours)
    ended = False
    while not ended and (ours.poll(_POLL_SECONDS) or process.is_alive()):
        try:
            while not ended and ours.poll():
                ended = record.receive(*ours.recv())
        except (EOFError, OSError):
            break
        stop.follow(asked=is_cancel_asked(record.job))
        record.beat(process.pid or 0)
    if not ended:
        process.join(_ANSWER_SECONDS)
        _end_of_lost_child(record, process.exitcode)
    process.join(_ANSWER_SECONDS)
    process.kill()


def _end_of_lost_child(record: "_Record", exit_code: int | None) -> None:
    """Record the end of a child process that sent no result."""
    if is_cancel_asked(record.job):
        record.end("cancelled")
        return
    how = f"by signal {-exit_code}" if exit_code and exit_code < 0 else f"with code {exit_code}"
    error = (
        f"The process that did the work ended {how}; perhaps the memory ran out. "
        "Run it again: fine-tuning continues from its last epoch."
    )
    record.end("lost", error=error)


@dataclass
class _Stop:
    """Ends the work in three steps: a message, a signal, a kill."""

    process: Any
    connection: Connection
    _asked_at: float | None = None

    def follow(self, *, asked: bool) -> None:
        if not asked:
            return
        now = time.monotonic()
        if self._asked_at is None:
            self._asked_at = now
            self.connection.send("cancel")
        elif now - self._asked_at > _ANSWER_SECONDS + _OBEY_SECONDS:
            self.process.kill()
        elif now - self._asked_at > _ANSWER_SECONDS:
            self.process.terminate()


@dataclass
class _Record:
    """The one writer of job.json while the job is alive."""

    job: Job
    _last_beat: float = field(default=0.0)

    def change(self, **changes: Any) -> None:
        self.job = self.job.model_copy(update=changes)
        self.beat(force=True)

    def beat(self, child: int = 0, *, force: bool = False) -> None:
        """Write the record if a second has passed. A full disk makes the work itself fail."""
        now = time.time()
        if not force and abs(now - self._last_beat) < _BEAT_SECONDS:
            return
        self._last_beat = now
        changes: dict[str, Any] = {"heartbeat": now}
        if child:
            changes["memory_bytes"] = _memory_of(child)
        self.job = self.job.model_copy(update=changes)
        try:
            write_job(self.job)
        except OSError as error:
            print(f"the record cannot be written: {error}", flush=True)

    def receive(self, kind: str, content: dict[str, Any]) -> bool:
        """Take in a message of the child; True after its last one, which names its end."""
        if kind == REPORT:
            self.job = self.job.model_copy(update=content)
        elif kind == EPOCH:
            with (self.job.folder / "events.jsonl").open("a", encoding="utf-8") as events:
                events.write(json.dumps(content) + "\n")
        else:
            self.end(kind, **content)
        return kind not in (REPORT, EPOCH)

    def end(self, state: str, **changes: Any) -> None:
        now = time.time()
        ended = {"state": state, "ended": now, "heartbeat": now, "seconds_left": None}
        self.job = self.job.model_copy(update={**ended, **changes})
        write_final_state(self.job)


def _memory_of(pid: int) -> int:
    """Bytes of memory of a process, 0 if it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
