"""The day that is being written: an append-only SQLite file, one row a cycle, one transaction a cycle.

A row holds the changes of its cycle and the quotes that are new in it. Each day's file stands by itself: its first
cycle tells every row whole, and each sixtieth keeps a snapshot from which reading goes on. Beside the log the file
keeps what the next cycle is compared with: the newest state and the length of each series of quotes. A cycle that is
cut short leaves the file as the cycle before left it.
"""

import functools
import json
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from football_assets.soccer.changes import (
    LOGGED,
    Delta,
    State,
    Tables,
    Values,
    applied,
    difference,
    merged,
    microseconds,
    plain,
    shown,
    whole_state,
)
from football_assets.soccer.corrections import Row, corrections_between, moved_matches
from football_assets.soccer.day_files import HOT, begun_before, opened, read
from football_assets.soccer.judging import Shown, corrections_shown, differing
from football_assets.soccer.look_keeping import looked_before, looks_stand_still
from football_assets.soccer.look_log import HotLooks
from football_assets.soccer.looks import Seen
from football_assets.soccer.packing import packed, packed_table, unpacked, unpacked_table
from football_assets.soccer.quotes_log import KEPT, SEEN, Kept, natural_keys, new_quotes, of_series

# A day is read from the snapshot before an instant: at most so many cycles are gone through.
SNAPSHOT_EVERY = 60
_SERIES = "series"
CYCLE = pa.field("cycle", pa.int32())
_WITH_QUOTES = "FROM cycles WHERE quotes IS NOT NULL"
_SCHEMA = """
CREATE TABLE cycles (
    id INTEGER PRIMARY KEY, observed_at INTEGER NOT NULL, run_id TEXT, changes BLOB NOT NULL, quotes BLOB
);
CREATE TABLE corrections (cycle INTEGER NOT NULL, correction TEXT NOT NULL);
CREATE TABLE latest (name TEXT PRIMARY KEY, observed_at INTEGER NOT NULL, told BLOB NOT NULL);
CREATE TABLE snapshots (cycle INTEGER NOT NULL, name TEXT NOT NULL, told BLOB NOT NULL, PRIMARY KEY (cycle, name));
"""


@dataclass(frozen=True)
class Appended:
    """What one cycle added: how many rows were told and quotes kept, and the corrections found."""

    cycle: int
    rows: int
    quotes: int
    corrections: tuple[Row, ...]


@dataclass(frozen=True)
class Latest:
    """What the next cycle is compared with: each row as told last, what is remembered of quotes, and the clock."""

    told: Tables
    seen: pa.Table
    observed_us: int


@dataclass(frozen=True)
class Cycle:
    """One cycle of a day as told: its number in the day's log, the provider's clock, its changes."""

    number: int
    observed_us: int
    changes: Delta


def append(
    folder: Path, tables: Mapping[str, pa.Table], quotes: pa.Table, observed_at: datetime, run_id: str | None = None
) -> Appended:
    """Append one cycle to the log of its day. Raises StorageError; the log is then as it was before.

    Args:
        folder: The history folder of a world.
        tables: The logged tables as Arrow, by the names in `changes.LOGGED`.
        quotes: Every quote on the listed matches so far, rows of OddsQuotes.
        observed_at: The provider's clock when it gave the live list.
        run_id: Which run looked.
    """
    day = observed_at.date()
    path = folder / day.isoformat() / HOT
    now_us = microseconds(observed_at)
    now = {name: plain(data) for name, data in tables.items()}
    with looks_stand_still(folder, day), opened(path, _SCHEMA, "appending a cycle to the history") as connection:
        own = _latest(connection)
        last = own or _latest_before(folder, day) or Latest({}, SEEN.empty_table(), 0)
        delta, told = difference(own.told if own else {}, now, now_us)
        found = _corrections(last, now, now_us, delta, looked_before(folder, day, connection))
        fresh, seen = new_quotes(quotes, last.seen, _kept(folder, day, connection), now_us)
        cursor = connection.execute(
            "INSERT INTO cycles (observed_at, run_id, changes, quotes) VALUES (?, ?, ?, ?)",
            (now_us, run_id, packed(delta), packed_table(fresh.cast(KEPT)) if fresh.num_rows else None),
        )
        number = int(cursor.lastrowid or 0)
        states = {name: packed_table(data) for name, data in told.items()}
        connection.executemany(
            "INSERT OR REPLACE INTO latest VALUES (?, ?, ?)",
            [(name, now_us, blob) for name, blob in (*states.items(), (_SERIES, packed_table(seen)))],
        )
        if number % SNAPSHOT_EVERY == 0:
            kept = [(number, name, blob) for name, blob in states.items()]
            connection.executemany("INSERT INTO snapshots VALUES (?, ?, ?)", kept)
        connection.executemany("INSERT INTO corrections VALUES (?, ?)", [(number, json.dumps(row)) for row in found])
        rows = sum(len(changes) for changes in delta.values())
        return Appended(number, rows, fresh.num_rows, tuple(found))


class HotDay:
    """The log of a day that is not compacted, read-only."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.day = date.fromisoformat(path.parent.name)

    def cycles(self) -> list[tuple[int, int]]:
        """(number, instant) of every cycle in the order of the log."""
        with read(self.path) as connection:
            return connection.execute("SELECT id, observed_at FROM cycles ORDER BY id").fetchall()

    def told(self, until: int | None = None, *, after: int = 0) -> Iterator[Cycle]:
        """The cycles with their changes, after a number and up to another, including that."""
        with read(self.path) as connection:
            query = "SELECT id, observed_at, changes FROM cycles WHERE id > ? AND id <= coalesce(?, id) ORDER BY id"
            for number, observed_us, changes in connection.execute(query, (after, until)):
                yield Cycle(number, observed_us, unpacked(changes))

    def state_at(self, number: int) -> State:
        """The state that a cycle showed."""
        snapshot, state = self._snapshot(number)
        for cycle in self.told(number, after=snapshot):
            state = applied(state, cycle.changes, cycle.observed_us)
        return shown(state, dict(self.cycles())[number])

    def _snapshot(self, number: int) -> tuple[int, State]:
        """The newest snapshot by a cycle, with the number of its own; (0, {}) when there is none."""
        query = (
            "SELECT cycle, name, told FROM snapshots WHERE cycle = (SELECT max(cycle) FROM snapshots WHERE cycle <= ?)"
        )
        with read(self.path) as connection:
            rows = connection.execute(query, (number,)).fetchall()
        return rows[0][0] if rows else 0, whole_state({name: unpacked_table(told) for _, name, told in rows})

    def versions(self, match_id: str) -> Iterator[tuple[str, str, tuple[int, int, Values | None]]]:
        """(table, key, (cycle, instant, row or None)) of every row of a match, in the order of the log."""
        rows: dict[tuple[str, str], Values | None] = {}
        for cycle in self.told():
            for table, changes in cycle.changes.items():
                for key in changes:
                    if key.partition("/")[0] != match_id:
                        continue
                    values = changes[key]
                    earlier = rows.get((table, key))
                    row = None if values is None else merged(dict(earlier or {}), values, cycle.observed_us)
                    rows[table, key] = row
                    yield table, key, (cycle.number, cycle.observed_us, row)

    def quotes(self, match_id: str | None = None) -> pa.Table:
        """Every quote in the log, or those on one match, with the cycle in which it was new."""
        with read(self.path) as connection:
            rows = connection.execute(f"SELECT id, quotes {_WITH_QUOTES} ORDER BY id").fetchall()
        parts = [_on_match(unpacked_table(blob), match_id) for _, blob in rows]
        sizes = np.array([part.num_rows for part in parts], np.int64)
        numbers = np.repeat(np.array([number for number, _ in rows], np.int32), sizes)
        quotes = pa.concat_tables([KEPT.empty_table(), *parts])
        return quotes.append_column(CYCLE, pa.array(numbers, CYCLE.type))

    @property
    def looks(self) -> HotLooks:
        """What the fast lane saw beside the cycles of the log."""
        return HotLooks(self.path)

    def corrections(self) -> list[Row]:
        """Every correction in the log."""
        with read(self.path) as connection:
            rows = connection.execute("SELECT correction FROM corrections ORDER BY cycle, rowid").fetchall()
        return [json.loads(text) for (text,) in rows]


def _on_match(quotes: pa.Table, match_id: str | None) -> pa.Table:
    return quotes if match_id is None else quotes.filter(pc.field("match_id") == match_id)


def _latest(connection: sqlite3.Connection) -> Latest | None:
    rows = connection.execute("SELECT name, told, observed_at FROM latest").fetchall()
    if not rows:
        return None
    told = {name: unpacked_table(blob) for name, blob, _ in rows}
    return Latest({name: data for name, data in told.items() if name in LOGGED}, told[_SERIES], rows[0][2])


def _latest_before(folder: Path, day: date) -> Latest | None:
    """The end of the newest earlier day that is not compacted: matches and their quotes go on over midnight."""
    path = begun_before(folder, day)
    if path is None:
        return None
    with read(path) as connection:
        return _latest(connection)


def _kept(folder: Path, day: date, connection: sqlite3.Connection) -> Kept:
    """What is kept of a series in today's log and yesterday's, read when it is asked for the first time."""

    @functools.cache
    def everything() -> pa.Table:
        blobs = connection.execute(f"SELECT quotes {_WITH_QUOTES}").fetchall()
        if (path := begun_before(folder, day)) is not None:
            with read(path) as yesterday:
                blobs += yesterday.execute(f"SELECT quotes {_WITH_QUOTES}").fetchall()
        return pa.concat_tables([KEPT.empty_table(), *(unpacked_table(blob) for (blob,) in blobs)])

    return lambda series: set(natural_keys(of_series(everything(), series)))


def _corrections(last: Latest, now: Tables, now_us: int, delta: Delta, looked: tuple[int, Seen] | None) -> list[Row]:
    # A clock that went back belongs to another run of the provider: nothing was taken back.
    if not last.told or now_us < last.observed_us:
        return []
    stamps = {"observed_at": now_us, "previous_at": last.observed_us}
    if looked is None:
        return [{**row, **stamps} for row in corrections_between(last.told, now, delta)]
    # What a look showed stands between both cycles, so that what it took back is not told again.
    looked_us, seen = looked
    match_ids = moved_matches(delta) | (differing(last.told, seen.matches) & seen.newer_than(last.observed_us))
    before, after = Shown(last.told, last.observed_us, seen), Shown(now, now_us, seen)
    if last.observed_us < looked_us < now_us:
        stamps["previous_at"] = looked_us
    return [{**row, **stamps} for row in corrections_shown(before, after, match_ids)]
