"""Where the history of a world lies, and how the file of the day that is being written is opened."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pyarrow as pa

from football_assets.errors import StorageError

HOT = "hot.sqlite"


def history_folder(home: Path, source: str) -> Path:
    """Where the history of a world lies: one folder a day of the provider's clock."""
    return home / source / "history"


def days_of(folder: Path) -> list[date]:
    """The days kept, ascending."""
    return sorted(date.fromisoformat(path.name) for path in folder.glob("????-??-??") if path.is_dir())


@contextmanager
def opened(path: Path, schema: str, doing: str) -> Iterator[sqlite3.Connection]:
    """One transaction on a day's file, made when it is not there; whatever fails rolls it back."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection,
            transaction(connection),
        ):
            if not has_table(connection, "cycles"):
                for statement in filter(str.strip, schema.split(";")):
                    connection.execute(statement)
            yield connection
    except (sqlite3.Error, OSError, pa.ArrowException) as error:
        to_do = "The cycles before this one are kept; free or mend the disk, or move the file away to begin anew."
        raise StorageError(f"{doing} ({path})", str(error), to_do) from error


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """One writing transaction, carried out on the disk when it ends; whatever fails rolls it back."""
    connection.execute("PRAGMA journal_mode=WAL")
    # A commit is on the disk when it returns: losing power loses no cycle that was reported kept.
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


@contextmanager
def read(path: Path) -> Iterator[sqlite3.Connection]:
    """A day's file for reading. Raises StorageError when it cannot be read."""
    try:
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True, timeout=10)) as connection:
            yield connection
    except sqlite3.Error as error:
        raise StorageError(f"reading the history in {path}", str(error), "Restore the file from a backup.") from error


def has_table(connection: sqlite3.Connection, name: str) -> bool:
    """Whether a day's file has a table."""
    query = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?"
    return connection.execute(query, (name,)).fetchone() is not None


def has_begun(path: Path) -> bool:
    """Whether a day has a cycle: while its first one is written, its file is there and empty."""
    if not path.exists():
        return False
    with read(path) as connection:
        return has_table(connection, "cycles")


def begun_before(folder: Path, day: date) -> Path | None:
    """The file of the newest earlier day that is not compacted."""
    earlier = [path for each in days_of(folder) if each < day and has_begun(path := folder / each.isoformat() / HOT)]
    return earlier[-1] if earlier else None
