"""Rows of Parquet files, spreadsheets and databases, as a stream."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from core.articles.compressed import open_archive
from core.base.errors import DataError

_AT_ONCE = 1000
_CONNECT_SECONDS = 10


def read_parquet(path: Path) -> Iterator[dict[str, Any]]:
    """Raises DataError if the file is damaged."""
    import pyarrow
    from pyarrow import parquet

    damaged = DataError(f"{path.name} is not a Parquet file, or is damaged.")
    try:
        file = parquet.ParquetFile(path)
        for batch in file.iter_batches(batch_size=_AT_ONCE):
            for cells in batch.to_pylist():
                yield {name: _json_value(value) for name, value in cells.items()}
    except (pyarrow.ArrowException, ValueError, OverflowError):
        raise damaged from None
    except OSError as error:
        if error.errno:  # the disk's own; Arrow's have no number
            raise
        raise damaged from None


def read_xlsx(path: Path) -> Iterator[tuple[int, list[str], list[str]]]:
    """Line, column names and texts of each row of the first sheet; formulas by their last value.

    Raises DataError if the file is damaged or a trap.
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
        yield from _sheet_rows(path, book.worksheets[0].iter_rows(values_only=True))
    except DataError:
        raise
    except Exception:
        raise _damaged(path) from None
    finally:
        book.close()


def _sheet_rows(
    path: Path, rows: Iterator[tuple[Any, ...]]
) -> Iterator[tuple[int, list[str], list[str]]]:
    names: list[str] = []
    for number, values in enumerate(rows, start=1):
        texts = [as_text(value) for value in values]
        if not any(texts):
            continue
        if not names:
            names = texts
            while names and not names[-1]:
                names.pop()
            continue
        padded = [*texts, *[""] * len(names)][: len(names)]
        yield number, names, padded


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
    from sqlalchemy import create_engine, make_url, text
    from sqlalchemy.exc import ArgumentError, SQLAlchemyError
    from sqlalchemy.pool import NullPool

    try:
        address = make_url(url)
        engine = create_engine(_read_only(address), poolclass=NullPool)
    except (ArgumentError, ImportError, ValueError):
        raise DataError(
            "This is not the address of a database. Write sqlite:///FILE or "
            "postgresql://USER:PASSWORD@HOST/NAME."
        ) from None
    try:
        with engine.connect() as connection:
            wanted = query.strip() or _only_table(engine, str(address.database))
            options = {"stream_results": True, "max_row_buffer": _AT_ONCE}
            for row in connection.execution_options(**options).execute(text(wanted)).mappings():
                yield {str(name): _plain(value) for name, value in row.items()}
    except SQLAlchemyError as error:
        reason = str(getattr(error, "orig", None) or error).strip().splitlines()[0][:200]
        raise DataError(
            f"The database refused: {reason}. Check the address and the query."
        ) from None
    except UnicodeDecodeError:
        raise DataError("The database holds text that is not UTF-8.") from None


def _read_only(address: Any) -> Any:
    """An import changes nothing, and makes no new SQLite file of a misspelt name."""
    if address.get_backend_name() != "sqlite":
        return address
    path = Path(str(address.database or ""))
    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}. Check the path.")
    return address.set(
        drivername="sqlite", database=f"file:{path.resolve()}", query={"mode": "ro", "uri": "true"}
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
