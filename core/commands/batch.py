"""Several experiments at once: the study's family, and sweeps of a setting."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from core.commands.output import ProgressLine, print_json, print_records
from core.commands.reading import reading_arguments

if TYPE_CHECKING:
    from core.runs.batch import Entry
    from core.runs.config import ExperimentConfig


def run_family(options: argparse.Namespace) -> int:
    from core.runs.batch import family_entries, published_row, result_row, step_row
    from core.runs.presets import preset_named
    from core.runs.published import PUBLISHED_NOTE

    entries = _run_all(family_entries(options.data, options.assignments), options)
    if options.json:
        print_json([_entry_json(entry) for entry in entries])
        return _exit_code(entries)
    records: list[dict[str, Any]] = []
    for entry in entries:
        published = published_row(preset_named(entry.label["preset"]))
        if published:
            records.append(
                {"experiment": f"{entry.label['preset']} ({PUBLISHED_NOTE})"} | published
            )
        measured = result_row(entry.run) if entry.run else {}
        records.append({"experiment": _name_of(entry)} | measured)
    print_records(records, markdown=options.markdown)
    print("\ntime and memory of each step")
    steps = [{"experiment": _name_of(e)} | step_row(e.run) for e in entries if e.run]
    print_records(steps, markdown=options.markdown)
    return _say_failures(entries)


def run_sweep(options: argparse.Namespace, base: "ExperimentConfig") -> int:
    from core.runs.batch import result_row, sweep_entries

    entries = _run_all(sweep_entries(base, options.sweep), options)
    if options.chart:
        _write_chart(entries, options.chart)
    if options.json:
        print_json([dict(entry.label) | _entry_json(entry) for entry in entries])
        return _exit_code(entries)
    records = [
        dict(entry.label) | result_row(entry.run) | {"run": entry.run.id}
        for entry in entries
        if entry.run
    ]
    print_records(records, markdown=options.markdown)
    return _say_failures(entries)


def _run_all(entries: "Sequence[Entry]", options: argparse.Namespace) -> "list[Entry]":
    from core.articles.sets import read_sources
    from core.runs.batch import run_entries
    from core.runs.store import RunStore

    articles = read_sources(entries[0].config.data.sources, **reading_arguments(options))
    number = 0

    def on_start(entry: "Entry") -> None:
        nonlocal number
        number += 1
        print(f"{number} of {len(entries)}: {_name_of(entry)}", file=sys.stderr, flush=True)

    return list(
        run_entries(
            entries,
            RunStore(),
            articles,
            progress=ProgressLine(),
            again=options.again,
            on_start=on_start,
        )
    )


def _name_of(entry: "Entry") -> str:
    """The preset and its encoder, or "setting=value, ..." of a sweep."""
    if list(entry.label) != ["preset"]:
        return ", ".join(f"{name}={value}" for name, value in entry.label.items())
    return entry.run.recipe if entry.run else str(entry.label["preset"])


def _entry_json(entry: "Entry") -> dict[str, Any]:
    found = {"preset": entry.config.preset}
    if entry.run:
        return found | {"run": entry.run.id, "report": entry.run.report}
    return found | {"run": None, "report": None, "error": entry.error}


def _say_failures(entries: "Sequence[Entry]") -> int:
    for entry in entries:
        if entry.error:
            print(f"{_name_of(entry)} did not run: {entry.error}", file=sys.stderr)
    return _exit_code(entries)


def _exit_code(entries: "Sequence[Entry]") -> int:
    from core.commands.main import DONE, USER_CAN_FIX

    return USER_CAN_FIX if any(entry.error for entry in entries) else DONE


def _write_chart(entries: "Sequence[Entry]", path: Path) -> None:
    from core.evaluate.sweep_chart import sweep_chart
    from core.runs.batch import result_row

    done = [(dict(entry.label), result_row(entry.run)) for entry in entries if entry.run]
    path.write_text(sweep_chart(done).to_html(include_plotlyjs=True), encoding="utf-8")
    print(f"Chart: {path}", file=sys.stderr)
