"""A job as its folder records it: the task, how far it is, and its result."""

import json
import os
import re
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from core.base.errors import JobError
from core.base.files import (
    Unreadable,
    read_json_object,
    why_unreadable,
    write_json,
)
from core.base.home import home_folder

State = Literal["queued", "running", "done", "failed", "cancelled", "lost"]
DeviceKind = Literal["cpu", "gpu"]

# A worker writes its heartbeat every second; after this long without one it counts as dead.
STALE_SECONDS = 30.0
_ID = re.compile(r"[0-9]{8}-[0-9]{12}-[0-9a-f]{6}")
_RECORD, _CANCEL, _RESERVE, _SECRET = "job.json", "cancel", "reserve", "secret.json"
# Freed when the disk is full, so that how a job ended can still be written.
_RESERVE_BYTES = 64 * 1024


class Job(BaseModel):
    """One job, as job.json holds it.

    settings: those of its task (core/jobs/tasks.py), as JSON. hidden: names of settings that are
    left empty there because they are secret.
    done, total: units of work of the current step. seconds_left: of that step.
    created, started, ended, heartbeat: seconds since 1970.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    format: Literal[1] = 1
    id: str
    task: str
    title: str
    settings: dict[str, Any]
    hidden: tuple[str, ...] = ()
    engine: str = "local"
    device_kind: DeviceKind = "cpu"
    state: State = "queued"
    step: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    seconds_left: float | None = None
    created: float
    started: float | None = None
    ended: float | None = None
    heartbeat: float
    slot: str = ""
    pid: int = 0
    memory_bytes: int = 0
    error: str = ""
    result: dict[str, Any] = {}
    again_of: str = ""

    @property
    def is_active(self) -> bool:
        """Whether the job waits or is at work."""
        return self.state in ("queued", "running")

    @property
    def share_done(self) -> float:
        """How much of the current step is done, 0..1."""
        return min(self.done / self.total, 1.0) if self.total else 0.0

    @property
    def folder(self) -> Path:
        """The folder that holds the job's record, its log and its events."""
        return jobs_folder() / self.id


def jobs_folder() -> Path:
    """The folder that holds a folder for each job."""
    return home_folder() / "jobs"


def is_job_id(text: str) -> bool:
    """Whether a text has the form of a job's id, whether or not there is such a job.

    >>> is_job_id("20261124-213000123456-0a1b2c"), is_job_id("../20261124")
    (True, False)
    """
    return _ID.fullmatch(text) is not None


def new_job_id() -> str:
    """Make an id for a new job; ids sort in order of submission."""
    return f"{datetime.now(UTC):%Y%m%d-%H%M%S%f}-{secrets.token_hex(3)}"


def create_job(job: Job, secrets: Mapping[str, Any] | None = None) -> None:
    """Make the job's folder in one step: a reader sees all of it or nothing.

    secrets: settings that go into a file of their own, which only its owner may read.
    """
    workshop = jobs_folder() / f".partial-{job.id}"
    workshop.mkdir(parents=True)
    write_job(job, workshop)
    if secrets:
        handle = os.open(workshop / _SECRET, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(secrets, file)
    (workshop / _RESERVE).write_bytes(os.urandom(_RESERVE_BYTES))
    workshop.rename(job.folder)


def write_job(job: Job, folder: Path | None = None) -> None:
    """Replace job.json in one step. Only the worker does so once the job has started."""
    write_json((folder or job.folder) / _RECORD, job.model_dump(mode="json"))


def take_secrets(job: Job) -> dict[str, Any]:
    """Read the settings that job.json does not hold, and delete their file."""
    path = job.folder / _SECRET
    try:
        secrets = read_json_object(path)
    except FileNotFoundError:
        return {}
    path.unlink(missing_ok=True)
    return secrets


def write_final_state(job: Job) -> None:
    """Write how the job ended; on a full disk too, for which some space was reserved."""
    (job.folder / _SECRET).unlink(missing_ok=True)
    try:
        write_job(job)
    except OSError:
        (job.folder / _RESERVE).unlink(missing_ok=True)
        write_job(job)
    (job.folder / _RESERVE).unlink(missing_ok=True)


def read_job(job_id: str, *, now: float | None = None) -> Job:
    """Read a job as it stands now; one without a recent heartbeat is lost or cancelled.

    now: seconds since 1970, by default this moment. Raises JobError if there is no job of that id,
    or its record is damaged.
    """
    if not is_job_id(job_id) or not (jobs_folder() / job_id).is_dir():
        raise JobError(f"There is no job {job_id!r}. List them with: python -m core jobs list")
    try:
        job = Job.model_validate(read_json_object(jobs_folder() / job_id / _RECORD))
        if job.id != job_id:
            raise ValueError(f"it is of job {job.id}")
    except (OSError, ValueError) as error:  # pydantic's errors are values' too
        raise JobError(
            f"Job {job_id} is damaged: its {_RECORD} cannot be read ({why_unreadable(error)}). "
            f"Its log can still be read: jobs/{job_id}/log.txt. Start the work anew."
        ) from None
    return _as_it_stands(job, time.time() if now is None else now)


def list_jobs(*, now: float | None = None) -> list[Job]:
    """List all jobs, newest first, without those that `survey_jobs` finds unreadable."""
    return survey_jobs(now=now)[0]


def survey_jobs(*, now: float | None = None) -> tuple[list[Job], list[Unreadable]]:
    """List all jobs, and those whose record is damaged, each newest first."""
    jobs, unreadable = [], []
    for job_id in sorted(job_ids(), reverse=True):
        try:
            jobs.append(read_job(job_id, now=now))
        except JobError as error:
            unreadable.append(Unreadable(job_id, str(error)))
    return jobs, unreadable


def job_ids() -> list[str]:
    """List the ids of all job folders, in no order."""
    try:
        return [path.name for path in jobs_folder().iterdir() if is_job_id(path.name)]
    except OSError:
        return []


def ask_to_cancel(job: Job) -> None:
    """Leave a mark in the job's folder, at which its worker ends the work."""
    (job.folder / _CANCEL).touch()


def is_cancel_asked(job: Job) -> bool:
    """Whether somebody has asked to cancel the job."""
    return (job.folder / _CANCEL).exists()


def read_log(job: Job, *, most_lines: int = 200) -> str:
    """Read the end of what the job printed; "" if it printed nothing."""
    try:
        text = (job.folder / "log.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-most_lines:])


def read_curve(job: Job) -> list[dict[str, Any]]:
    """Read the figures of each epoch of fine-tuning that is done, in order."""
    try:
        lines = (job.folder / "events.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines]
    except (OSError, ValueError):
        return []


def _as_it_stands(job: Job, now: float) -> Job:
    # A clock that was set back makes a heartbeat of the future: as dead as an old one.
    if not job.is_active or abs(now - job.heartbeat) <= STALE_SECONDS:
        return job
    if is_cancel_asked(job):
        return job.model_copy(update={"state": "cancelled"})
    if job.engine != "local" and job.state == "queued":
        return job  # the cluster keeps it, and no process here waits for it
    error = (
        job.error or "Its process is gone. Run it again: fine-tuning continues from its last epoch."
    )
    return job.model_copy(update={"state": "lost", "error": error})
