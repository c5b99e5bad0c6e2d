"""Where jobs run. An engine starts `python -m core work ID` somewhere and can stop it."""

import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Protocol

from core.base.errors import JobError
from core.jobs.job import Job

PROJECT = Path(__file__).resolve().parents[2]
ENGINES = ("local", "ray")


class Engine(Protocol):
    """Starts and stops a job's process; all else is in the job's folder, which it shares."""

    def start(self, job: Job) -> str:
        """Start the worker; the engine's own name for it. Raises JobError if it cannot."""
        ...

    def stop(self, job: Job) -> None:
        """End a worker that does not answer, or has not begun."""
        ...


class LocalEngine:
    """A process on this machine, in a session of its own, which outlives the one that asked."""

    def start(self, job: Job) -> str:
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
        return str(process.pid)

    def stop(self, job: Job) -> None:
        """Its worker sees the cancel by itself, waiting or at work."""


def engine_named(name: str) -> Engine:
    """Raises JobError for a name that is no engine, or one that is not installed."""
    if name == "local":
        return LocalEngine()
    known = ", ".join(ENGINES)
    raise JobError(f"There is no engine {name!r}. Known: {known}.")


def default_engine() -> str:
    """The engine that TAGSMITH_ENGINE names, else the local one."""
    return os.environ.get("TAGSMITH_ENGINE", "").strip() or "local"
