"""The jobs that measure learning curves."""

from core.jobs.job import Job, list_jobs
from core.jobs.tasks import CurveTask


def newest_curve_job(task: CurveTask) -> Job | None:
    """The newest job that measures the curve of this task, or has measured it; None if none."""
    asked = task.model_dump(mode="json")
    curves = (job for job in list_jobs() if job.task == "curve")
    runs = ("", asked["run"])
    return next(
        (
            job
            for job in curves
            if job.settings["config"] == asked["config"] and job.settings["run"] in runs
        ),
        None,
    )
