"""What is secret in a job's settings is on no disk once the work has begun."""

import stat

import pytest

from core.base.errors import JobError
from core.jobs import queue
from core.jobs.fetch_task import FetchTask
from core.jobs.job import ask_to_cancel, jobs_folder, read_job, take_secrets
from core.jobs.queue import run_again, submit
from core.jobs.tasks import ImportTask, read_task
from core.jobs.worker import work

ADDRESS = "postgresql://ada:tell-nobody@127.0.0.1:1/articles"
IMPORT = ImportTask(file=ADDRESS, name="posts", query="select 1")
FETCH = FetchTask(source="stackexchange", name="so", key="tell-nobody")


class Idle:
    """An engine that starts nothing."""

    def start(self, job): ...


@pytest.fixture
def idle(monkeypatch):
    monkeypatch.setattr(queue, "engine_named", lambda _: Idle())


def everything_on_disk():
    return b"".join(path.read_bytes() for path in jobs_folder().rglob("*") if path.is_file())


@pytest.mark.parametrize("task", [IMPORT, FETCH])
def test_a_secret_waits_in_a_file_of_its_owner_and_is_taken_once(idle, task):
    job = submit(task)
    (holder,) = [p for p in job.folder.iterdir() if b"tell-nobody" in p.read_bytes()]
    assert holder.name != "job.json"
    assert stat.S_IMODE(holder.stat().st_mode) == 0o600
    assert read_task(job.settings | take_secrets(job)) == task
    assert b"tell-nobody" not in everything_on_disk()
    assert take_secrets(job) == {}


def test_a_job_that_is_cancelled_before_it_begins_leaves_no_secret(idle):
    job = submit(FETCH)
    ask_to_cancel(job)
    work(job.id)
    assert read_job(job.id).state == "cancelled"
    assert b"tell-nobody" not in everything_on_disk()


def test_the_work_gets_the_secret_and_says_nothing_of_it(idle):
    job = submit(IMPORT)
    work(job.id)
    job = read_job(job.id)
    assert job.state == "failed"
    assert "database" in job.error or "query" in job.error.lower()
    assert b"tell-nobody" not in everything_on_disk()
    with pytest.raises(JobError, match="which is not kept"):
        run_again(job.id)


@pytest.mark.parametrize(
    "task",
    [
        ImportTask(file="a.csv", name="a"),
        ImportTask(file="sqlite:///a.sqlite", name="a"),
        FetchTask(source="forem", name="a"),
    ],
)
def test_a_task_without_a_secret_is_kept_whole(idle, task):
    job = submit(task)
    assert (job.hidden, read_task(job.settings)) == ((), task)
    assert not (job.folder / "secret.json").exists()
