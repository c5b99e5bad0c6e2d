"""Files that editors upload to have them tagged by a job: where they lie, and for how long."""

import shutil
import time
from hashlib import sha256
from pathlib import Path

from core.base.errors import DataError
from core.base.files import replacing
from core.base.home import home_folder
from core.jobs.job import Job, survey_jobs

KEPT_SECONDS = 24 * 3600.0


def keep_upload(name: str, content: bytes, run_id: str) -> Path:
    """Keep an uploaded file and return its path; the same file and run give the same path.

    The tagged file will lie beside it. Raises DataError if there is no room.
    """
    folder = _uploads() / sha256(content + run_id.encode()).hexdigest()[:16]
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with replacing(folder / name) as partial:
            partial.write_bytes(content)
    except OSError as error:
        raise DataError(f"The file cannot be kept ({error.strerror}). Free some space.") from None
    return folder / name


def remove_old_uploads(*, now: float | None = None) -> None:
    """Remove uploads that nobody has touched for a day, with their tags, unless a job needs them.

    now: seconds since 1970, by default this moment.
    """
    before = (time.time() if now is None else now) - KEPT_SECONDS
    old = [folder for folder in _uploads().glob("*/") if _touched(folder) < before]
    if not old:
        return
    jobs, unreadable = survey_jobs()
    if unreadable:  # what such a job needs is not known
        return
    needed = {Path(job.settings["source"]).parent for job in jobs if _is_tagging(job)}
    for folder in old:
        if folder not in needed:
            shutil.rmtree(folder, ignore_errors=True)


def _is_tagging(job: Job) -> bool:
    return job.task == "tag" and job.is_active


def _touched(folder: Path) -> float:
    """When anything in it was last written, in seconds since 1970."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.rglob("*")))
    except FileNotFoundError:  # somebody else's removal, or a part that got its name just now
        return time.time()


def _uploads() -> Path:
    return home_folder() / "cache" / "tagged"
