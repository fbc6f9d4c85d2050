"""Bytes by key in one SQLite file: shared by threads and processes, forgotten after a time, never more than so many.

What is read back is bytes or nothing. Nothing that somebody puts into the file is ever run.
"""

import sqlite3
import threading
import time
from contextlib import closing
from pathlib import Path

FILE = "kept.sqlite"
# Of the largest size: room is made after so much was written, down to so much.
_LOOK_AFTER, _DOWN_TO = 1 / 64, 0.9
_TABLES = """
CREATE TABLE IF NOT EXISTS kept (
    key TEXT PRIMARY KEY, value BLOB NOT NULL, bytes INTEGER NOT NULL, stored_at REAL NOT NULL, keep_until REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS kept_by_age ON kept (stored_at, bytes);
CREATE INDEX IF NOT EXISTS kept_by_end ON kept (keep_until);
"""


class BlobStore:
    """The entries of a folder. Raises sqlite3.Error or OSError when the file takes or gives nothing.

    Args:
        folder: Made when it is not there.
        largest_bytes: What all values together may take; what was stored first goes first.
        timeout_s: How long to wait for another process that is writing.
    """

    def __init__(self, folder: Path, *, largest_bytes: int, timeout_s: float = 30.0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._most = largest_bytes
        self._unjudged = float("inf")  # what lies there already was never judged by this process
        self._alone = threading.Lock()
        self._file = sqlite3.connect(
            folder / FILE, timeout=timeout_s, isolation_level=None, check_same_thread=False, cached_statements=16
        )
        try:
            self._file.execute("PRAGMA auto_vacuum=INCREMENTAL")
            self._file.execute("PRAGMA journal_mode=WAL")
            self._file.execute("PRAGMA synchronous=NORMAL")
            self._file.executescript(_TABLES)
        except sqlite3.Error:
            self._file.close()
            raise

    def get(self, key: str) -> bytes | None:
        """The bytes of a key; None when there are none, when they expired, or when something else lies there."""
        with self._alone:
            found = self._file.execute(
                "SELECT value FROM kept WHERE key = ? AND keep_until > ?", (key, time.time())
            ).fetchone()
        return found[0] if found and isinstance(found[0], bytes) else None

    def set(self, key: str, value: bytes, expire: float) -> None:
        """Keep the bytes of a key for `expire` seconds, in place of those before."""
        now = time.time()
        with self._alone:
            self._file.execute(
                "INSERT OR REPLACE INTO kept VALUES (?, ?, ?, ?, ?)", (key, value, len(value), now, now + expire)
            )
            self._unjudged += len(value)
            if self._unjudged > self._most * _LOOK_AFTER:
                self._make_room(now)
                self._unjudged = 0.0

    def close(self) -> None:
        """Close the file."""
        with self._alone:
            self._file.close()

    def _make_room(self, now: float) -> None:
        """Forget what has expired, then the oldest while all is larger than it may be."""
        self._file.execute("DELETE FROM kept WHERE keep_until <= ?", (now,))
        (total,) = self._file.execute("SELECT coalesce(sum(bytes), 0) FROM kept").fetchone()
        if total > self._most:
            with closing(self._file.execute("SELECT rowid, bytes FROM kept ORDER BY stored_at, rowid")) as oldest:
                gone = []
                for number, size in oldest:
                    if total <= self._most * _DOWN_TO:
                        break
                    gone.append((number,))
                    total -= size
            self._file.execute("BEGIN IMMEDIATE")
            self._file.executemany("DELETE FROM kept WHERE rowid = ?", gone)
            self._file.execute("COMMIT")
        self._file.execute("PRAGMA incremental_vacuum").fetchall()
