"""What the fast lane passes on to the serving processes: an SQLite log of its own, which each of them follows.

What was seen is kept in the history (`look_log`); here it is only as long as a process may need to catch up. An entry
holds the live rows that changed since the look before, those that left the list, and what was taken back. `latest` is
the whole list as seen last, from which a process that comes later goes on.
"""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

from football_assets.errors import StorageError

FOLDER, FILE, LEASE = "fast-lane", "observations.sqlite", "lease.lock"
KEPT = timedelta(hours=1)
Row = dict[str, Any]
_SCHEMA = """
CREATE TABLE IF NOT EXISTS observations (
    number INTEGER PRIMARY KEY AUTOINCREMENT, observed_at TEXT NOT NULL, told BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS latest (
    id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL, observed_at TEXT NOT NULL, rows BLOB NOT NULL
);
"""


@dataclass(frozen=True)
class Observation:
    """One look at the live list. Instants of rows are ISO 8601 text ending in Z; unknown is None."""

    observed_at: datetime
    matches: Mapping[str, Row] = field(default_factory=dict)
    gone: Sequence[str] = ()
    corrections: Sequence[Row] = ()
    incidents: Sequence[Row] = ()

    @property
    def is_news(self) -> bool:
        """Whether anything but the clock moved."""
        return bool(self.matches or self.gone or self.corrections)


@dataclass(frozen=True)
class Latest:
    """The whole list as seen last, with the number of the entry up to which it holds."""

    number: int
    observed_at: datetime
    rows: Mapping[str, Row]


class ObservationLog:
    """The log of one world. Safe to use from several processes; each call opens the file anew."""

    def __init__(self, home: Path, world: str) -> None:
        self.folder = home / world / FOLDER
        self._path = self.folder / FILE

    def append(self, seen: Observation, rows: Mapping[str, Row]) -> int:
        """Enter one look and the whole list it saw; the entry's number. Raises StorageError, nothing entered."""
        told = {name: getattr(seen, name) for name in ("matches", "gone", "corrections", "incidents")}
        with self._opened() as database:
            at = seen.observed_at.isoformat()
            cursor = database.execute("INSERT INTO observations (observed_at, told) VALUES (?, ?)", (at, _json(told)))
            number = int(cursor.lastrowid or 0)
            database.execute("INSERT OR REPLACE INTO latest VALUES (1, ?, ?, ?)", (number, at, _json(rows)))
            oldest = (seen.observed_at - KEPT).isoformat()
            database.execute("DELETE FROM observations WHERE observed_at < ?", (oldest,))
        return number

    def latest(self) -> Latest | None:
        """The list as seen last; None before the first look. Raises StorageError."""
        if not self._path.exists():
            return None
        with self._opened() as database:
            found = database.execute("SELECT number, observed_at, rows FROM latest").fetchone()
        return None if found is None else Latest(found[0], datetime.fromisoformat(found[1]), orjson.loads(found[2]))

    def after(self, number: int) -> list[tuple[int, Observation]]:
        """The entries after a number, the oldest first. Raises StorageError."""
        if not self._path.exists():
            return []
        query = "SELECT number, observed_at, told FROM observations WHERE number > ? ORDER BY number"
        with self._opened() as database:
            found = database.execute(query, (number,)).fetchall()
        return [(n, Observation(datetime.fromisoformat(at), **orjson.loads(told))) for n, at, told in found]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with closing(sqlite3.connect(self._path, timeout=5)) as database, database:
                database.execute("PRAGMA journal_mode = WAL")
                database.execute("PRAGMA synchronous = NORMAL")
                database.executescript(_SCHEMA)
                yield database
        except (sqlite3.Error, OSError) as error:
            to_do = "Mend the disk, or remove the file: the fast lane then begins anew; the history is kept elsewhere."
            raise StorageError(f"keeping what the fast lane saw in {self._path}", str(error), to_do) from None


def _json(value: Any) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
