"""Several experiments at once: the study's family, and sweeps of a setting."""

import argparse
import sys
from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands.exit_codes import DONE, USER_CAN_FIX
from core.commands.output import ProgressLine, print_json, print_records, print_table
from core.commands.reading import source_reader

if TYPE_CHECKING:
    from core.commands.run_jobs import Submitted
    from core.runs.batch import Entry


def run_batch(options: argparse.Namespace, entries: "Sequence[Entry]") -> int:
    """Run the entries here or as jobs and print their results; with --detach only the jobs' ids.

    Returns the exit code: 2 if an entry could not run, which does not stop the others.
    """
    from core.commands.run_jobs import follow_all, submit_all

    if options.detach:
        submitted = submit_all(entries, options)
        _print_jobs(submitted, options)
        return _report_failures([entry for entry, _ in submitted], options)
    if options.engine:
        done = follow_all(submit_all(entries, options))
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
    return _report_failures(done, options)


def _run_here(entries: "Sequence[Entry]", options: argparse.Namespace) -> "list[Entry]":
    from core.runs.batch import run_entries
    from core.runs.store import RunStore

    read = source_reader(options)
    if len({entry.config.data.sources for entry in entries}) == 1:
        read(entries[0].config.data.sources)  # so that unreadable sources are reported once
    numbers = count(1)

    def on_start(entry: "Entry") -> None:
        print(f"{next(numbers)} of {len(entries)}: {entry.name}", file=sys.stderr, flush=True)

    done = run_entries(
        entries,
        RunStore(),
        read=read,
        progress=ProgressLine(),
        again=options.again,
        on_start=on_start,
    )
    return list(done)


def _print_jobs(submitted: "Sequence[Submitted]", options: argparse.Namespace) -> None:
    if options.json:
        print_json(
            [
                _label_json(entry)
                | ({"job": job.id} if job else {"job": None, "error": entry.error})
                for entry, job in submitted
            ]
        )
        return
    print_table(("job", "what"), [(job.id if job else "", entry.name) for entry, job in submitted])
    print("\nFollow them with: python -m core jobs list")


def _print_family(entries: "Sequence[Entry]", options: argparse.Namespace) -> None:
    from core.runs.batch import published_row, result_row, step_row
    from core.study.presets import preset_named
    from core.study.published import PUBLISHED_NOTE

    records: list[dict[str, Any]] = []
    for entry in entries:
        preset = preset_named(entry.label["preset"])
        if published := published_row(preset):
            records.append({"experiment": f"{preset.name} ({PUBLISHED_NOTE})"} | published)
        measured = result_row(entry.run) if entry.run else {}
        records.append({"experiment": entry.name} | measured)
    print_records(records, markdown=options.markdown)
    print("\ntime and memory of each step")
    steps = [{"experiment": entry.name} | step_row(entry.run) for entry in entries if entry.run]
    print_records(steps, markdown=options.markdown)


def _print_sweep(entries: "Sequence[Entry]", options: argparse.Namespace) -> None:
    from core.runs.batch import result_row

    done = [(entry, entry.run) for entry in entries if entry.run]
    records = [dict(entry.label) | result_row(run) | {"run": run.id} for entry, run in done]
    print_records(records, markdown=options.markdown)


def _label_json(entry: "Entry") -> dict[str, Any]:
    """The settings that a sweep changes, and the preset."""
    return dict(entry.label) | {"preset": entry.config.preset}


def _entry_json(entry: "Entry") -> dict[str, Any]:
    if entry.run:
        return _label_json(entry) | {"run": entry.run.id, "report": entry.run.report.as_json()}
    return _label_json(entry) | {"run": None, "report": None, "error": entry.error}


def _report_failures(entries: "Sequence[Entry]", options: argparse.Namespace) -> int:
    """Print why entries did not run, unless the JSON document says so; the exit code."""
    failed = [entry for entry in entries if entry.error]
    for entry in () if options.json else failed:
        print(f"{entry.name} did not run: {entry.error}", file=sys.stderr)
    return USER_CAN_FIX if failed else DONE


def _write_chart(entries: "Sequence[Entry]", path: Path) -> None:
    from core.evaluate.sweep_chart import sweep_chart
    from core.runs.batch import result_row

    done = [(dict(entry.label), result_row(entry.run)) for entry in entries if entry.run]
    path.write_text(sweep_chart(done).to_html(include_plotlyjs=True), encoding="utf-8")
    print(f"Chart: {path}", file=sys.stderr)
