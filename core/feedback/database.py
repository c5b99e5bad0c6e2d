"""The database of the editors' corrections: SQLite at home, PostgreSQL where one is named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from core.base.errors import ConfigError, FeedbackError
from core.base.home import home_folder
from core.base.sqlite import keep_log_ahead

_MIGRATIONS = Path(__file__).with_name("migrations")
# Any number, the same in every process: PostgreSQL's name of the lock under which we migrate.
_MIGRATION_LOCK = 7_234_811
_BUSY_SECONDS = 10.0
_CONNECT_SECONDS = 5


class Database:
    """Connections to one database, whose tables are brought up to date first."""

    def __init__(self, url: str = "", *, busy_seconds: float = _BUSY_SECONDS) -> None:
        """url: by default TAGSMITH_DATABASE_URL, else tagsmith.sqlite in the home folder.

        busy_seconds: how long to wait for another writer of SQLite. Raises FeedbackError if the
        database cannot be used, ConfigError if its address cannot be read.
        """
        self.url = _database_url(url or os.environ.get("TAGSMITH_DATABASE_URL", "").strip())
        self.engine = _build_engine(self.url, busy_seconds)
        with self.connect(writes=True) as connection:
            _migrate(connection)

    @property
    def is_sqlite(self) -> bool:
        """Whether it is a file of SQLite's."""
        return self.url.get_backend_name() == "sqlite"

    @property
    def place(self) -> str:
        """Where the database is, without its password."""
        return str(self.url.database) if self.is_sqlite else self.url.render_as_string()

    @contextmanager
    def connect(self, *, writes: bool = False) -> Iterator[Connection]:
        """Open a transaction, of which an error undoes everything.

        writes: whether it will change something. Raises FeedbackError if the database refuses.
        """
        try:
            with self.engine.execution_options(writes=writes).begin() as connection:
                yield connection
        except DBAPIError as error:
            raise FeedbackError(self._sentence(error)) from None

    def checkpoint(self) -> None:
        """Write SQLite's log into its file, so that what was deleted is gone from both."""
        if self.is_sqlite:
            with self.engine.connect() as connection:
                driver = connection.connection.driver_connection
                assert driver is not None
                driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the connections."""
        self.engine.dispose()

    def _sentence(self, error: DBAPIError) -> str:
        reason = " ".join(str(error.orig).split()) or type(error).__name__
        if "locked" in reason or "busy" in reason:
            return "The feedback database is held by another program. Try again in a moment."
        if "malformed" in reason or "not a database" in reason:
            return (
                f"The feedback database {self.place} is damaged. Put a copy of it back, or move "
                "it away to begin a new one."
            )
        return f"The feedback database {self.place} cannot be used: {reason[:200].rstrip('.')}."


def _database_url(text: str) -> URL:
    if not text:
        folder = home_folder()
        folder.mkdir(parents=True, exist_ok=True)
        return URL.create("sqlite", database=str(folder / "tagsmith.sqlite"))
    try:
        url = make_url(text)
    except ArgumentError:
        raise ConfigError(
            "TAGSMITH_DATABASE_URL is not the address of a database. "
            "Write it as postgresql://user:password@host/name."
        ) from None
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("postgresql+psycopg", "sqlite"):
        raise ConfigError(
            f"TAGSMITH_DATABASE_URL names {url.drivername!r}. Tagsmith keeps feedback in "
            "postgresql:// or sqlite:///."
        )
    return url


def _build_engine(url: URL, busy_seconds: float) -> Engine:
    if url.get_backend_name() != "sqlite":
        return create_engine(
            url, pool_pre_ping=True, connect_args={"connect_timeout": _CONNECT_SECONDS}
        )
    engine = create_engine(url, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # Transactions begin where _begin_sqlite says; the driver's own habit leaves out tables.
    connection.isolation_level = None
    keep_log_ahead(connection)
    for pragma in ("foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    # A reader that turns writer cannot wait for another one: who will write says so at once.
    writes = connection.get_execution_options().get("writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _migrate(connection: Connection) -> None:
    """Bring the tables up to date; of several processes one does it and the others wait."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    steps = [step.revision for step in ScriptDirectory.from_config(config).walk_revisions()]
    current = MigrationContext.configure(connection).get_current_revision()
    if current is not None and current not in steps:
        raise FeedbackError(
            "The feedback database was written by a newer Tagsmith. Update Tagsmith, or name "
            "another database with TAGSMITH_DATABASE_URL."
        )
    if current != steps[0]:
        command.upgrade(config, "head")
