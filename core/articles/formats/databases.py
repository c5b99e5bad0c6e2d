"""Rows of a database: of an SQLite file, or of a query at an address that SQLAlchemy knows."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from core.articles.formats.headers import require_columns
from core.articles.formats.row import Row
from core.articles.formats.tables import as_text
from core.base.errors import DataError

_AT_ONCE = 1000


def is_database_url(source: str) -> bool:
    """Whether a source is the address of a database, and no path."""
    return "://" in source


def read_query(url: str, query: str) -> Iterator[Row]:
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


def read_sqlite(path: Path, query: str = "") -> Iterator[Row]:
    """As read_query, of a file of whatever name; it is not changed, nor made if it is misspelt."""
    from sqlalchemy import URL

    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}. Check the path.")
    # In the address of a file, "?" and "#" end its name and "%" begins a code.
    place = f"file:{quote(str(path.resolve()))}"
    address = URL.create("sqlite", database=place, query={"mode": "ro", "uri": "true"})
    yield from _query_rows(address, query, path.name)


def _query_rows(address: Any, query: str, name: str) -> Iterator[Row]:
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
            for number, values in enumerate(rows, start=1):
                cells = dict(zip(names, map(_plain, values), strict=True))
                yield Row(number, cells, has_header=True, place=f"row {number}")
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


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    return value if isinstance(value, str | list | dict | None) else as_text(value)
