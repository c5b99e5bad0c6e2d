"""What is wrong with a home folder: sets, runs, databases, corrections, slots."""

import sqlite3
import time
from hashlib import sha256
from typing import Any

from core.articles.article import Article
from core.articles.store.changes import read_changes
from core.articles.store.record import read_record, sets_folder
from core.articles.store.sets import list_sets
from core.articles.store.versions import current_file
from core.base.home import home_folder
from core.feedback.corrections import FeedbackStore
from core.jobs.job import (
    STALE_SECONDS,
    Job,
    create_job,
    job_ids,
    new_job_id,
    read_job,
    write_final_state,
    write_job,
)
from core.jobs.slots import Turn
from core.runs.operating_points import OperatingPoints
from core.runs.store import RunStore, is_run_id


def faults_of(operation: str, acknowledged: list[Any], undisturbed: Any) -> list[str]:
    """Sentences on what a disturbed operation broke or lost; none if all is well."""
    return [
        *_faults_of_sets(),
        *_faults_of_runs(),
        *_faults_of_databases(),
        *_faults_of_jobs(),
        *_lost(operation, acknowledged),
        *_half_written(operation, undisturbed),
    ]


def _faults_of_sets() -> list[str]:
    faults = []
    folders = {path.name for path in sets_folder().glob("[!.]*/")}
    if unread := folders - {info.name for info in list_sets()}:
        faults.append(f"sets that cannot be read: {unread}")
    for info in list_sets():
        if info.name == "sample" or (path := current_file(info.name)) is None:
            continue
        content = path.read_bytes()
        articles = [Article.model_validate_json(line) for line in content.splitlines()]
        if len(articles) != info.articles or sha256(content).hexdigest() != info.fingerprint:
            faults.append(f"set {info.name} is not what its record says")
        faults += [
            f"set {info.name} lacks version {version.version}"
            for version in read_record(sets_folder() / info.name).versions
            if not (sets_folder() / info.name / version.file).is_file()
        ]
    return faults


def _faults_of_runs() -> list[str]:
    store, faults = RunStore(), []
    for folder in store.folder.glob("*/"):
        if not is_run_id(folder.name):
            if not folder.name.startswith(".partial-"):
                faults.append(f"runs hold {folder.name}")
            continue
        run = store.load(folder.name)
        tagger = run.read_tagger()
        for part in ("test", "out_of_fold"):
            run.read_part(part)
        if tagger.tags != run.tags:
            faults.append(f"run {run.id} has other tags than its model")
    OperatingPoints(store.folder).chosen()
    return faults


def _faults_of_databases() -> list[str]:
    faults = []
    for path in [*home_folder().glob("*.sqlite"), *home_folder().glob("cache/*.sqlite")]:
        connection = sqlite3.connect(path)
        try:
            (answer,) = connection.execute("PRAGMA integrity_check").fetchone()
        except sqlite3.DatabaseError as error:
            answer = str(error)
        finally:
            connection.close()
        if answer != "ok":
            faults.append(f"{path.name}: {answer}")
    return faults


def _faults_of_jobs() -> list[str]:
    """After the time in which a heartbeat goes stale, every job has ended and its slot is free."""
    faults = []
    later = time.time() + STALE_SECONDS + 1
    for job_id in job_ids():
        job = read_job(job_id)
        if read_job(job_id, now=later).is_active:
            faults.append(f"job {job_id} hangs")
        if job.is_active:  # as if that time had passed
            write_job(job.model_copy(update={"heartbeat": time.time() - STALE_SECONDS - 1}))
    now = time.time()
    probe = Job(id=new_job_id(), task="import", title="", settings={}, created=now, heartbeat=now)
    create_job(probe)
    with Turn(probe).try_slot() as slot:
        if slot != "cpu":
            faults.append("the slot is stuck")
    write_final_state(probe.model_copy(update={"state": "cancelled"}))
    return faults


def _lost(operation: str, acknowledged: list[Any]) -> list[str]:
    """What a user was told is kept, and is not there."""
    kept: set[Any] = set(acknowledged)
    if operation == "feedback" and acknowledged:
        found = FeedbackStore().read(limit=1000).kept
        kept = {k.correction.url for k in found if len(k.correction.tags) and k.correction.text}
    elif operation == "fix tags":
        kept = {change.article for change in read_changes("blog")}
    elif operation == "save" and acknowledged:
        run_id = acknowledged[0]
        kept = {run.id for run in RunStore().finished()}
        kept |= set(OperatingPoints(RunStore().folder).of_run(run_id))
    elif operation in ("import", "update") and acknowledged:
        kept = {info.fingerprint for info in list_sets()}
    elif operation == "job":
        kept = set(job_ids())
    return [f"acknowledged and lost: {one}" for one in acknowledged if one not in kept]


def _half_written(operation: str, undisturbed: Any) -> list[str]:
    target = home_folder() / "tagged.csv"
    if operation != "bulk tag" or not target.exists():
        return []
    whole = sha256(target.read_bytes()).hexdigest() == undisturbed
    return [] if whole else ["the tagged file is half written"]
