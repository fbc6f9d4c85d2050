"""What changed from a place in the history on: row by row, in the order in which it was seen, over days and restarts.

A place is behind so many rows of one cycle. A day that is compacted meanwhile keeps its places, for its cycles are the
same.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

from football_assets.soccer.changelog import HotDay
from football_assets.soccer.changes import (
    AGES,
    LOGGED,
    Change,
    Rows,
    State,
    Values,
    changes_between,
    instant_of,
    merged,
    microseconds,
)
from football_assets.soccer.compaction import ColdPart
from football_assets.soccer.history import History

Log = HotDay | ColdPart
Kind = Literal["appeared", "changed", "left"]
Logs = list[tuple[date, Log]]
Told = dict[str, dict[str, Values | None]]


# No cycle changes so many rows.
ALL = 1_000_000


class UnknownPlace(Exception):
    """The history does not, or no longer, hold this place."""


@dataclass(frozen=True)
class Place:
    """Behind the first `rows` changed rows of a cycle: the day, its log's number of the cycle, and its instant, µs."""

    day: date
    cycle: int
    observed_us: int
    rows: int


@dataclass(frozen=True)
class RowChange:
    """One row that became another. `row` names it within its match; None: the match itself."""

    observed_at: datetime
    match_id: str
    table: str
    row: str | None
    kind: Kind
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class _Step:
    """One cycle with the rows that it changed."""

    day: date
    cycle: int
    observed_us: int
    changed: tuple[RowChange, ...]

    def place(self, rows: int) -> Place:
        return Place(self.day, self.cycle, self.observed_us, rows)


def changes_from(
    history: History, begin: Place | datetime, limit: int, until: datetime | None = None, match_id: str | None = None
) -> tuple[list[RowChange], Place | None]:
    """Up to `limit` changed rows from a place or after an instant, and the place behind them.

    What is seen after `until` is left out. The place is None when nothing is kept yet. Raises UnknownPlace, and
    StorageError when the history cannot be read.
    """
    found: list[RowChange] = []
    logs = [(day, log) for day in history.days() for log in reversed(history.logs(day))]
    last = begin if isinstance(begin, Place) else _place_at(logs, begin)
    for step in _steps(logs, begin):
        if until is not None and step.observed_us > microseconds(until):
            break
        skipped = begin.rows if isinstance(begin, Place) and step.place(begin.rows) == begin else 0
        for number, each in enumerate(step.changed[skipped:], skipped + 1):
            last = step.place(number)
            if match_id is None or each.match_id == match_id:
                found.append(each)
            if len(found) == limit:
                return found, last
        last = step.place(max(skipped, len(step.changed)))
    return found, last


def _place_at(logs: Logs, instant: datetime) -> Place | None:
    """The place behind all of the newest cycle by an instant; None before the first."""
    first, after = _entrance(logs, instant)
    if not after:
        return None
    day, log = logs[first]
    return Place(day, after, dict(log.cycles())[after], ALL)


def _steps(logs: Logs, begin: Place | datetime) -> Iterator[_Step]:
    """Every cycle from the one that a place names, or after the newest by an instant."""
    first, after = _entrance(logs, begin)
    state = _before(logs, first, after)
    for number, (day, log) in enumerate(logs[first:]):
        opening = number > 0 or after == 0
        for cycle, observed_us, told in _told(log, after if number == 0 else 0, state):
            if opening:  # a log begins with every row whole: what it does not tell is no longer listed
                gone = {name: dict.fromkeys(rows.keys() - told.get(name, {}).keys()) for name, rows in state.items()}
                told = {name: {**gone.get(name, {}), **told.get(name, {})} for name in LOGGED}
                opening = False
            yield _Step(day, cycle, observed_us, tuple(_applied(state, told, observed_us)))


def _entrance(logs: Logs, begin: Place | datetime) -> tuple[int, int]:
    """Which log to begin with, and behind which of its cycles; 0: with its first."""
    if isinstance(begin, Place):
        for number, (day, log) in enumerate(logs):
            if day == begin.day and (begin.cycle, begin.observed_us) in (cycles := log.cycles()):
                return number, max((n for n, _ in cycles if n < begin.cycle), default=0)
        raise UnknownPlace
    until_us = microseconds(begin)
    for number, (day, log) in reversed(list(enumerate(logs))):
        if day <= begin.date():
            seen = [n for n, observed_us in log.cycles() if observed_us <= until_us]
            if seen:
                return number, seen[-1]
    return 0, 0


def _before(logs: Logs, first: int, after: int) -> State:
    """The rows that were shown before the first cycle to tell of."""
    if not logs or (first == 0 and after == 0):
        return {name: {} for name in LOGGED}
    log = logs[first][1] if after else logs[first - 1][1]
    return log.state_at(after or log.cycles()[-1][0])


def _told(log: Log, after: int, state: State) -> Iterator[tuple[int, int, Told]]:
    """(cycle, instant, the rows it changed, whole; None for one that left) of each cycle behind one."""
    if isinstance(log, ColdPart):
        versions = log.versions_after(after)
        for cycle, observed_us in log.cycles():
            if cycle > after:
                yield cycle, observed_us, versions.get(cycle, {})
        return
    for each in log.told(after=after):
        yield (
            each.number,
            each.observed_us,
            {
                name: {
                    key: None
                    if values is None
                    else merged(dict(state.get(name, {}).get(key, {})), values, each.observed_us)
                    for key, values in changes.items()
                }
                for name, changes in each.changes.items()
            },
        )


def _applied(state: State, told: Told, observed_us: int) -> Iterator[RowChange]:
    """The rows that differ by more than the clock, by match; the state is brought on."""
    found: list[tuple[str, str, Values, Values | None]] = []
    for name, changes in told.items():
        rows: Rows = state.setdefault(name, {})
        for key, row in changes.items():
            found.append((name, key, rows.get(key, {}), row))
            if row is None:
                rows.pop(key, None)
            else:
                rows[key] = row
    ordered = sorted(found, key=lambda each: (each[1].partition("/")[0], list(LOGGED).index(each[0]), each[1]))
    for name, key, before, after in ordered:
        if not before and not after:
            continue
        told_of = [c for c in changes_between(name, key, before, after or {}) if c.column not in AGES]
        kind: Kind = "left" if after is None else "changed" if before else "appeared"
        if told_of or kind != "changed":
            match_id, _, place = key.partition("/")
            shown = () if after is None else tuple(told_of)
            yield RowChange(instant_of(observed_us), match_id, name, place or None, kind, shown)
