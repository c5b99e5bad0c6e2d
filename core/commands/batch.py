"""Several experiments at once: the study's family, and sweeps of a setting."""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands.exit_codes import DONE, USER_CAN_FIX
from core.commands.output import ProgressLine, print_json, print_records, print_table
from core.commands.reading import source_reader

if TYPE_CHECKING:
    from core.commands.run_jobs import Submitted
    from core.runs.batch import Entry


def run_batch(options: argparse.Namespace, entries: "Sequence[Entry]") -> int:
    """Run them here or as jobs, and show what came of them; or only say which jobs they are."""
    from core.commands.run_jobs import follow_all, submit_all

    if options.detach or options.engine:
        submitted = submit_all(entries, options)
        if options.detach:
            return _say_jobs(submitted, options)
        done = follow_all(submitted)
    else:
        done = _run_here(entries, options)
    if options.chart:
        _write_chart(done, options.chart)
    if options.json:
        print_json([_entry_json(entry) for entry in done])
    elif options.sweep:
        _print_sweep(done, options)
    else:
        _print_family(done, options)
    return _say_failures(done, silent=options.json)


def _run_here(entries: "Sequence[Entry]", options: argparse.Namespace) -> "list[Entry]":
    from core.runs.batch import run_entries
    from core.runs.store import RunStore

    read = source_reader(options)
    if len({entry.config.data.sources for entry in entries}) == 1:
        read(entries[0].config.data.sources)  # what no entry can read is said once
    number = 0

    def on_start(entry: "Entry") -> None:
        nonlocal number
        number += 1
        print(f"{number} of {len(entries)}: {entry.name}", file=sys.stderr, flush=True)

    return list(
        run_entries(
            entries,
            RunStore(),
            read=read,
            progress=ProgressLine(),
            again=options.again,
            on_start=on_start,
        )
    )


def _say_jobs(submitted: "Sequence[Submitted]", options: argparse.Namespace) -> int:
    if options.json:
        print_json(
            [
                _label_json(entry) | ({"job": job.id} if job else {"job": None, "error": error})
                for entry, job, error in submitted
            ]
        )
    else:
        print_table(
            ("job", "what"), [(job.id if job else "", entry.name) for entry, job, _ in submitted]
        )
        print("\nFollow them with: python -m core jobs list")
    return _say_failures(
        [replace(entry, error=error) for entry, _, error in submitted], silent=options.json
    )


def _print_family(entries: "Sequence[Entry]", options: argparse.Namespace) -> None:
    from core.runs.batch import published_row, result_row, step_row
    from core.study.presets import preset_named
    from core.study.published import PUBLISHED_NOTE

    records: list[dict[str, Any]] = []
    for entry in entries:
        published = published_row(preset_named(entry.label["preset"]))
        if published:
            records.append(
                {"experiment": f"{entry.label['preset']} ({PUBLISHED_NOTE})"} | published
            )
        measured = result_row(entry.run) if entry.run else {}
        records.append({"experiment": entry.name} | measured)
    print_records(records, markdown=options.markdown)
    print("\ntime and memory of each step")
    steps = [{"experiment": e.name} | step_row(e.run) for e in entries if e.run]
    print_records(steps, markdown=options.markdown)


def _print_sweep(entries: "Sequence[Entry]", options: argparse.Namespace) -> None:
    from core.runs.batch import result_row

    records = [
        dict(entry.label) | result_row(entry.run) | {"run": entry.run.id}
        for entry in entries
        if entry.run
    ]
    print_records(records, markdown=options.markdown)


def _label_json(entry: "Entry") -> dict[str, Any]:
    """What a sweep changes, and the preset."""
    return dict(entry.label) | {"preset": entry.config.preset}


def _entry_json(entry: "Entry") -> dict[str, Any]:
    found = _label_json(entry)
    if entry.run:
        return found | {"run": entry.run.id, "report": entry.run.report.as_json()}
    return found | {"run": None, "report": None, "error": entry.error}


def _say_failures(entries: "Sequence[Entry]", *, silent: bool) -> int:
    """The exit code; each failure is a line unless a document has said it."""
    failed = [entry for entry in entries if entry.error]
    for entry in () if silent else failed:
        print(f"{entry.name} did not run: {entry.error}", file=sys.stderr)
    return USER_CAN_FIX if failed else DONE


def _write_chart(entries: "Sequence[Entry]", path: Path) -> None:
    from core.evaluate.sweep_chart import sweep_chart
    from core.runs.batch import result_row

    done = [(dict(entry.label), result_row(entry.run)) for entry in entries if entry.run]
    path.write_text(sweep_chart(done).to_html(include_plotlyjs=True), encoding="utf-8")
    print(f"Chart: {path}", file=sys.stderr)
