"""What commands print: JSON for machines, aligned tables and progress for people."""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from core.base.progress import Clock

# Between two lines of progress where there is no terminal to draw a bar on.
_LINE_SECONDS = 10.0


def print_json(value: Any) -> None:
    """Print a value as one JSON document on standard output."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def print_table(
    header: Sequence[str], rows: Sequence[Sequence[object]], *, markdown: bool = False
) -> None:
    """Print aligned columns: numbers to the right with three decimals, text to the left."""
    cells = [tuple(map(_cell, row)) for row in rows]
    if markdown:
        from core.evaluate.export import Table, to_markdown

        print(to_markdown(Table(tuple(header), tuple(cells))), end="")
        return
    # Not tabulate: it rewrites texts that look like numbers, and Markdown cells that hold a |
    # need our own escaping all the same.
    widths = [max(map(len, column)) for column in zip(header, *cells, strict=True)]
    numeric = [
        all(value is None or isinstance(value, int | float) for value in column)
        for column in zip(*(rows or [header]), strict=True)
    ]
    for line in [header, *cells]:
        padded = (
            cell.rjust(width) if right else cell.ljust(width)
            for cell, width, right in zip(line, widths, numeric, strict=True)
        )
        print("  ".join(padded).rstrip())


def print_records(records: Sequence[Mapping[str, object]], *, markdown: bool = False) -> None:
    """Print a table with a column for every name in any of the records, in order of appearance."""
    header = list(dict.fromkeys(name for record in records for name in record))
    rows = [[record.get(name) for name in header] for record in records]
    print_table(header, rows, markdown=markdown)


class ProgressLine:
    """Progress on standard error: a bar on a terminal, a line each 10 s elsewhere.

    The time left is that of the step, from its own start.
    """

    def __init__(self) -> None:
        self._step, self._done, self._shown = "", 0, 0.0
        self._clock = Clock()
        self._bar: Any = None

    def __call__(self, step: str, done: int, total: int, unit: str) -> None:
        """Show how far the step is; see core.base.progress.Progress."""
        if not total:
            return
        if step != self._step or done < self._done:
            self._begin(step, total, unit)
        if self._bar is not None:
            self._bar.total = total
            self._bar.update(done - self._done)
            if done == total:
                self._bar.close()
        elif done == total or self._clock.seconds - self._shown >= _LINE_SECONDS:
            self._shown = self._clock.seconds
            state = self._clock.state(done, total, unit)
            print(f"{step}: {state}", file=sys.stderr, flush=True)
        self._done = done

    def _begin(self, step: str, total: int, unit: str) -> None:
        self._step, self._done, self._shown = step, 0, 0.0
        self._clock = Clock()
        if self._bar is not None:
            self._bar.close()
        if sys.stderr.isatty():
            from tqdm import tqdm

            # smoothing=0: the time left comes from the mean pace of the whole step.
            self._bar = tqdm(total=total, desc=step, unit=f" {unit}", smoothing=0, leave=True)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def says_yes(question: str) -> bool:
    """Whether a person says yes to the question; no where none sits at the keyboard."""
    if not sys.stdin.isatty():
        return False
    return input(f"{question} [y/N] ").strip().lower() in ("y", "yes")
