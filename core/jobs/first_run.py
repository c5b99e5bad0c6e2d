"""The first run of a home, where a job that makes it is under way."""

from core.base.progress import Progress
from core.jobs.job import list_jobs
from core.jobs.queue import wait_for
from core.runs.store import Run, RunStore
from core.suggest.suggester import choose_run


def wait_for_first_run(store: RunStore, progress: Progress) -> Run | None:
    """The run to suggest with, once a job has made it; None if no job does or it fails."""
    while (run := choose_run(store)) is None:
        at_work = [job for job in list_jobs() if job.is_active and job.task == "experiment"]
        if not at_work:
            return None
        job = wait_for(at_work[-1].id, seconds=0.5)
        if job.is_active and job.done:
            progress(job.step, job.done, job.total, job.unit)
    return run
