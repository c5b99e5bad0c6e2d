"""Experiments of the command line as background jobs."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from core.base.errors import ConfigError, JobError
from core.commands.reading import options_of

if TYPE_CHECKING:
    from core.jobs.job import Job
    from core.runs.batch import Entry

# An entry with its job; without one, the entry says why.
Submitted: TypeAlias = "tuple[Entry, Job | None]"


def submit_all(entries: "Sequence[Entry]", options: argparse.Namespace) -> list[Submitted]:
    """Submit a job for each entry, in their order.

    Raises JobError where the first cannot be started; after a later one no other is tried.
    """
    submitted: list[Submitted] = []
    error = ""
    for number, entry in enumerate(entries, start=1):
        job = None
        try:
            job = None if error else submit_entry(entry, options)
        except JobError as refused:
            if not submitted:
                raise
            error = str(refused)
        if job is not None:
            print(f"{number} of {len(entries)}: job {job.id}, {entry.name}", file=sys.stderr)
        submitted.append((replace(entry, error=error), job))
    return submitted


def submit_entry(entry: "Entry", options: argparse.Namespace) -> "Job":
    """Submit the job of one experiment, with whole paths, since it may work in another folder."""
    from core.articles.options import NO_OPTIONS
    from core.jobs.queue import submit
    from core.jobs.tasks import ExperimentTask
    from core.runs.sources import with_whole_paths

    if options.skip_bad_rows or options_of(options) != NO_OPTIONS:
        raise ConfigError(
            "A job reads article files as they are. Import the file with these options first, "
            "then name the data set."
        )
    teacher = entry.teacher and with_whole_paths(entry.teacher)
    task = ExperimentTask(
        config=with_whole_paths(entry.config),
        teacher=teacher,
        again=options.again,
        label="" if list(entry.label) == ["preset"] else entry.name,
    )
    return submit(task, engine=options.engine or "")


def follow_all(submitted: Sequence[Submitted]) -> "list[Entry]":
    """Wait for the jobs one after another; each entry gets its run, or says why it has none."""
    from core.commands.jobs import follow
    from core.runs.store import RunStore

    done = []
    for entry, job in submitted:
        try:
            run = RunStore().load(follow(job)["run"]) if job else None
            done.append(replace(entry, run=run))
        except JobError as failed:
            done.append(replace(entry, error=str(failed)))
    return done
