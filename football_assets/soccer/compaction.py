"""Days that are over: each becomes sorted, compressed Parquet, is read back, and only then loses its hot file.

`history/<day>/part-1/` holds one file a logged table and one each for quotes, cycles, corrections and, where the fast
lane looked, its looks. A row of a
table's file is a version: what one row was from its cycle on, until its next version. Rows are sorted by key, then
cycle, so that equal values lie together. A day that was played again by an emulator gets another part.
"""

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.errors import StorageError
from football_assets.soccer.changelog import CYCLE, HotDay
from football_assets.soccer.changes import LOGGED, Rows, State, Values, applied, merged, shown
from football_assets.soccer.corrections import Row
from football_assets.soccer.day_files import HOT, days_of, has_table
from football_assets.soccer.look_log import TABLE, ColdLooks, are_equal, write_cold
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.quotes_log import KEPT
from football_assets.tables import Table, arrow_schema

IDLE_S = 6 * 3600
CHECKED_CYCLES = 8
# Parts that were written before predictions were kept have no file of them.
ADDED_LATER = frozenset({MatchPredictions.table_name()})
_LISTED = pa.field("is_listed", pa.bool_())
_CYCLES = pa.schema([CYCLE, pa.field("observed_us", pa.int64())])
_BATCH_ROWS = 5_000
_GROUP_ROWS = 200_000
_ZSTD: dict[str, Any] = {"compression": "zstd", "compression_level": 9, "write_page_checksum": True}
Version = tuple[int, int, Values | None]


@dataclass(frozen=True)
class Compacted:
    """What became of one day: versions and quotes written, and bytes before and after."""

    day: date
    versions: int
    quotes: int
    hot_bytes: int
    part_bytes: int


@dataclass(frozen=True)
class Upkeep:
    """What the upkeep of one world did: days compacted, days removed, and days that could not be compacted."""

    compacted: tuple[Compacted, ...]
    removed: tuple[date, ...]
    problems: tuple[str, ...]


class ColdPart:
    """One compacted log of a day."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.day = date.fromisoformat(folder.parent.name)

    def cycles(self) -> list[tuple[int, int]]:
        """(number, instant) of every cycle in the order of the log."""
        return [(row["cycle"], row["observed_us"]) for row in self._table("cycles").to_pylist()]

    def state_at(self, number: int) -> State:
        """The state that a cycle showed."""
        now_us = dict(self.cycles())[number]
        rows = {name: self._rows_at(table, number) if self._has(name) else {} for name, table in LOGGED.items()}
        return shown(rows, now_us)

    def versions(self, match_id: str) -> Iterator[tuple[str, str, Version]]:
        """(table, key, version) of every row of a match, by table and key, in the order of the log."""
        for name, table in LOGGED.items():
            if not self._has(name):
                continue
            data = self._table(name, filters=[("match_id", "==", match_id)])
            for key, cycle, listed, row in _plain(table, data):
                yield name, key, (cycle, row["fetched_at"], row if listed else None)

    def versions_after(self, number: int) -> dict[int, dict[str, dict[str, Values | None]]]:
        """Cycle -> table -> key -> row or None, of every row that a cycle after this one told."""
        found: dict[int, dict[str, dict[str, Values | None]]] = {}
        for name, table in LOGGED.items():
            if not self._has(name):
                continue
            for key, cycle, listed, row in _plain(table, self._table(name, filters=[("cycle", ">", number)])):
                found.setdefault(cycle, {}).setdefault(name, {})[key] = row if listed else None
        return found

    def quotes(self, match_id: str | None = None) -> pa.Table:
        """Every quote, or those on one match, with the cycle in which it was new."""
        return self._table("quotes", filters=None if match_id is None else [("match_id", "==", match_id)])

    @property
    def looks(self) -> ColdLooks:
        """What the fast lane saw beside the cycles of the part."""
        return ColdLooks(self.folder)

    def corrections(self) -> list[Row]:
        """Every correction of the part."""
        found: list[Row] = json.loads((self.folder / "corrections.json").read_text(encoding="utf-8"))
        return found

    def rows(self, name: str) -> int:
        """How many rows a file of the part has."""
        if not self._has(name):
            return 0
        return int(pq.read_metadata(self.folder / f"{name}.parquet").num_rows)

    def _has(self, name: str) -> bool:
        return name not in ADDED_LATER or (self.folder / f"{name}.parquet").exists()

    def _table(self, name: str, **how: Any) -> pa.Table:
        path = self.folder / f"{name}.parquet"
        try:
            return pq.read_table(path, page_checksum_verification=True, **how)
        except (OSError, pa.ArrowInvalid) as error:
            raise StorageError(f"reading the history in {path}", str(error), "Restore it from a backup.") from error

    def _rows_at(self, table: type[Table], number: int) -> Rows:
        name, keys = table.table_name(), list(table.about().key)
        index = self._table(name, columns=[*keys, "cycle", "is_listed"])
        until = np.flatnonzero(np.asarray(index["cycle"]) <= number)
        rows = index.take(until).select(keys).to_pandas()
        # Sorted by key and cycle: the last of each key is its newest version.
        last = until[~rows.duplicated(keep="last").to_numpy()]
        listed = last[np.asarray(index["is_listed"].take(last), bool)]
        return {key: row for key, _, _, row in _plain(table, self._taken(name, listed))}

    def _taken(self, name: str, places: "np.typing.NDArray[np.int64]") -> pa.Table:
        """Some rows of a file, reading only the row groups that they are in."""
        found, start = [], 0
        file = pq.ParquetFile(self.folder / f"{name}.parquet", page_checksum_verification=True)
        with closing(file):
            for group in range(file.num_row_groups):
                count = file.metadata.row_group(group).num_rows
                here = places[(places >= start) & (places < start + count)] - start
                if len(here):
                    found.append(file.read_row_group(group).take(here))
                start += count
            return pa.concat_tables([file.schema_arrow.empty_table(), *found])


def parts_of(folder: Path) -> list[ColdPart]:
    """The compacted logs of a day's folder, newest first."""
    return [ColdPart(path) for path in sorted(folder.glob("part-*"), key=_part_number, reverse=True)]


def finished_days(folder: Path, *, now_s: float | None = None) -> list[date]:
    """Days with a hot file that nothing is appended to any more: a later day has begun, or it lay idle for hours."""
    days = days_of(folder)
    found = []
    for day in days:
        files = [path for path in _hot_files(folder / day.isoformat()) if path.exists()]
        if not files or not (folder / day.isoformat() / HOT).exists():
            continue
        idle_s = (time.time() if now_s is None else now_s) - max(path.stat().st_mtime for path in files)
        if day < days[-1] or idle_s > IDLE_S:
            found.append(day)
    return found


def compact(folder: Path, day: date) -> Compacted:
    """Turn a day's hot file into a part, read it back, and remove the hot file.

    Raises StorageError when the part does not read as the hot file does, or the day went on meanwhile; the hot file
    then stays.
    """
    place = folder / day.isoformat()
    hot = HotDay(place / HOT)
    hot_bytes = sum(path.stat().st_size for path in _hot_files(place) if path.exists())
    cycles, looks = hot.cycles(), len(hot.looks.entries())
    part = _there(place, hot, cycles) or _written(place, hot, cycles)
    _drop_hot(place, len(cycles), looks)
    for earlier in parts_of(place):  # written before the log's last looks came
        if earlier.folder != part.folder and earlier.cycles() == cycles:
            shutil.rmtree(earlier.folder)
    versions = sum(part.rows(name) for name in LOGGED)
    size = sum(path.stat().st_size for path in part.folder.iterdir())
    return Compacted(day, versions, part.rows("quotes"), hot_bytes, size)


def _there(place: Path, hot: HotDay, cycles: list[tuple[int, int]]) -> ColdPart | None:
    """The part that was written when the upkeep ended before it removed the hot file."""
    looks = hot.looks.entries()
    return next((each for each in parts_of(place) if each.cycles() == cycles and each.looks.entries() == looks), None)


def prune(folder: Path, keep_days: int) -> list[date]:
    """Remove the days that lie `keep_days` or more before the newest one; returns them."""
    days = days_of(folder)
    gone = [day for day in days if day <= days[-1] - timedelta(days=keep_days)]
    for day in gone:
        shutil.rmtree(folder / day.isoformat())
    return gone


def keep_up(folder: Path, keep_days: int) -> Upkeep:
    """Remove the days past retention and compact those that are over; a day that cannot be compacted stays as it is."""
    removed = prune(folder, keep_days)
    compacted, problems = [], []
    for day in finished_days(folder):
        try:
            compacted.append(compact(folder, day))
        except StorageError as error:
            problems.append(str(error))
    return Upkeep(tuple(compacted), tuple(removed), tuple(problems))


def verify(hot: HotDay, part: ColdPart) -> None:
    """Hold a part against its hot file at evenly spread cycles and in its counts. Raises StorageError."""
    doing = f"verifying {part.folder}"
    to_do = "The hot file is kept; compact the day again."
    cycles = hot.cycles()
    if part.cycles() != cycles:
        raise StorageError(doing, "it has other cycles than the log", to_do)
    wanted = {cycles[n][0] for n in np.linspace(0, len(cycles) - 1, CHECKED_CYCLES).astype(int)} if cycles else set()
    state: State = {}
    for cycle in hot.told():
        state = applied(state, cycle.changes, cycle.observed_us)
        if cycle.number in wanted and part.state_at(cycle.number) != shown(state, cycle.observed_us):
            raise StorageError(doing, f"cycle {cycle.number} reads otherwise than in the log", to_do)
    if not part.quotes().equals(_distinct(hot.quotes())):
        raise StorageError(doing, "its quotes differ from those of the log", to_do)
    if not are_equal(hot.looks, part.looks):
        raise StorageError(doing, "its looks differ from those of the log", to_do)


def _written(place: Path, hot: HotDay, cycles: list[tuple[int, int]]) -> ColdPart:
    scratch = place / ".part"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir()
    try:
        for name, table in LOGGED.items():
            _write_versions(scratch / f"{name}.parquet", table, _versions_by_key(hot, name))
        numbers, instants = zip(*cycles, strict=True) if cycles else ((), ())
        about = pa.table([pa.array(numbers, CYCLE.type), pa.array(instants, pa.int64())], schema=_CYCLES)
        pq.write_table(about, scratch / "cycles.parquet", **_ZSTD)
        pq.write_table(_distinct(hot.quotes()), scratch / "quotes.parquet", **_ZSTD)
        write_cold(scratch, hot.looks, **_ZSTD)
        (scratch / "corrections.json").write_text(json.dumps(hot.corrections()), encoding="utf-8")
        verify(hot, ColdPart(scratch))
        for path in scratch.iterdir():
            with path.open("rb") as file:
                os.fsync(file.fileno())
        newest = max((_part_number(part.folder) for part in parts_of(place)), default=0)
        return ColdPart(scratch.rename(place / f"part-{newest + 1}"))
    except OSError as error:
        to_do = "The hot file is kept; free or mend the disk."
        raise StorageError(f"compacting {place}", str(error), to_do) from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _versions_by_key(hot: HotDay, name: str) -> Mapping[str, list[Version]]:
    found: dict[str, list[Version]] = {}
    for cycle in hot.told():
        for key, values in cycle.changes.get(name, {}).items():
            found.setdefault(key, []).append((cycle.number, cycle.observed_us, values))
    return dict(sorted(found.items()))


def _write_versions(path: Path, table: type[Table], versions: Mapping[str, list[Version]]) -> None:
    schema = pa.schema([CYCLE, _LISTED, *arrow_schema(table)])
    batch: list[Values] = []
    parts: list[pa.Table] = []
    for history in versions.values():
        batch += _whole_rows(table, history)
        if len(batch) >= _BATCH_ROWS:
            parts.append(pa.Table.from_pylist(batch, schema=schema))
            batch = []
    parts.append(pa.Table.from_pylist(batch, schema=schema))
    # Few groups: each repeats the dictionaries and the footer of 190 columns.
    pq.write_table(pa.concat_tables(parts), path, row_group_size=_GROUP_ROWS, **_ZSTD)


def _whole_rows(table: type[Table], history: list[Version]) -> Iterator[Values]:
    row: Values | None = None
    key: Values = {}
    for number, now_us, values in history:
        row = None if values is None else merged(dict(row or {}), values, now_us)
        key = {name: row[name] for name in table.about().key} if row else key
        yield {"cycle": number, "is_listed": row is not None, "fetched_at": now_us, **(row or key)}


def _plain(table: type[Table], data: pa.Table) -> Iterator[tuple[str, int, bool, Values]]:
    """(key, cycle, whether listed, row) of each version."""
    schema = pa.schema([(f.name, pa.int64() if pa.types.is_timestamp(f.type) else f.type) for f in data.schema])
    for row in data.cast(schema).to_pylist():
        cycle, listed = row.pop("cycle"), row.pop("is_listed")
        values = {name: value for name, value in row.items() if value is not None}
        yield "/".join(str(values[name]) for name in table.about().key), cycle, listed, values


def _distinct(quotes: pa.Table) -> pa.Table:
    """Each quote once, with its first cycle, sorted by series and time."""
    unique = quotes.group_by(KEPT.names, use_threads=False).aggregate([("cycle", "min")])
    renamed = unique.rename_columns([*KEPT.names, "cycle"]).cast(KEPT.append(CYCLE))
    return renamed.sort_by([(name, "ascending") for name in (*KEPT.names, "cycle")])


def _drop_hot(place: Path, cycles: int, looks: int) -> None:
    path = place / HOT
    try:
        with closing(sqlite3.connect(path, timeout=10, isolation_level=None)) as connection:
            connection.execute("BEGIN EXCLUSIVE")
            (count,) = connection.execute("SELECT count(*) FROM cycles").fetchone()
            has_looks = has_table(connection, TABLE)
            looked = connection.execute("SELECT count(*) FROM looks").fetchone()[0] if has_looks else 0
            if (count, looked) != (cycles, looks):
                more = f"{count - cycles} cycles" if count != cycles else f"{looked - looks} looks"
                happened = f"{more} were appended meanwhile"
                raise StorageError(f"compacting {place}", happened, "Compact it when the day is over.")
            for file in _hot_files(place):
                file.unlink(missing_ok=True)
    except sqlite3.Error as error:
        raise StorageError(f"removing {path}", str(error), "The part is kept; compact the day again.") from error


def _hot_files(place: Path) -> list[Path]:
    return [place / f"{HOT}{ending}" for ending in ("", "-wal", "-shm")]


def _part_number(path: Path) -> int:
    return int(path.name.removeprefix("part-"))
