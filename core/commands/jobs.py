"""Background jobs: list, show, cancel, again; and what a job's own process runs."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from core.base.errors import JobError
from core.commands.options import Handler, add_command
from core.commands.output import ProgressLine, print_json, print_table

if TYPE_CHECKING:
    from core.jobs.job import Job

# A cancelled job ends within so many seconds, by a kill if need be.
CANCEL_SECONDS = 6.0
_EXAMPLE = "20261124-213000123456-0a1b2c"


def add_commands(commands: Any) -> None:
    """Add the `jobs` family and `work` to the command line."""
    jobs = commands.add_parser("jobs", help="background jobs: list, show, cancel, run again")
    family = jobs.add_subparsers(title="commands", required=True, metavar="COMMAND")
    add_command(family, "list", show_list, "all jobs, newest first", "jobs list --json")
    named: dict[str, tuple[Handler, str]] = {
        "show": (show_job, "one job, with the end of its log"),
        "cancel": (cancel_job, "stop a job that waits or runs"),
        "again": (repeat_job, "the same work as a new job"),
    }
    for name, (handler, help_text) in named.items():
        command = add_command(family, name, handler, help_text, f"jobs {name} {_EXAMPLE}")
        command.add_argument("id", metavar="ID")
    work = add_command(
        commands,
        "work",
        do_work,
        "do one submitted job (what a job's own process runs)",
        f"work {_EXAMPLE}",
        json=False,
    )
    work.add_argument("id", metavar="ID")
    work.add_argument("--slot", default="", help="a slot that a cluster has given already")


def show_list(options: argparse.Namespace) -> None:
    """Print all jobs, damaged ones with what is wrong with them."""
    from core.jobs.job import survey_jobs

    jobs, damaged = survey_jobs()
    if options.json:
        unread = [
            {"id": job.name, "title": "", "state": "damaged", "error": job.problem}
            for job in damaged
        ]
        print_json([job.model_dump(mode="json") for job in jobs] + unread)
    elif jobs or damaged:
        rows: list[tuple[str, ...]] = [
            (job.id, job.title, job.state, _progress_of(job)) for job in jobs
        ]
        rows += [(job.name, "", "damaged", "") for job in damaged]
        print_table(("job", "what", "state", "progress"), rows)
        for job in damaged:
            print(job.problem)
    else:
        print("No job yet. Start one with: python -m core run best-tfidf --detach")


def show_job(options: argparse.Namespace) -> None:
    """Print how one job stands: place in the queue or progress, error, result and log."""
    from core.jobs.job import list_jobs, read_job, read_log
    from core.jobs.queue import settle
    from core.jobs.slots import position

    job = settle(read_job(options.id))
    place = position(job, list_jobs()) if job.state == "queued" else None
    if options.json:
        print_json(job.model_dump(mode="json") | {"position": place, "log": read_log(job)})
        return
    print(f"{job.title}: {job.state}" + (f", position {place}" if place else ""))
    if progress := _progress_of(job):
        print(progress)
    if job.error:
        print(job.error)
    for name, value in job.result.items():
        print(f"{name}: {value}")
    if log := read_log(job, most_lines=20):
        print(f"\n{log}")


def cancel_job(options: argparse.Namespace) -> None:
    """Ask a job to stop, wait until it has, and print its state."""
    from core.jobs.queue import cancel, wait_for

    cancel(options.id)
    _print_state(wait_for(options.id, seconds=CANCEL_SECONDS), options)


def repeat_job(options: argparse.Namespace) -> None:
    """Submit the work of an ended job again, and print the new job."""
    from core.jobs.queue import run_again

    _print_state(run_again(options.id), options)


def do_work(options: argparse.Namespace) -> None:
    """Do one submitted job in this process."""
    from core.jobs.worker import work

    work(options.id, slot=options.slot)


def follow(job: "Job") -> dict[str, Any]:
    """Show a job's progress until it has ended, and return its result.

    Raises JobError if it failed, was cancelled or is lost.
    """
    from core.jobs.queue import wait_for

    line = ProgressLine()
    while (now := wait_for(job.id, seconds=0.5)).is_active:
        if now.total and now.done:
            line(now.step, now.done, now.total, now.unit)
    if now.state != "done":
        raise JobError(f"Job {job.id} is {now.state}. {now.error}".strip())
    return now.result


def _print_state(job: "Job", options: argparse.Namespace) -> None:
    if options.json:
        print_json(job.model_dump(mode="json"))
    else:
        print(f"job {job.id}: {job.state}")


def _progress_of(job: "Job") -> str:
    from core.base.progress import format_seconds

    if job.state == "running" and job.total:
        left = "" if job.seconds_left is None else f", {format_seconds(job.seconds_left)} left"
        return f"{job.step}: {job.done:,} of {job.total:,} {job.unit}{left}"
    if job.started and job.ended:
        return f"took {format_seconds(job.ended - job.started)}"
    return "" if job.is_active else time.strftime("%Y-%m-%d %H:%M", time.localtime(job.created))
