"""Submit, cancel and repeat jobs."""

import time

from core.base.errors import JobError, file_sentence
from core.jobs.engines import default_engine, engine_named
from core.jobs.job import (
    STALE_SECONDS,
    Job,
    ask_to_cancel,
    create_job,
    new_job_id,
    read_job,
    write_final_state,
)
from core.jobs.tasks import ExperimentTask, Task, read_task
from core.settings.experiment import ExperimentConfig


def submit(task: Task, *, engine: str = "", again_of: str = "") -> Job:
    """Write the job's folder, start its process, and return at once.

    engine: its name, by default the one of TAGSMITH_ENGINE. again_of: the id of the job that this
    one repeats. Raises JobError if the job cannot be kept or started.
    """
    now = time.time()
    settings = task.model_dump(mode="json")
    secrets = {name: settings[name] for name in task.secrets}
    job = Job(
        id=new_job_id(),
        task=task.kind,
        title=task.title,
        settings=settings | dict.fromkeys(secrets, ""),
        hidden=tuple(secrets),
        engine=engine or default_engine(),
        device_kind=task.device_kind,
        created=now,
        heartbeat=now,
        again_of=again_of,
    )
    chosen = engine_named(job.engine)
    try:
        create_job(job, secrets)
    except OSError as error:
        raise JobError(f"The job cannot be kept. {file_sentence(error)}") from None
    try:
        chosen.start(job)
    except JobError as error:
        write_final_state(job.model_copy(update={"state": "failed", "error": str(error)}))
        raise
    return job


def submit_experiment(config: ExperimentConfig, *, again: bool = False, engine: str = "") -> Job:
    """Submit an experiment, which trains, tunes, tests and stores a run."""
    return submit(ExperimentTask(config=config, again=again), engine=engine)


def cancel(job_id: str) -> Job:
    """Ask a job to stop, which takes a few seconds. Raises JobError if it has ended already."""
    job = read_job(job_id)
    if not job.is_active:
        raise JobError(f"Job {job_id} is {job.state} already: there is nothing to cancel.")
    ask_to_cancel(job)
    engine_named(job.engine).stop(job)
    return job


def run_again(job_id: str) -> Job:
    """Submit the task of an ended job as a new one.

    Raises JobError while the old one is active, or if it had a secret setting, which is not kept.
    """
    job = read_job(job_id)
    if job.is_active:
        raise JobError(f"Job {job_id} is still {job.state}. Cancel it first, or wait.")
    if job.hidden:
        raise JobError(
            f"Job {job_id} had a key or an address with a password, which is not kept. Start it "
            "anew on the Data page, under the same name."
        )
    return submit(read_task(job.settings), engine=job.engine, again_of=job.id)


def wait_for(job_id: str, *, seconds: float) -> Job:
    """Wait until a job has ended, or until the time is up, and return it as it stands then."""
    end = time.monotonic() + seconds
    while (job := settle(read_job(job_id))).is_active and time.monotonic() < end:
        time.sleep(0.1)
    return job


def settle(job: Job) -> Job:
    """Return the job, as failed if it waits on a cluster that will never start it."""
    silent = time.time() - job.heartbeat > STALE_SECONDS
    if job.state != "queued" or not silent:
        return job
    if error := engine_named(job.engine).failure_of(job):
        job = job.model_copy(update={"state": "failed", "error": error, "ended": time.time()})
        write_final_state(job)
    return job
