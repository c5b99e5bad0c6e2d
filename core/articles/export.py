"""Write a data set to a file that a person or another program reads."""

import csv
import gzip
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from core.articles.article import Article
from core.articles.rows import read_rows
from core.articles.sets import source_path
from core.base.errors import DataError
from core.base.files import inert_cell, replacing

ENDINGS = (".jsonl", ".jsonl.gz", ".csv", ".csv.gz", ".parquet")
_COLUMNS = tuple(Article.model_fields)
_AT_ONCE = 1000


def export_articles(name: str, target: Path) -> int:
    """Write the current version of a set in the format of the target's name; how many articles.

    In CSV, tags are parted by semicolons and no cell is a formula to a spreadsheet. The target
    appears whole. Raises DataError for an unknown set or format, and for a row that cannot be read.
    """
    ending = target.name.lower()
    if not ending.endswith(ENDINGS):
        raise DataError(f"{target.name!r} cannot be written: name a file in {', '.join(ENDINGS)}.")
    records = _records(source_path(name))
    write = _write_parquet if ending.endswith(".parquet") else _write_text
    with replacing(target) as partial:
        return write(partial, records, ending)


def _records(path: Path) -> Iterator[dict[str, Any]]:
    for row in read_rows(path, encoding="utf-8"):
        if row.cells is None:
            raise DataError(f"{path.name}, line {row.line} {row.problem}. Nothing was written.")
        yield row.cells


def _write_text(partial: Path, records: Iterator[dict[str, Any]], ending: str) -> int:
    count = 0
    with _open_text(partial, gzipped=ending.endswith(".gz")) as out:
        writer = csv.writer(out, lineterminator="\n") if ".csv" in ending else None
        if writer:
            writer.writerow(_COLUMNS)
        for count, record in enumerate(records, start=1):  # noqa: B007
            if writer:
                writer.writerow([inert_cell(_flat(record.get(name, ""))) for name in _COLUMNS])
            else:
                out.write(json.dumps(record, ensure_ascii=False) + "\n")
    return count


def _write_parquet(partial: Path, records: Iterator[dict[str, Any]], ending: str) -> int:
    import pyarrow
    from pyarrow import parquet

    lists = ("tags", "creators")
    kinds = [pyarrow.list_(pyarrow.string()) if n in lists else pyarrow.string() for n in _COLUMNS]
    schema = pyarrow.schema(list(zip(_COLUMNS, kinds, strict=True)))
    count, batch = 0, []
    with parquet.ParquetWriter(partial, schema) as writer:
        for record in records:
            batch.append({name: record.get(name) for name in _COLUMNS})
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


def _flat(value: Any) -> Any:
    return "; ".join(map(str, value)) if isinstance(value, list) else value
