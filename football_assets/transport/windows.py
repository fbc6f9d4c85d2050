"""Sliding windows of requests, kept in SQLite: how many may still go out so that the provider's limit holds.

The provider counts arrivals, which we do not see. A request arrives after it left here and before its answer is back.
So it counts from before it is sent until one window after its answer came, and one that is under way counts always:
whenever the provider has it inside its window, we have it inside ours, however slow the way there was.
"""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

# The provider may keep time in whole seconds, and no two clocks run alike: our windows are a little longer.
_MARGIN = 0.02
_LEAST_MARGIN_S = 0.05


def now_ms() -> int:
    """The wall clock, which all processes share, in milliseconds."""
    return time.time_ns() // 1_000_000


def margin_ms(length_s: float) -> int:
    """A window's length as we keep it, in milliseconds: a little longer than the provider's."""
    return round(1000 * (length_s + max(_LEAST_MARGIN_S, _MARGIN * length_s)))


class Window:
    """At most `limit` requests in any `length_s` seconds; `words` names it in messages.

    Args:
        calls: Where they are counted.
        table: Their table there.
        limit: Most requests in the window.
        length_s: Its length.
        words: What messages call it.
        longest_try_s: After how long a try is given up.
        by_arrival: Whether the provider counts arrivals and refuses more; else the window only spaces our departures.
    """

    def __init__(
        self,
        calls: "Calls",
        table: str,
        limit: int,
        length_s: float,
        words: str,
        *,
        longest_try_s: float,
        by_arrival: bool,
    ) -> None:
        self.words = words
        self.limit = limit
        self.length_ms = margin_ms(length_s)
        self._by_arrival = by_arrival
        # What was given up may still lie with the provider: it counts as if it arrived one time limit later.
        self._late_ms = round(1000 * longest_try_s)
        self._longest_ms = self.length_ms + (2 * self._late_ms if by_arrival else 0)
        self._database = calls.database
        self._table = table
        columns = "call INTEGER PRIMARY KEY, until_ms INTEGER NOT NULL, under_way INTEGER NOT NULL"
        self._database.execute(f"CREATE TABLE IF NOT EXISTS {table} ({columns})")

    def wait_s(self, ahead: int = 0) -> float:
        """Seconds until there is room, at the least, when `ahead` others come first."""
        rounds, place = divmod(ahead, self.limit)
        now = now_ms()
        # One under way leaves the window a whole length after its answer, which comes now at the earliest.
        least = "CASE under_way WHEN 1 THEN MIN(until_ms, :earliest) ELSE until_ms END"
        newest_first = f"SELECT {least} AS least FROM {self._table} WHERE until_ms > :now ORDER BY least DESC"  # noqa: S608
        # The one that must leave the window before the request in this place fits.
        found = self._database.execute(
            f"{newest_first} LIMIT 1 OFFSET :newer",
            {"earliest": now + self.length_ms, "now": now, "newer": self.limit - 1 - place},
        ).fetchone()
        return (rounds * self.length_ms + (found[0] - now if found else 0)) / 1000

    def count(self) -> int:
        """How many requests are in the window."""
        now = now_ms()
        self._database.execute(f"DELETE FROM {self._table} WHERE until_ms <= ?", (now,))  # noqa: S608
        # Further off than anything we enter: the clock was put back, and waiting it out could take days.
        longest = now + self._longest_ms
        self._database.execute(f"UPDATE {self._table} SET until_ms = ?1 WHERE until_ms > ?1", (longest,))  # noqa: S608
        (found,) = self._database.execute(f"SELECT COUNT(*) FROM {self._table}").fetchone()  # noqa: S608
        return int(found)

    def enter(self) -> int:
        """Count a request that goes out now; returns its number."""
        until_ms = now_ms() + self._longest_ms
        cursor = self._database.execute(
            f"INSERT INTO {self._table} (until_ms, under_way) VALUES (?, ?)",  # noqa: S608
            (until_ms, self._by_arrival),
        )
        assert cursor.lastrowid is not None
        return cursor.lastrowid

    def ended(self, call: int, *, answered: bool) -> None:
        """A request is over: from here it counts for one window more."""
        if self._by_arrival:
            until_ms = now_ms() + self.length_ms + (0 if answered else self._late_ms)
            self._database.execute(
                f"UPDATE {self._table} SET until_ms = ?, under_way = 0 WHERE call = ?",  # noqa: S608
                (until_ms, call),
            )


class Calls:
    """The requests of one service that still count: in a file that processes share, or in memory without one.

    Raises sqlite3.Error and OSError when it cannot be kept. A process that dies leaves its requests counted for as
    long as they could have mattered.
    """

    def __init__(self, file: Path | None) -> None:
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
        # One loop at a time uses it, not always from the same thread.
        self.database = sqlite3.connect(file or ":memory:", isolation_level=None, check_same_thread=False)
        try:
            self.database.execute("PRAGMA journal_mode = WAL")
            self.database.execute("PRAGMA synchronous = NORMAL")
        except sqlite3.Error:
            self.database.close()
            raise

    def take(self, windows: Sequence[Window]) -> list[tuple[Window, int]] | None:
        """Enter one request into all windows; None, and into none, when one of them is full."""
        with self._at_once():
            if any(window.count() >= window.limit for window in windows):
                return None
            return [(window, window.enter()) for window in windows]

    def close(self) -> None:
        """Close the file, if there is one."""
        self.database.close()

    @contextmanager
    def _at_once(self) -> Iterator[None]:
        """No other process counts meanwhile."""
        self.database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.database.execute("ROLLBACK")
            raise
        self.database.execute("COMMIT")
