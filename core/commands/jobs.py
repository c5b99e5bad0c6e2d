"""Background jobs: list, show, cancel, again; and what a job's own process runs."""

import argparse
import time
from typing import TYPE_CHECKING, Any

from core.base.errors import JobError
from core.commands.output import ProgressLine, print_json, print_table

if TYPE_CHECKING:
    from core.jobs.job import Job

# A cancelled job ends within so many seconds, by a kill if need be.
_CANCEL_SECONDS = 6.0


def add_commands(commands: Any) -> None:
    jobs = commands.add_parser("jobs", help="background jobs: list, show, cancel, run again")
    family = jobs.add_subparsers(title="commands", required=True, metavar="COMMAND")
    listing = family.add_parser(
        "list", help="all jobs, newest first", epilog="example: python -m core jobs list --json"
    )
    listing.set_defaults(handler=show_list)
    named = {
        "show": (show_job, "one job, with the end of its log"),
        "cancel": (cancel_job, "stop a job that waits or runs"),
        "again": (repeat_job, "the same work as a new job"),
    }
    commands_of = [listing]
    for name, (handler, help_text) in named.items():
        command = family.add_parser(
            name,
            help=help_text,
            epilog=f"example: python -m core jobs {name} 20261124-213000123456-0a1b2c",
        )
        command.add_argument("id", metavar="ID")
        command.set_defaults(handler=handler)
        commands_of.append(command)
    for command in commands_of:
        command.add_argument("--json", action="store_true", help="print one JSON document")

    work = commands.add_parser(
        "work",
        help="do one submitted job (what a job's own process runs)",
        epilog="example: python -m core work 20261124-213000123456-0a1b2c",
    )
    work.add_argument("id", metavar="ID")
    work.add_argument("--slot", default="", help="a slot that a cluster has given already")
    work.set_defaults(handler=do_work)


def show_list(options: argparse.Namespace) -> None:
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
    from core.jobs.queue import cancel, wait_for

    cancel(options.id)
    _print_state(wait_for(options.id, seconds=_CANCEL_SECONDS), options)


def repeat_job(options: argparse.Namespace) -> None:
    from core.jobs.queue import run_again

    _print_state(run_again(options.id), options)


def do_work(options: argparse.Namespace) -> None:
    from core.jobs.worker import work

    work(options.id, slot=options.slot)


def follow(job: "Job") -> dict[str, Any]:
    """Show a job's progress until it has ended; its result. Raises JobError if it has none."""
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
