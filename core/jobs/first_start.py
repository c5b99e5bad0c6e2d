"""The first jobs of a new home: three taggers of the sample, so that no page stays empty."""

import os

from core.articles.store.record import SAMPLE
from core.base.errors import JobError
from core.jobs.job import Job, job_ids, jobs_folder

# The quickest first, so that suggestions come soon; the best last, since the newest run suggests.
PRESETS = ("best-tfidf", "best-encoder", "best-hybrid")
_MARK = ".first-start"


def is_first_start() -> bool:
    """Whether this home has neither runs nor jobs, and never had.

    TAGSMITH_FIRST_START=off says no for any home.
    """
    if os.environ.get("TAGSMITH_FIRST_START", "").strip().lower() == "off":
        return False
    runs = jobs_folder().parent / "runs"
    return not (jobs_folder() / _MARK).exists() and not job_ids() and not any(runs.glob("*/"))


def start_first_jobs() -> list[Job]:
    """Submit the jobs that train on the sample; none if another process was quicker.

    Also none where the disk takes no job: the pages then stay empty.
    """
    # Only a first start pays for these imports; every session asks whether it is one.
    from core.jobs.queue import submit_experiment
    from core.study.presets import configure, preset_named

    try:
        jobs_folder().mkdir(parents=True, exist_ok=True)
        (jobs_folder() / _MARK).touch(exist_ok=False)
        return [
            submit_experiment(configure(preset_named(name).config(), sources=[SAMPLE]))
            for name in PRESETS
        ]
    except (OSError, JobError):
        return []
