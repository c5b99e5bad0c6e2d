"""Tags for a whole file."""

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.commands.options import add_command
from core.commands.output import ProgressLine, print_json
from core.commands.reading import options_of, reading_options


def add_commands(commands: Any) -> None:
    """Add `tag` to the command line."""
    tag = add_command(
        commands,
        "tag",
        tag_file,
        "tag every article of a file",
        "tag posts.csv tagged.csv",
        parents=[reading_options(keeps_bad_rows=True, reads_tags=False)],
    )
    tag.add_argument("source", type=Path, metavar="INPUT", help="articles; tags are not needed")
    tag.add_argument("target", type=Path, metavar="OUTPUT", help="a .jsonl or .csv, also .gz")
    tag.add_argument("--run", metavar="ID", help="which run's model (default: the best newest)")
    tag.add_argument(
        "--engine", choices=("local", "ray"), help="as a job on this engine instead of here"
    )


def tag_file(options: argparse.Namespace) -> None:
    """Tag every article of a file, here or as a job, and print how many need a look."""
    found = _as_job(options) if options.engine else _here(options)
    if options.json:
        print_json(found)
        return
    print(found["reading"])
    for note in found["notes"]:
        print(note)
    bad = f", {found['bad_rows']:,} of them no articles" if found["bad_rows"] else ""
    print(
        f"{found['rows']:,} rows{bad}; {found['needs_a_look']:,} need a look. "
        f"Written to {options.target}"
    )


def _here(options: argparse.Namespace) -> dict[str, Any]:
    from core.suggest.bulk import tag_file
    from core.suggest.suggester import load_suggester

    suggester = load_suggester(options.run, ProgressLine())
    if suggester.warning:
        print(suggester.warning, file=sys.stderr)
    found = tag_file(
        options.source, options.target, suggester, options_of(options), progress=ProgressLine()
    )
    return asdict(found)


def _as_job(options: argparse.Namespace) -> dict[str, Any]:
    from core.commands.jobs import follow
    from core.jobs.queue import submit
    from core.jobs.tasks import TagTask

    reading = options_of(options)
    task = TagTask(
        source=str(options.source.resolve()),
        target=str(options.target.resolve()),
        run=options.run,
        columns=dict(reading.columns),
        encoding=reading.encoding,
    )
    return follow(submit(task, engine=options.engine))
