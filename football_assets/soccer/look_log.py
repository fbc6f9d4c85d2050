"""The looks of the fast lane in a day's log: a table of the hot file, made with the first look, or a file of its part.

A look lies over the cycles of the log into which it is entered. Each tells what the look before it did not; the first
one of a log tells everything, and some keep the whole so that reading begins there. `after_cycle` is the newest cycle
that the log had when the look came: cycles are entered long after they were read, so the order in which both came is
not that of the provider's clock. A look belongs to the log of the newest cycle by its day: over midnight, until the
first cycle of the new day is entered, to that of the day before.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from football_assets.errors import StorageError
from football_assets.soccer.day_files import has_table, read
from football_assets.soccer.looks import Seen, Told
from football_assets.soccer.packing import packed, unpacked

TABLE, COLD = "looks", "looks.parquet"
_PLACES = "SELECT id, after_cycle, observed_at FROM looks"
# A log is read from the whole before a look: at most so many are gone through.
WHOLE_EVERY = 120
# Of a day that is over so many of those are not kept.
_KEPT_WHOLE = 8
_GROUP_ROWS = WHOLE_EVERY * _KEPT_WHOLE
_SCHEMA = (
    "CREATE TABLE looks (id INTEGER PRIMARY KEY, after_cycle INTEGER NOT NULL, observed_at INTEGER NOT NULL, "
    "told BLOB NOT NULL, whole BLOB)",
    "CREATE INDEX looks_by_clock ON looks (observed_at, after_cycle)",
)
_TYPES: dict[str, pa.DataType] = {
    "id": pa.int64(),
    "after_cycle": pa.int64(),
    "observed_us": pa.int64(),
    "told": pa.large_string(),
    "whole": pa.large_string(),
}
_COLD_SCHEMA = pa.schema(_TYPES)


class Entry(NamedTuple):
    """A look's place in its log: its number, the newest cycle when it came, the provider's clock."""

    number: int
    after_cycle: int
    observed_us: int


class Look(NamedTuple):
    """A look with what it told."""

    entry: Entry
    told: Told


class LookLog:
    """The looks of one log, in the order in which they came."""

    def entries(self) -> list[Entry]:
        """Every look's place."""
        raise NotImplementedError

    def told(self, after: int = 0, until: int | None = None, *, naming: str | None = None) -> Iterator[Look]:
        """The looks after a number and up to another, including that; `naming`: only those that name a match."""
        raise NotImplementedError

    def newest(self, from_cycle: int, after_us: int, until_us: int) -> Entry | None:
        """The newest look by the provider's clock within two instants, that came when `from_cycle` was there."""
        found = [
            each
            for each in self.entries()
            if each.after_cycle >= from_cycle and after_us < each.observed_us <= until_us
        ]
        return max(found, key=lambda each: (each.observed_us, each.number), default=None)

    def seen_at(self, number: int) -> Seen:
        """Everything seen up to a look."""
        begin, seen = self._whole(number)
        for look in self.told(begin, number):
            seen.take(look.told, look.entry.observed_us)
        return seen

    def last(self, until_us: int | None = None) -> Entry | None:
        """The look that came last, or the last one by an instant."""
        found = self.entries()
        return max((each for each in found if until_us is None or each.observed_us <= until_us), default=None)

    def place(self, number: int) -> Entry:
        """A look's place."""
        return next(each for each in self.entries() if each.number == number)

    def _whole(self, number: int) -> tuple[int, Seen]:
        """The newest whole by a look, with its number; (0, nothing) when there is none."""
        raise NotImplementedError


class HotLooks(LookLog):
    """Those of the day that is being written, read-only."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def entries(self) -> list[Entry]:
        """Every look's place."""
        return [Entry(*row) for row in self._rows(f"{_PLACES} ORDER BY id")]

    def told(self, after: int = 0, until: int | None = None, *, naming: str | None = None) -> Iterator[Look]:
        """The looks after a number and up to another, including that; `naming`: only those that name a match."""
        query = (
            "SELECT id, after_cycle, observed_at, told FROM looks WHERE id > ? AND id <= coalesce(?, id) ORDER BY id"
        )
        for *place, blob in self._rows(query, after, until):
            told = unpacked(blob)
            if naming is None or _names(told, naming):
                yield Look(Entry(*place), Told(**told))

    def newest(self, from_cycle: int, after_us: int, until_us: int) -> Entry | None:
        """The newest look by the provider's clock within two instants, that came when `from_cycle` was there."""
        where = "WHERE after_cycle >= ? AND observed_at > ? AND observed_at <= ?"
        rows = self._rows(
            f"{_PLACES} {where} ORDER BY observed_at DESC, id DESC LIMIT 1", from_cycle, after_us, until_us
        )
        return next((Entry(*row) for row in rows), None)

    def last(self, until_us: int | None = None) -> Entry | None:
        """The look that came last, or the last one by an instant."""
        where = "WHERE observed_at <= coalesce(?, observed_at)"
        rows = self._rows(f"{_PLACES} {where} ORDER BY id DESC LIMIT 1", until_us)
        return next((Entry(*row) for row in rows), None)

    def place(self, number: int) -> Entry:
        """A look's place."""
        return next(Entry(*row) for row in self._rows(f"{_PLACES} WHERE id = ?", number))

    def wholes(self) -> dict[int, bytes]:
        """The wholes kept, by number, packed."""
        return dict(self._rows("SELECT id, whole FROM looks WHERE whole IS NOT NULL"))

    def _whole(self, number: int) -> tuple[int, Seen]:
        with read(self.path) as connection:
            return whole_of(connection, number)

    def _rows(self, query: str, *values: Any) -> Iterator[Any]:
        with read(self.path) as connection:
            if has_table(connection, TABLE):
                yield from connection.execute(query, values)


class ColdLooks(LookLog):
    """Those of a compacted log."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / COLD

    def entries(self) -> list[Entry]:
        """Every look's place."""
        data = self._table(columns=["id", "after_cycle", "observed_us"])
        return [Entry(*row) for row in zip(*(column.to_pylist() for column in data.columns), strict=True)]

    def told(self, after: int = 0, until: int | None = None, *, naming: str | None = None) -> Iterator[Look]:
        """The looks after a number and up to another, including that; `naming`: only those that name a match."""
        which = [("id", ">", after)] + ([] if until is None else [("id", "<=", until)])
        data = self._table(columns=["id", "after_cycle", "observed_us", "told"], filters=which)
        if naming is not None:
            data = data.filter(pc.match_substring(data["told"], f'"{naming}"'))
        for row in data.to_pylist():
            told = orjson.loads(row["told"])
            if naming is None or _names(told, naming):
                yield Look(Entry(row["id"], row["after_cycle"], row["observed_us"]), Told(**told))

    def wholes(self) -> dict[int, str]:
        """The wholes kept, by number."""
        data = self._table(columns=["id", "whole"], filters=pc.field("whole").is_valid())
        return {row["id"]: row["whole"] for row in data.to_pylist()}

    def _whole(self, number: int) -> tuple[int, Seen]:
        data = self._table(columns=["id", "whole"], filters=(pc.field("id") <= number) & pc.field("whole").is_valid())
        if not data.num_rows:
            return 0, Seen()
        return data["id"][-1].as_py(), Seen.from_values(orjson.loads(data["whole"][-1].as_py()))

    def _table(self, **how: Any) -> pa.Table:
        if not self.path.exists():
            return _COLD_SCHEMA.empty_table().select(how["columns"])
        try:
            return pq.read_table(self.path, page_checksum_verification=True, **how)
        except (OSError, pa.ArrowInvalid) as error:
            raise StorageError(
                f"reading the history in {self.path}", str(error), "Restore it from a backup."
            ) from error


def write_cold(folder: Path, hot: HotLooks, **how: Any) -> None:
    """Write the looks of a hot file, if it has any, into the folder of a part."""
    wholes = dict(sorted(hot.wholes().items())[::_KEPT_WHOLE])
    rows = [
        (
            *look.entry,
            _text(look.told.as_values()),
            _text(unpacked(wholes[n])) if (n := look.entry.number) in wholes else None,
        )
        for look in hot.told()
    ]
    if rows:
        columns = [
            pa.array(values, kind) for values, kind in zip(zip(*rows, strict=True), _COLD_SCHEMA.types, strict=True)
        ]
        pq.write_table(pa.table(columns, schema=_COLD_SCHEMA), folder / COLD, row_group_size=_GROUP_ROWS, **how)


def are_equal(one: LookLog, other: LookLog) -> bool:
    """Whether two logs tell the same looks, and everything seen up to the last one is the same."""
    if one.entries() != other.entries():
        return False
    if any(mine != theirs for mine, theirs in zip(one.told(), other.told(), strict=True)):
        return False
    last = one.last()
    return last is None or one.seen_at(last.number) == other.seen_at(last.number)


def enter(connection: sqlite3.Connection, after_cycle: int, observed_us: int, told: Told, seen: Seen) -> int:
    """Enter a look into an open file; `seen` is everything seen, this look included. Returns its number."""
    if not has_table(connection, TABLE):
        for statement in _SCHEMA:
            connection.execute(statement)
    cursor = connection.execute(
        "INSERT INTO looks (after_cycle, observed_at, told) VALUES (?, ?, ?)",
        (after_cycle, observed_us, packed(told.as_values())),
    )
    number = int(cursor.lastrowid or 0)
    if number % WHOLE_EVERY == 0:
        connection.execute("UPDATE looks SET whole = ? WHERE id = ?", (packed(seen.as_values()), number))
    return number


def seen_in(connection: sqlite3.Connection) -> tuple[Entry, Seen] | None:
    """The look that came last into an open file, and everything seen by then; None in a file without looks."""
    if not has_table(connection, TABLE):
        return None
    query = f"{_PLACES} ORDER BY id DESC LIMIT 1"
    last = next((Entry(*row) for row in connection.execute(query)), None)
    if last is None:
        return None
    begin, seen = whole_of(connection, last.number)
    query = "SELECT observed_at, told FROM looks WHERE id > ? ORDER BY id"
    for at_us, blob in connection.execute(query, (begin,)):
        seen.take(Told(**unpacked(blob)), at_us)
    return last, seen


def whole_of(connection: sqlite3.Connection, number: int) -> tuple[int, Seen]:
    """The newest whole by a look in an open file, with its number; (0, nothing) when there is none."""
    if not has_table(connection, TABLE):
        return 0, Seen()
    query = "SELECT id, whole FROM looks WHERE id <= ? AND whole IS NOT NULL ORDER BY id DESC LIMIT 1"
    row = connection.execute(query, (number,)).fetchone()
    return (row[0], Seen.from_values(unpacked(row[1]))) if row else (0, Seen())


def _names(told: dict[str, Any], match_id: str) -> bool:
    return any(match_id in told.get(name, ()) for name in ("matches", "incidents", "gone", "dropped"))


def _text(value: object) -> str:
    return orjson.dumps(value).decode()
