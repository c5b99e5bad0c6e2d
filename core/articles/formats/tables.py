"""Rows of Parquet files, spreadsheets and databases, as a stream."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.articles.formats.compressed import open_archive
from core.articles.formats.headers import require_columns
from core.base.errors import DataError

_AT_ONCE = 1000
_CONNECT_SECONDS = 10
_LAST_ROW = 1_048_576
_MOST_NAMED = 8
_HIDDEN = {"hidden": " (hidden)", "veryHidden": " (hidden)"}
# Characters that XML does not allow are written so, and the sign itself as _x005F_ (ECMA-376,
# part 1, 22.9.2.19, ST_Xstring).
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")


def read_parquet(path: Path) -> Iterator[dict[str, Any]]:
    """Raises DataError if the file is damaged."""
    import pyarrow
    from pyarrow import parquet

    damaged = DataError(f"{path.name} is not a Parquet file, or is damaged.")
    try:
        file = parquet.ParquetFile(path)
        require_columns(path.name, file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=_AT_ONCE):
            for cells in batch.to_pylist():
                yield {name: _json_value(value) for name, value in cells.items()}
    except (pyarrow.ArrowException, ValueError, OverflowError):
        raise damaged from None
    except OSError as error:
        if error.errno:  # the disk's own; Arrow's have no number
            raise
        raise damaged from None


def read_xlsx(path: Path, notes: list[str]) -> Iterator[tuple[int, list[str]]]:
    """Number and texts of each row that is not empty, of the first visible sheet that has any.

    Formulas by their last value. notes: gets a sentence where there are other sheets. Raises
    DataError if the file is damaged or a trap.
    """
    from openpyxl import load_workbook

    with open_archive(path):
        pass  # its members are checked: a workbook is a zip
    try:
        book = load_workbook(path, read_only=True, data_only=True)
    # openpyxl has no error of its own for a damaged workbook: whatever its XML leads to is raised.
    except Exception:
        raise _damaged(path) from None
    try:
        yield from _book_rows(path, book, notes)
    except DataError:
        raise
    except Exception:
        raise _damaged(path) from None
    finally:
        book.close()


def _book_rows(path: Path, book: Any, notes: list[str]) -> Iterator[tuple[int, list[str]]]:
    shown = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    for sheet in shown or book.worksheets:
        rows = _sheet_rows(path, sheet)
        first = next(rows, None)
        if first is None:
            continue
        others = [other for other in book.worksheets if other is not sheet]
        if others:
            names = [
                f"{_short(other.title)}{_HIDDEN.get(other.sheet_state, '')}" for other in others
            ]
            more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
            notes.append(
                f"Only the sheet {_short(sheet.title)} was read, and not "
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
            raise DataError(f"{path.name} has a row beyond {_LAST_ROW:,}, as no sheet can have.")
        texts = [_unescaped(as_text(value)) for value in values]
        while texts and not texts[-1]:
            texts.pop()
        if texts:
            yield number, texts


def _unescaped(text: str) -> str:
    if "_x" not in text:
        return text
    return _ESCAPED.sub(lambda found: _character(found[0], int(found[1], 16)), text)


def _character(escape: str, code: int) -> str:
    """What an escape stands for, but for half a character."""
    return escape if 0xD800 <= code < 0xE000 else chr(code)


def _short(name: str) -> str:
    return repr(name[:40])


def _damaged(path: Path) -> DataError:
    return DataError(f"{path.name} is not an Excel workbook (.xlsx), or is damaged. Save it anew.")


def as_text(value: Any) -> str:
    """A cell as a person would type it."""
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)


def is_database_url(source: str) -> bool:
    return "://" in source


def read_query(url: str, query: str) -> Iterator[dict[str, Any]]:
    """Rows of a query; of the only table where `query` is "".

    Raises DataError if the database cannot be reached or the query does not run.
    """
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        raise _no_address() from None
    if address.get_backend_name() == "sqlite":
        yield from read_sqlite(Path(str(address.database or "")), query)
    else:
        yield from _query_rows(address, query, str(address.database))


def read_sqlite(path: Path, query: str = "") -> Iterator[dict[str, Any]]:
    """As read_query, of a file of whatever name; it is not changed, nor made if it is misspelt."""
    from sqlalchemy import URL

    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}. Check the path.")
    # In the address of a file, "?" and "#" end its name and "%" begins a code.
    place = f"file:{quote(str(path.resolve()))}"
    address = URL.create("sqlite", database=place, query={"mode": "ro", "uri": "true"})
    yield from _query_rows(address, query, path.name)


def _query_rows(address: Any, query: str, name: str) -> Iterator[dict[str, Any]]:
    from sqlalchemy import create_engine, text
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        engine = create_engine(address, poolclass=NullPool)
    except (ArgumentError, ImportError, ValueError):
        raise _no_address() from None
    try:
        with engine.connect() as connection:
            wanted = query.strip() or _only_table(engine, name)
            options = {"stream_results": True, "max_row_buffer": _AT_ONCE}
            rows = connection.execution_options(**options).execute(text(wanted))
            names = [str(column) for column in rows.keys()]  # noqa: SIM118 - no dictionary
            require_columns(Path(name).name, names)
            for values in rows:
                yield dict(zip(names, map(_plain, values), strict=True))
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0][:200]
        raise DataError(
            f"The database refused: {reason}. Check the address and the query."
        ) from None
    except UnicodeDecodeError:
        raise DataError("The database holds text that is not UTF-8.") from None


def _no_address() -> DataError:
    return DataError(
        "This is not the address of a database. Write sqlite:///FILE or "
        "postgresql://USER:PASSWORD@HOST/NAME."
    )


def _only_table(engine: Any, place: str) -> str:
    from sqlalchemy import inspect

    tables = inspect(engine).get_table_names()
    if len(tables) != 1:
        shown = ", ".join(tables[:8]) or "none"
        raise DataError(
            f"{Path(place).name} has {len(tables)} tables ({shown}); say which rows with "
            '--query "SELECT ... FROM ...".'
        )
    quoted = engine.dialect.identifier_preparer.quote(tables[0])
    return f"SELECT * FROM {quoted}"


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


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return value if isinstance(value, str | list | dict | None) else as_text(value)
