"""Write a data set to a file that a person or another program reads."""

import gzip
import io
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from core.articles.formats.cells import COLUMNS, ListColumn, cell_of
from core.articles.formats.rows import read_rows
from core.articles.store.sets import source_path
from core.base.errors import DataError
from core.base.files import csv_line, replacing

ENDINGS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")
_LISTS = ("tags", "creators")
_AT_ONCE = 1000


def export_articles(name: str, target: Path) -> int:
    """Write the current version of a set in the format of the target's name; how many articles.

    Imported again, every format gives the same articles. In CSV, no cell is a formula to a
    spreadsheet; tags and creators are parted by semicolons, or are JSON lists throughout if one
    of them would be read otherwise. The target appears whole. Raises DataError for an unknown
    set or format, and for a row that cannot be read.
    """
    ending = target.name.lower()
    if not ending.endswith(ENDINGS):
        raise DataError(f"{target.name!r} cannot be written: name a file in {', '.join(ENDINGS)}.")
    source = source_path(name)
    with replacing(target) as partial:
        if ending.endswith(".parquet"):
            return _write_parquet(partial, _records(source))
        line_of = _csv_lines(source) if ".csv" in ending else _json_line
        header = line_of(dict(zip(COLUMNS, COLUMNS, strict=True))) if ".csv" in ending else ""
        return _write_text(partial, source, header, line_of, gzipped=ending.endswith(".gz"))


def _records(path: Path) -> Iterator[dict[str, Any]]:
    for row in read_rows(path, encoding="utf-8"):
        if row.cells is None:
            raise DataError(f"{path.name}, line {row.line} {row.problem}. Nothing was written.")
        yield row.cells


def _write_text(
    partial: Path,
    source: Path,
    header: str,
    line_of: Callable[[Mapping[str, Any]], str],
    *,
    gzipped: bool,
) -> int:
    count = 0
    with _open_text(partial, gzipped=gzipped) as out:
        out.write(header)
        for count, record in enumerate(_records(source), start=1):  # noqa: B007
            out.write(line_of(record))
    return count


def _json_line(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False) + "\n"


def _csv_lines(source: Path) -> Callable[[Mapping[str, Any]], str]:
    """How an article of this source is written as a line: its lists are read once before."""
    columns = {name: ListColumn() for name in _LISTS}
    for record in _records(source):
        for name, column in columns.items():
            column.see(record.get(name) or ())
    semicolons = {name: column.has_semicolons for name, column in columns.items()}

    def line_of(record: Mapping[str, Any]) -> str:
        return csv_line(
            cell_of(record.get(name, ""), semicolons=semicolons.get(name, True)) for name in COLUMNS
        )

    return line_of


def _write_parquet(partial: Path, records: Iterator[dict[str, Any]]) -> int:
    import pyarrow
    from pyarrow import parquet

    kinds = [pyarrow.list_(pyarrow.string()) if n in _LISTS else pyarrow.string() for n in COLUMNS]
    schema = pyarrow.schema(list(zip(COLUMNS, kinds, strict=True)))
    count, batch = 0, []
    with parquet.ParquetWriter(partial, schema) as writer:
        for record in records:
            batch.append({name: record.get(name) for name in COLUMNS})
            count += 1
            if len(batch) == _AT_ONCE:
                writer.write_table(pyarrow.Table.from_pylist(batch, schema))
                batch = []
        writer.write_table(pyarrow.Table.from_pylist(batch, schema))
    return count


@contextmanager
def _open_text(path: Path, *, gzipped: bool) -> Iterator[TextIO]:
    with (
        gzip.open(path, "wb") if gzipped else path.open("wb") as raw,
        io.TextIOWrapper(raw, encoding="utf-8", newline="") as out,
    ):
        yield out
