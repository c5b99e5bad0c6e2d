"""What commands print: JSON for machines, aligned tables and progress for people."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from core.base.progress import Clock


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def print_table(
    header: Sequence[str], rows: Sequence[Sequence[object]], *, markdown: bool = False
) -> None:
    """Aligned columns: numbers to the right with three decimals, text to the left."""
    cells = [[_cell(value) for value in row] for row in rows]
    if markdown:
        for line in (list(header), ["---"] * len(header), *cells):
            print("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |")
        return
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    numeric = [
        all(value is None or isinstance(value, int | float) for value in column)
        for column in zip(*(rows or [header]), strict=True)
    ]
    for line in [list(header), *cells]:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        )
        print("  ".join(padded).rstrip())


def print_records(records: Sequence[Mapping[str, object]], *, markdown: bool = False) -> None:
    """A table with a column for every name in any of the records, in order of appearance."""
    header = list(dict.fromkeys(name for record in records for name in record))
    rows = [[record.get(name) for name in header] for record in records]
    print_table(header, rows, markdown=markdown)


class ProgressLine:
    """Progress on standard error: one line rewritten on a terminal, a line each 10 s elsewhere.

    The time left is that of the step, from its own start.
    """

    def __init__(self) -> None:
        self._clock = Clock()
        self._last_shown = 0.0
        self._step, self._done = "", 0
        self._terminal = sys.stderr.isatty()

    def __call__(self, step: str, done: int, total: int, unit: str) -> None:
        if not total:
            return
        if step != self._step or done < self._done:
            self._clock, self._last_shown = Clock(), 0.0
        self._step, self._done = step, done
        now = self._clock.seconds
        if now - self._last_shown < (0.1 if self._terminal else 10.0) and done < total:
            return
        self._last_shown = now
        line = f"{step}: {self._clock.state(done, total, unit)}"
        if self._terminal:
            line = f"\r{line:<70}"
        print(
            line,
            end="\n" if done == total or not self._terminal else "",
            file=sys.stderr,
            flush=True,
        )


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def says_yes(question: str) -> bool:
    """Ask a person; no where none sits at the keyboard."""
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
