"""Rows of a file, one at a time, whatever its format: constant memory, line numbers kept."""

import csv
import gzip
import io
import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

from charset_normalizer import from_bytes

from core.base.errors import DataError

_GUESS_BYTES = 64 * 1024
_MAX_CELL = 16 * 1024 * 1024
FORMATS = ".jsonl, .csv, .tsv (each also .gz) or .parquet"


@dataclass(frozen=True)
class Row:
    """A row's line number in the file (1-based) and its cells, or why it could not be read."""

    line: int
    cells: dict[str, Any] | None
    problem: str = ""


def read_rows(path: Path, *, encoding: str = "utf-8") -> Iterator[Row]:
    """Stream the rows of a JSON Lines, CSV, TSV or Parquet file.

    Raises DataError if the file is missing, empty, of an unknown format, damaged,
    or not in `encoding`.
    """
    reader = _reader_of(path)
    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}. Check the path.")
    if path.stat().st_size == 0:
        raise DataError(f"{path.name} is empty. It should hold one article a line.")
    try:
        yield from reader(path, encoding)
    except UnicodeError:
        raise DataError(_wrong_encoding(path, encoding)) from None
    except (gzip.BadGzipFile, EOFError, zlib.error):
        raise DataError(f"{path.name} is damaged or not gzip. Compress it again.") from None
    except OSError as error:
        raise DataError(f"{path.name} cannot be read: {error.strerror}.") from None
    except LookupError:
        raise DataError(f"Unknown encoding {encoding!r}. Try utf-8, gb18030 or cp1252.") from None


def count_lines(path: Path) -> int:
    """Line of the last row at most, for progress; reads text once without parsing it.

    Raises DataError as read_rows does.
    """
    if _reader_of(path) is _read_parquet:
        return sum(1 for _ in read_rows(path))
    try:
        with _open(path) as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) + 1
    except (OSError, EOFError, zlib.error):
        return 1  # read_rows says what is wrong with it


def has_header(path: Path) -> bool:
    """Whether the file's format gives every row the same columns."""
    return _reader_of(path) is not _read_jsonl


def _reader_of(path: Path) -> Callable[[Path, str], Iterator[Row]]:
    name = path.name.lower().removesuffix(".gz")
    for ending, reader in _READERS.items():
        if name.endswith(ending):
            return reader
    raise DataError(f"Cannot tell the format of {path.name!r}: its name should end in {FORMATS}.")


def _open(path: Path) -> BinaryIO:
    if path.name.lower().endswith(".gz"):
        return cast(BinaryIO, gzip.open(path))
    return path.open("rb")


def _lines(path: Path, encoding: str) -> io.TextIOWrapper:
    # "-sig" drops the byte order mark that spreadsheets write.
    name = "utf-8-sig" if encoding.lower().replace("_", "-") in ("utf-8", "utf8") else encoding
    return io.TextIOWrapper(_open(path), encoding=name, newline="")


def _read_jsonl(path: Path, encoding: str) -> Iterator[Row]:
    with _lines(path, encoding) as lines:
        for number, line in enumerate(lines, start=1):
            if line.strip():
                yield _jsonl_row(number, line)


def _jsonl_row(number: int, line: str) -> Row:
    try:
        cells = json.loads(line)
    except (ValueError, RecursionError):
        return Row(number, None, "is not JSON")
    if not isinstance(cells, dict):
        return Row(number, None, "is not a JSON object")
    return Row(number, cells)


def _read_csv(path: Path, encoding: str) -> Iterator[Row]:
    delimiter = "\t" if ".tsv" in path.name.lower() else ","
    csv.field_size_limit(_MAX_CELL)
    with _lines(path, encoding) as lines:
        reader = csv.reader(lines, delimiter=delimiter, strict=True)
        header: list[str] | None = None
        start = 1
        try:
            for cells in reader:
                if cells and header is None:
                    header = _header(path, cells)
                elif cells and header:
                    yield _csv_row(start, header, cells)
                start = reader.line_num + 1
        except csv.Error as error:
            yield Row(start, None, f"is not CSV ({error})")


def _header(path: Path, cells: list[str]) -> list[str]:
    names = [name.strip() for name in cells]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise DataError(f"{path.name} has two columns {twice[0]!r}. Give each its own name.")
    return names


def _csv_row(line: int, header: list[str], cells: list[str]) -> Row:
    if len(cells) != len(header):
        return Row(line, None, f"has {len(cells)} cells, the header has {len(header)}")
    return Row(line, dict(zip(header, cells, strict=True)))


def _read_parquet(path: Path, encoding: str) -> Iterator[Row]:
    import pyarrow
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except pyarrow.ArrowInvalid:
        raise DataError(f"{path.name} is not a Parquet file, or is damaged.") from None
    number = 0
    for batch in file.iter_batches(batch_size=1000):
        for cells in batch.to_pylist():
            number += 1
            yield Row(number, cells)


_READERS: dict[str, Callable[[Path, str], Iterator[Row]]] = {
    ".jsonl": _read_jsonl,
    ".ndjson": _read_jsonl,
    ".csv": _read_csv,
    ".tsv": _read_csv,
    ".parquet": _read_parquet,
}


def _wrong_encoding(path: Path, encoding: str) -> str:
    try:
        with _open(path) as file:
            best = from_bytes(file.read(_GUESS_BYTES)).best()
    except (OSError, EOFError, zlib.error):
        best = None
    guess = best.encoding if best and best.encoding != encoding else None
    looks = f" It looks like {guess}." if guess else ""
    return (
        f"{path.name} is not {encoding.upper()} text.{looks} Save it as UTF-8, or name its "
        f"encoding (--encoding {guess or 'NAME'})."
    )
