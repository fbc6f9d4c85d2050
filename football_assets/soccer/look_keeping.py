"""Entering a look of the fast lane into the change log, beside the cycles that other processes enter.

A look is entered whole or not at all, and made durable as a cycle is. What it takes back is judged against what was
shown before it and kept with the corrections of the cycles.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa

from football_assets.errors import StorageError
from football_assets.soccer.changes import Tables, microseconds
from football_assets.soccer.corrections import Row, corrections
from football_assets.soccer.day_files import HOT, begun_before, days_of, has_begun, has_table, read, transaction
from football_assets.soccer.judging import Shown, differing, judged_matches
from football_assets.soccer.look_log import TABLE, Entry, enter, seen_in
from football_assets.soccer.looks import INCIDENTS, MATCHES, Listed, Seen, told_since
from football_assets.soccer.packing import unpacked_table

_DOING = "entering a look into the history"
_WAIT_S = 10


@dataclass(frozen=True)
class Entered:
    """A look's number in its log, and the corrections found."""

    number: int
    corrections: tuple[Row, ...]


def append_look(folder: Path, now: Listed, observed_at: datetime) -> Entered | None:
    """Enter a look into the log of the newest cycle by its day.

    None, and nothing is entered, while there is no such log, and of an answer that is older than the look before it.
    Raises StorageError; the log is then as it was before.
    """
    day = observed_at.date()
    while (path := log_by(folder, day)) is not None:
        try:
            with (
                closing(
                    sqlite3.connect(f"file:{path}?mode=rw", uri=True, timeout=_WAIT_S, isolation_level=None)
                ) as made,
                transaction(made),
            ):
                # Else a new day has begun meanwhile, or this one was compacted.
                if log_by(folder, day) == path:
                    return _entered(made, folder, path, now, microseconds(observed_at))
        except (sqlite3.Error, OSError, pa.ArrowException) as error:
            to_do = "What is kept stays as it is; free or mend the disk. The cycles go on."
            raise StorageError(f"{_DOING} ({path})", str(error), to_do) from error
    return None


def log_by(folder: Path, day: date) -> Path | None:
    """The file that a look of a day goes to: of the newest day by then, unless that is compacted."""
    for each in reversed([each for each in days_of(folder) if each <= day]):
        place = folder / each.isoformat()
        if has_begun(place / HOT):
            return place / HOT
        if any(place.glob("part-*")):
            return None
    return None


Looked = tuple[int, Seen]


def looked_before(folder: Path, day: date, connection: sqlite3.Connection) -> Looked | None:
    """When a look came last before the next entry of a day's log, and everything seen by then; None without looks."""
    return _looked(folder, day, connection, seen_in(connection))


def _looked(folder: Path, day: date, connection: sqlite3.Connection, own: tuple[Entry, Seen] | None) -> Looked | None:
    if own is not None:
        return (own[0].observed_us, own[1]) if _is_near(own[0], connection) else None
    if len(_newest_cycles(connection)) > 1 or (path := begun_before(folder, day)) is None:
        return None
    # Looks that came before the day's first cycle are in the log of the day before.
    with read(path) as earlier:
        found = seen_in(earlier)
    return None if found is None else (found[0].observed_us, found[1])


def _is_near(look: Entry, connection: sqlite3.Connection) -> bool:
    """Whether a look came since the cycle before the newest.

    Others lie behind the cycles, or are of another run of the provider whose clock was ahead of this one.
    """
    return look.after_cycle >= min(_newest_cycles(connection), default=0)


def _newest_cycles(connection: sqlite3.Connection) -> list[int]:
    return [number for (number,) in connection.execute("SELECT id FROM cycles ORDER BY id DESC LIMIT 2")]


@contextmanager
def looks_stand_still(folder: Path, day: date) -> Iterator[None]:
    """While the first cycle of a day is entered no look is: it would go to the day before, behind that cycle."""
    path = None if has_begun(folder / day.isoformat() / HOT) else begun_before(folder, day)
    if path is None or not _has_looks(path):
        yield
        return
    with closing(sqlite3.connect(path, timeout=_WAIT_S, isolation_level=None)) as held:
        try:
            held.execute("BEGIN IMMEDIATE")
        except sqlite3.Error as error:
            to_do = "The cycles before this one are kept; free or mend the disk."
            raise StorageError(f"appending a cycle to the history ({path})", str(error), to_do) from error
        yield


def _has_looks(path: Path) -> bool:
    with read(path) as connection:
        return has_table(connection, TABLE)


def _entered(connection: sqlite3.Connection, folder: Path, path: Path, now: Listed, now_us: int) -> Entered | None:
    cycle, cycle_us = connection.execute("SELECT id, observed_at FROM cycles ORDER BY id DESC LIMIT 1").fetchone()
    own = seen_in(connection)
    if own and own[0].observed_us > now_us and _is_near(own[0], connection):
        return None
    looked_us, looked = _looked(folder, date.fromisoformat(path.parent.name), connection, own) or (0, Seen())
    # The first look of a log tells everything, so that the log stands by itself.
    seen = own[1] if own else Seen()
    told = told_since(seen, now, min(cycle_us, now_us))
    unseen = {key: row for key, row in now.matches.items() if looked.seen_us.get(key, 0) <= cycle_us}
    moved = judged_matches(told)
    tables = _latest(connection) if moved or unseen else {}
    moved |= differing(tables, unseen) if tables else set()
    before = Shown(tables, cycle_us, looked).state(moved)
    after = Shown(tables, cycle_us, seen.take(told, now_us)).state(moved)
    number = enter(connection, cycle, now_us, told, seen)
    stamps = {"observed_at": now_us, "previous_at": max(cycle_us, looked_us)}
    # A clock that went back belongs to another run of the provider: nothing was taken back.
    found = [] if now_us < stamps["previous_at"] else [{**row, **stamps} for row in corrections(before, after)]
    connection.executemany("INSERT INTO corrections VALUES (?, ?)", [(cycle, json.dumps(row)) for row in found])
    return Entered(number, tuple(found))


def _latest(connection: sqlite3.Connection) -> Tables:
    """The rows of the newest cycle as they were told last."""
    rows = connection.execute("SELECT name, told FROM latest WHERE name IN (?, ?)", (MATCHES, INCIDENTS)).fetchall()
    return {name: unpacked_table(blob) for name, blob in rows}
