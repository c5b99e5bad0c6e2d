"""What `python -m core work ID` does: wait for a slot, have the work done, keep the record.

The work itself runs in a child process. So the heart beats while a library holds the
interpreter, a cancel can end what does not answer, and a crash is noticed at once.
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
from core.jobs.child import CANCELLED, DONE, EPOCH, FAILED, REPORT, run_child
from core.jobs.job import (
    Job,
    is_cancel_asked,
    read_job,
    take_secrets,
    write_job,
    write_last_word,
)
from core.jobs.slots import Turn

_POLL_SECONDS = 0.3
_BEAT_SECONDS = 1.0
# After a cancel: how long the work may take to answer, then to obey a signal.
_ANSWER_SECONDS, _OBEY_SECONDS = 2.0, 1.0


def work(job_id: str, *, slot: str = "") -> None:
    """Do one job to its end. slot: taken already, by whoever schedules for us.

    Raises JobError if there is no such job, it has been at work before, or another process
    works on it.
    """
    job = read_job(job_id)
    try:
        with FileLock(job.folder / "worker.lock", timeout=0):
            job = read_job(job_id)
            if job.state != "queued":
                raise JobError(f"Job {job_id} is {job.state}. Run it again as a new job.")
            record = _Record(job.model_copy(update={"pid": os.getpid()}))
            with_slot(record, slot) if slot else _wait(record)
    except Timeout:
        raise JobError(f"Another process works on job {job_id} already.") from None


def _wait(record: "_Record") -> None:
    """Until it is this job's turn and a slot is free, or the job is cancelled."""
    turn = Turn(record.job)
    while not is_cancel_asked(record.job):
        record.beat()
        with turn.try_slot() as slot:
            if slot:
                with_slot(record, slot)
                return
        time.sleep(_POLL_SECONDS)
    record.end("cancelled")


def with_slot(record: "_Record", slot: str) -> None:
    """Have the work done by a child process and follow it to its end."""
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
                ended = record.hear(*ours.recv())
        except (EOFError, OSError):
            break
        stop.follow(asked=is_cancel_asked(record.job))
        record.beat(process.pid or 0)
    if not ended:
        process.join(_ANSWER_SECONDS)
        _end_without_a_word(record, process.exitcode)
    process.join(_ANSWER_SECONDS)
    process.kill()


def _end_without_a_word(record: "_Record", exit_code: int | None) -> None:
    if is_cancel_asked(record.job):
        record.end("cancelled")
        return
    how = f"by signal {-exit_code}" if exit_code and exit_code < 0 else f"with code {exit_code}"
    error = (
        f"The process that did the work ended {how}; perhaps the memory ran out. "
        "Run it again: fine-tuning goes on where it was."
    )
    record.end("lost", error=error)


@dataclass
class _Stop:
    """Ends the work in three steps: a word, a signal, a kill."""

    process: Any
    connection: Connection
    _told: float | None = None

    def follow(self, *, asked: bool) -> None:
        if not asked:
            return
        now = time.monotonic()
        if self._told is None:
            self._told = now
            self.connection.send("cancel")
        elif now - self._told > _ANSWER_SECONDS + _OBEY_SECONDS:
            self.process.kill()
        elif now - self._told > _ANSWER_SECONDS:
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
        """Write the record if a second has passed. A full disk is for the work to notice."""
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

    def hear(self, kind: str, content: Any) -> bool:
        """Take in a message of the child; whether it was its last."""
        match kind:
            case k if k == REPORT:
                self.job = self.job.model_copy(update=content)
                return False
            case k if k == EPOCH:
                with (self.job.folder / "events.jsonl").open("a", encoding="utf-8") as events:
                    events.write(json.dumps(content) + "\n")
                return False
            case k if k == DONE:
                self.end("done", result=content)
            case k if k == FAILED:
                self.end("failed", error=content)
            case k if k == CANCELLED:
                self.end("cancelled")
        return True

    def end(self, state: str, **changes: Any) -> None:
        now = time.time()
        ended = {"state": state, "ended": now, "heartbeat": now, "seconds_left": None}
        self.job = self.job.model_copy(update={**ended, **changes})
        write_last_word(self.job)


def _memory_of(pid: int) -> int:
    """Bytes of memory of a process, 0 if it is gone."""
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.Error:
        return 0
