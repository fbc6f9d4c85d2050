"""Where the database of a world lives: a SQLite file of its own, or a schema of its own on a PostgreSQL server.

Which of the two is configuration alone (`FOOTBALL_DATABASE_URL`). On both, one publication is one transaction, one
writer works at a time, and a reader sees one state for the length of its transaction.
"""

import atexit
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.warehouse.relations import database_path, open_engine

CONNECT_TIMEOUT_S = 5
READERS_AT_ONCE = 10
# A database made without an encoding gives bytes for text unless it is told which one is meant.
ENCODED = {"client_encoding": "utf8"}
# Any number, the same for all writers; the second half of the lock is the schema.
WRITER = 4_103
# The order in which rows were loaded. SQLite has it by nature (rowid), a server only when it is kept.
ROW_ORDER = "_loaded"
_readers: "dict[tuple[int, Database], sa.Engine]" = {}
_opening = threading.Lock()


@dataclass(frozen=True)
class Database:
    """The database of a world. `path` names the SQLite file; with `url` a server is used and no such file exists."""

    path: Path
    source: Source
    url: str | None = field(default=None, repr=False)

    @property
    def is_server(self) -> bool:
        """Whether it is a schema on a server."""
        return self.url is not None

    @property
    def folder(self) -> Path:
        """The folder of the world, in which the archive lies."""
        return self.path.parent

    def __str__(self) -> str:
        """Where it is, without the password."""
        if self.url is None:
            return str(self.path)
        url = sa.make_url(self.url)
        host = url.host or url.query.get("host") or "localhost"
        return f"PostgreSQL {host}:{url.port or 5432}/{url.database}, schema {self.source.value}"

    def exists(self) -> bool:
        """Whether anything was ever published in it. Raises StorageError when the server cannot be reached."""
        if self.url is None and not self.path.exists():
            return False
        with reaching(self), self.engine(read_only=True).connect() as connection:
            if self.url is None:  # the file is there from the first publication's beginning, its tables from its end
                return sa.inspect(connection).has_table("publications")
            found = connection.execute(sa.text("SELECT to_regclass(:name)"), {"name": f'"{self.source}".publications'})
            return found.scalar() is not None

    def engine(self, *, read_only: bool = False) -> sa.Engine:
        """An engine whose transactions are whole; one that only reads is kept for the life of the process."""
        if read_only:
            return _reading(self)
        if self.url is None:
            return open_engine(self.path)
        return _server(self.url, self.source.value, poolclass=sa.NullPool)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A transaction that sees one state from its first to its last statement."""
        with reaching(self), self.engine(read_only=True).begin() as connection:
            if self.url is not None:
                # Before the first look: a table being rebuilt is waited for, and never seen empty.
                connection.execute(sa.text("LOCK TABLE published_parts IN ACCESS SHARE MODE"))
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """The only writing transaction of this database; all of it is kept, or nothing."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        engine = self.engine()
        try:
            with engine.begin() as connection:
                if self.url is not None:
                    schema = self.source.value
                    connection.execute(
                        sa.text("SELECT pg_advisory_xact_lock(:writer, hashtext(:schema))"),
                        {"writer": WRITER, "schema": schema},
                    )
                    connection.execute(sa.schema.CreateSchema(schema, if_not_exists=True))
                yield connection
        finally:
            engine.dispose()


def database_of(home: Path, source: Source) -> Database:
    """The database of a world as configured: its schema on the server that is set, else its file."""
    url = load_settings().database_url
    return Database(database_path(home, source), source, url.get_secret_value() if url else None)


@contextmanager
def reaching(database: Database) -> Iterator[None]:
    """Turn the refusal of a server that cannot be reached, or is going down, into words without the password."""
    try:
        yield
    except sa.exc.OperationalError as error:
        if not database.is_server:
            raise
        happened = str(error.orig).strip().replace("\n", " ")
        to_do = "Start the server or correct FOOTBALL_DATABASE_URL."
        raise StorageError(f"reaching {database}", happened, to_do) from None


def create_table(connection: sa.Connection, relation: sa.Table) -> None:
    """Create a published table and its indices."""
    relation.create(connection)
    if connection.dialect.name == "postgresql":
        name = connection.dialect.identifier_preparer.format_table(relation)
        order = f"ALTER TABLE {name} ADD COLUMN {ROW_ORDER} bigint GENERATED ALWAYS AS IDENTITY"
        connection.execute(sa.text(order))


def wait_for_readers(connection: sa.Connection) -> None:
    """Before a table is dropped: let the readers end that may still want it, and keep new ones waiting."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.text("LOCK TABLE published_parts IN ACCESS EXCLUSIVE MODE"))


def _reading(database: Database) -> sa.Engine:
    """The readers' engine of this process; a forked one has its own."""
    key = (os.getpid(), database)
    with _opening:
        if key not in _readers:
            _readers[key] = _made_for_reading(database)
        return _readers[key]


def _made_for_reading(database: Database) -> sa.Engine:
    if database.url is None:
        return open_engine(database.path, read_only=True)
    pooled = {"pool_size": 2, "max_overflow": READERS_AT_ONCE - 2, "pool_pre_ping": True}
    engine = _server(database.url, database.source.value, **pooled)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


def close_readers() -> None:
    """Close the connections that this process keeps for reading; the next read opens others."""
    for key in [key for key in _readers if key[0] == os.getpid()]:
        _readers.pop(key).dispose()


atexit.register(close_readers)


def _server(url: str, schema: str, **pooling: Any) -> sa.Engine:
    connect = {
        "connect_timeout": CONNECT_TIMEOUT_S,
        "options": f"-csearch_path={schema} -ctimezone=UTC",
        "application_name": "football",
        **ENCODED,
        # A statement prepared before a table was rebuilt fails after it.
        "prepare_threshold": None,
    }
    return sa.create_engine(sa.make_url(url).set(drivername="postgresql+psycopg"), connect_args=connect, **pooling)
