"""Where jobs run: an engine starts `python -m core work ID` on some machine and can stop it."""

import os
import subprocess
import sys
import threading
from typing import Protocol

from core.base.errors import JobError
from core.base.home import PROJECT
from core.jobs.job import Job

ENGINES = ("local", "ray")


class Engine(Protocol):
    """Starts and stops a job's process; all else is in the job's folder, which both see."""

    def start(self, job: Job) -> None:
        """Start the job's worker. Raises JobError if it cannot be started."""
        ...

    def stop(self, job: Job) -> None:
        """Withdraw a job that has not begun; one at work sees by itself that it is cancelled."""
        ...

    def failure_of(self, job: Job) -> str:
        """Say why a job that has not begun never will; "" while it still may."""
        ...


class LocalEngine:
    """A process on this machine, in a session of its own, which outlives its starter."""

    def start(self, job: Job) -> None:
        """Start the job's worker as a process that writes into the job's log."""
        try:
            with (job.folder / "log.txt").open("ab") as log:
                process = subprocess.Popen(
                    [sys.executable, "-m", "core", "work", job.id],
                    cwd=PROJECT,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            raise JobError(f"The job's process cannot be started: {error.strerror}.") from None
        # Waited for, or it would stay defunct as long as this process lives.
        threading.Thread(target=process.wait, daemon=True).start()

    def stop(self, job: Job) -> None:
        """Do nothing: the worker that waits for a slot sees by itself that it is cancelled."""

    def failure_of(self, job: Job) -> str:
        """Return "": on this machine the heartbeat shows whether the worker lives."""
        return ""


def engine_named(name: str) -> Engine:
    """Return the engine of a name in ENGINES. Raises JobError for any other name."""
    if name == "local":
        return LocalEngine()
    if name == "ray":
        from core.jobs.ray_engine import RayEngine

        return RayEngine()
    known = ", ".join(ENGINES)
    raise JobError(f"There is no engine {name!r}. Known: {known}.")


def default_engine() -> str:
    """The engine that TAGSMITH_ENGINE names, else the local one."""
    return os.environ.get("TAGSMITH_ENGINE", "").strip() or "local"
