"""Uploads that a job tags: kept once, for a day, and as long as a job needs them."""

import os
import time

from core.jobs.job import list_jobs, write_job
from core.jobs.queue import submit
from core.jobs.tagged_files import KEPT_SECONDS, keep_upload, remove_old_uploads
from core.jobs.tasks import TagTask

CONTENT = b"title,description\na,b\n"


def age(folder, seconds):
    then = time.time() - seconds
    for path in (*folder.rglob("*"), folder):
        os.utime(path, (then, then))


def test_the_same_file_for_the_same_run_is_kept_once():
    first = keep_upload("posts.csv", CONTENT, "run-1")
    assert keep_upload("posts.csv", CONTENT, "run-1") == first
    assert keep_upload("posts.csv", CONTENT, "run-2") != first
    assert first.read_bytes() == CONTENT


def test_what_was_not_touched_for_a_day_is_removed_with_its_tags():
    old, new = (keep_upload("posts.csv", CONTENT, run) for run in ("run-1", "run-2"))
    tags = old.with_name("posts-tagged.csv")
    tags.write_text("tags")
    age(old.parent, KEPT_SECONDS + 60)
    age(new.parent, KEPT_SECONDS - 60)
    remove_old_uploads()
    assert not old.parent.exists()
    assert new.is_file()


def test_new_tags_keep_an_old_upload_for_another_day():
    upload = keep_upload("posts.csv", CONTENT, "run-1")
    age(upload.parent, KEPT_SECONDS + 60)
    upload.with_name("posts-tagged.csv").write_text("tags")
    remove_old_uploads()
    assert upload.is_file()


def test_a_job_that_waits_keeps_its_file_however_old(monkeypatch):
    monkeypatch.setattr("core.jobs.engines.LocalEngine.start", lambda *_: None)
    upload = keep_upload("posts.csv", CONTENT, "run-1")
    job = submit(TagTask(source=str(upload), target=str(upload.with_name("t.csv"))))
    age(upload.parent, KEPT_SECONDS + 60)
    remove_old_uploads()
    assert upload.is_file()
    (kept,) = list_jobs()
    assert kept.id == job.id
    write_job(kept.model_copy(update={"state": "cancelled"}))
    remove_old_uploads()
    assert not upload.exists()
