"""Rows of Parquet files and of Excel workbooks, as a stream."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

from core.articles.formats.compressed import open_archive
from core.articles.formats.headers import Header, require_columns
from core.articles.formats.row import Row, SourceFacts
from core.base.errors import DataError

_AT_ONCE = 1000
_LAST_ROW = 1_048_576
_MOST_NAMED = 8
# Characters that XML does not allow are written so, and the sign itself as _x005F_ (ECMA-376,
# part 1, 22.9.2.19, ST_Xstring); half a character stays as it is written.
_ESCAPED = re.compile("_x((?![Dd][89A-Fa-f])[0-9A-Fa-f]{4})_")


def read_parquet(path: Path, facts: SourceFacts) -> Iterator[Row]:
    """The rows of a Parquet file. Raises DataError if it is damaged."""
    import pyarrow
    from pyarrow import parquet

    damaged = DataError(f"{path.name} is not a Parquet file, or is damaged.")
    number = 0
    try:
        file = parquet.ParquetFile(path)
        require_columns(path.name, file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=_AT_ONCE):
            for cells in batch.to_pylist():
                number += 1
                yield Row(number, {n: _json_value(v) for n, v in cells.items()}, has_header=True)
    except (pyarrow.ArrowException, ValueError, OverflowError):
        raise damaged from None
    except OSError as error:
        if error.errno:  # the disk's own; Arrow's have no number
            raise
        raise damaged from None


def read_xlsx(path: Path, facts: SourceFacts) -> Iterator[Row]:
    """The rows of the first visible sheet that has any, formulas by their last value.

    facts: gets a note where there are other sheets. Raises DataError if the file is damaged or a
    trap.
    """
    from openpyxl import load_workbook

    damaged = DataError(
        f"{path.name} is not an Excel workbook (.xlsx), or is damaged. Save it anew."
    )
    with open_archive(path):
        pass  # its members are checked: a workbook is a zip
    # openpyxl has no error of its own for a damaged workbook: whatever its XML leads to is raised.
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    except Exception:
        raise damaged from None
    try:
        rows = _first_filled_sheet(path, book, facts.notes)
        if first := next(rows, None):
            header = Header(path.name, first[1], ragged=True)
            yield from (header.row(number, cells) for number, cells in rows)
    except DataError:
        raise
    except Exception:
        raise damaged from None
    finally:
        book.close()


def _first_filled_sheet(path: Path, book: Any, notes: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Number and texts of each row that is not empty."""
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in shown or book.worksheets:
        rows = _sheet_rows(path, sheet)
        first = next(rows, None)
        if first is None:
            continue
        names = [
            f"{other.title[:40]!r}{'' if other.sheet_state == 'visible' else ' (hidden)'}"
            for other in book.worksheets
            if other is not sheet
        ]
        if names:
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            notes.append(
                f"Only the sheet {sheet.title[:40]!r} was read, and not "
                f"{', '.join(names[:_MOST_NAMED])}{more}. Save another as a file of its own."
            )
        yield first
        yield from rows
        return


def _sheet_rows(path: Path, sheet: Any) -> Iterator[tuple[int, list[str]]]:
    # The size that a sheet states is often smaller than what it holds: read all there is.
    sheet.reset_dimensions()
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > _LAST_ROW:
            raise DataError(
                f"{path.name} has a row beyond {_LAST_ROW:,}, more than a sheet can have."
            )
        texts = [_ESCAPED.sub(lambda code: chr(int(code[1], 16)), as_text(v)) for v in values]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def as_text(value: Any) -> str:
    """A cell as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value.isoformat() if isinstance(value, date) else str(value)


def _json_value(value: Any) -> Any:
    """The value, or the text for what JSON has no form for: days, bytes, decimals."""
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if isinstance(value, list):
        return [_json_value(element) for element in value]
    if isinstance(value, dict):
        return {str(name): _json_value(element) for name, element in value.items()}
    if isinstance(value, bytes):
        return value.decode("utf-8", errors="replace")
    return as_text(value)
