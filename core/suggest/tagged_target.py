"""The file that tagging writes: each row as it came, and behind it what was found."""

import gzip
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import Any

from core.articles.formats.cells import TAGGED, ListColumn, cell_of
from core.articles.formats.row import Row
from core.base.files import csv_line, read_json


class TargetColumns:
    """The columns of all rows, in order of appearance, and free names for those that are added."""

    def __init__(self, tags: Iterable[str]) -> None:
        """tags: those that may be suggested."""
        self._own: dict[str, None] = {}
        self._newest: frozenset[str] = frozenset()
        self._lists = {"suggested_tags": ListColumn()}
        self._lists["suggested_tags"].see(list(tags))
        self._own_lists: dict[str, ListColumn] = {}

    def see(self, rows: Sequence[Row]) -> None:
        """Take up the columns of some more rows."""
        for row in rows:
            cells = row.cells or {}
            if cells.keys() != self._newest:
                self._newest = frozenset(cells)
                self._own.update(dict.fromkeys(cells))
            for name, value in cells.items():
                if isinstance(value, list):
                    self._own_lists.setdefault(name, ListColumn()).see(value)

    @cached_property
    def added(self) -> dict[str, str]:
        """What is added -> its column, which no row has; asked once all rows were seen."""
        return {name: self._free(name) for name in TAGGED}

    def _free(self, name: str) -> str:
        number, free = 1, name
        while free in self._own:
            number += 1
            free = f"{name}_{number}"
        return free

    @property
    def notes(self) -> tuple[str, ...]:
        """A sentence on every added column that got another name."""
        renamed = [(name, free) for name, free in self.added.items() if name != free]
        return tuple(
            f"The file has a column {name!r} of its own: what tagging adds is in {free!r}."
            for name, free in renamed
        )

    def json_line(self, record: Mapping[str, Any]) -> str:
        """One row as a line of JSON. record: its own cells, and what is added."""
        names = self.added
        added = {names[name]: value for name, value in record["added"].items()}
        return json.dumps(record["cells"] | added, ensure_ascii=False) + "\n"

    def csv_header(self) -> str:
        """The line of column names."""
        return csv_line([*self._own, *self.added.values()])

    def csv_line(self, record: Mapping[str, Any]) -> str:
        """One row as a line of CSV. record: its own cells, and what is added."""
        cells, added = record["cells"], record["added"]
        own = [_cell(cells.get(name, ""), self._own_lists.get(name)) for name in self._own]
        return csv_line(own + [_cell(added[name], self._lists.get(name)) for name in TAGGED])


def _cell(value: Any, column: ListColumn | None) -> Any:
    return cell_of(value, semicolons=column is None or column.has_semicolons)


def write_target(
    target: Path,
    parts: Sequence[Path],
    columns: TargetColumns,
    count: Callable[[Mapping[str, Any]], None],
) -> None:
    """Join the parts into the target, which appears whole.

    count: called with what was added to each row.
    """
    partial = target.with_name(f".{target.name}.partial")
    as_csv = ".csv" in target.name.lower()
    line_of = columns.csv_line if as_csv else columns.json_line
    with _open_text(partial, gzipped=target.name.lower().endswith(".gz")) as out:
        out.write(columns.csv_header() if as_csv else "")
        for path in parts:
            for record in read_json(path):
                out.write(line_of(record))
                count(record["added"])
    partial.replace(target)


@contextmanager
def _open_text(path: Path, *, gzipped: bool) -> Iterator[io.TextIOBase]:
    if not gzipped:
        with path.open("w", encoding="utf-8", newline="") as out:
            yield out
        return
    # Without the time of day in its header, the same rows make the same file.
    with (
        path.open("wb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", mtime=0, filename="") as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as out,
    ):
        yield out
