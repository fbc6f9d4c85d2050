"""A world as it is now, beside the running one: the database, the lake, the histories, models, archive and ledger.

SQLite files are copied by SQLite itself while others write. A Parquet file is never changed in place, so a second name
for it is a copy that costs nothing. The database is copied first and the lake after it: the lake may be newer than what
is served, never older.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.errors import StorageError
from football_assets.warehouse.relations import DATABASE

# Not of a world's data: caches that fill again, copies, and the count of calls that a provider was asked this month.
LEFT_OUT = frozenset({"cache", "backups", "college_football_calls.json"})
_BESIDE_SQLITE = ("-wal", "-shm", "-journal")
_WAIT_S = 30


def names_of(world: Path) -> list[str]:
    """What of a world's folder a backup holds, files beside SQLite files left out."""
    return sorted(
        path.name
        for path in world.glob("*")
        if path.name not in LEFT_OUT and not path.name.startswith(".") and not path.name.endswith(_BESIDE_SQLITE)
    )


def take(world: Path, target: Path) -> None:
    """Copy a world into `target`. Raises StorageError when something cannot be read or written."""
    try:
        if (world / DATABASE).exists():
            _copy(world / DATABASE, target / DATABASE)
        for name in names_of(world):
            if name != DATABASE:
                _take(world / name, target / name)
    except (OSError, sqlite3.Error) as error:
        raise StorageError(f"copying {world}", str(error), "Free or mend the disk.") from error


def copy_sqlite(source: Path, target: Path) -> None:
    """A consistent copy of a SQLite file that others may be writing."""
    with (
        closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True, timeout=_WAIT_S)) as reading,
        closing(sqlite3.connect(target)) as writing,
    ):
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode=DELETE")


def row_counts(folder: Path) -> dict[str, int]:
    """Rows of each Parquet file and of each table of each SQLite file below a folder. Raises StorageError."""
    found: dict[str, int] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        try:
            if path.suffix == ".parquet":
                found[name] = pq.read_metadata(path).num_rows
            elif path.suffix == ".sqlite":
                found |= {f"{name}:{table}": count for table, count in _tables(path)}
        except (sqlite3.Error, OSError, pa.ArrowInvalid) as error:
            raise StorageError(f"counting the rows of {name}", str(error), "Use another backup.") from error
    return found


def _take(source: Path, target: Path) -> None:
    if source.is_dir():
        # What is being written goes first: a log that is compacted meanwhile is met as its finished part.
        for each in sorted(source.iterdir(), key=lambda path: (path.suffix != ".sqlite", path.name)):
            if not each.name.startswith(".") and not each.name.endswith(_BESIDE_SQLITE):
                _take(each, target / each.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        _copy(source, target)
    except (FileNotFoundError, sqlite3.OperationalError):
        if source.exists():
            raise


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.suffix == ".sqlite":
        copy_sqlite(source, target)
        return
    if source.suffix == ".parquet":
        try:
            os.link(source, target)
        except FileNotFoundError:
            raise
        except OSError:  # another disk, or a file system without links
            shutil.copyfile(source, target)
        return
    shutil.copyfile(source, target)


def _tables(path: Path) -> Iterator[tuple[str, int]]:
    with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
        health = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if health != "ok":
            raise sqlite3.DatabaseError(f"the database is damaged ({health})")
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'")
        for (name,) in sorted(listed.fetchall()):
            yield name, connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 names of the file
