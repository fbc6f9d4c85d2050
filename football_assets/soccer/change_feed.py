"""What changed from a place in the history on: row by row, in the order in which it came, over days and restarts.

A place is behind so many cycles and so many looks of a log, and behind so many rows of the last one of both. A day that
is compacted meanwhile keeps its places, for its cycles and looks are the same.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Literal

from football_assets.soccer.arrivals import Board, Cycle, Log, RowPair, arrived, cycles_behind
from football_assets.soccer.changes import AGES, LOGGED, Change, changes_between, instant_of, microseconds
from football_assets.soccer.history import History
from football_assets.soccer.look_log import Look
from football_assets.soccer.looks import Seen

Kind = Literal["appeared", "changed", "left"]
Logs = list[tuple[date, Log]]

# No cycle changes so many rows.
ALL = 1_000_000


class UnknownPlace(Exception):
    """The history does not, or no longer, hold this place."""


@dataclass(frozen=True)
class Place:
    """Behind the first `rows` changed rows of a cycle, or with `in_look` of a look.

    The day, its log's numbers of the newest cycle and look told, and the cycle's instant, µs. What came before them and
    was not told, because it was later than the instant asked for, comes behind the place.
    """

    day: date
    cycle: int
    observed_us: int
    rows: int
    look: int = 0
    in_look: bool = False


@dataclass(frozen=True)
class RowChange:
    """One row that became another. `row` names it within its match; None: the match itself.

    `observed_at` is the provider's clock of the cycle or look that shows it.
    """

    observed_at: datetime
    match_id: str
    table: str
    row: str | None
    kind: Kind
    changes: tuple[Change, ...]


@dataclass(frozen=True)
class _Step:
    """One cycle or look with the rows that it changed, and the place behind none of them."""

    place: Place
    observed_us: int
    changed: tuple[RowChange, ...]

    def behind(self, rows: int) -> Place:
        return replace(self.place, rows=rows)


@dataclass(frozen=True)
class _Entrance:
    """Where reading begins: the log, and how many cycles and looks of it lie behind; 0: none."""

    log: int
    cycle: int
    look: int


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
    for step in _steps(logs, begin, None if until is None else microseconds(until)):
        skipped = begin.rows if isinstance(begin, Place) and step.behind(begin.rows) == begin else 0
        for number, each in enumerate(step.changed[skipped:], skipped + 1):
            last = step.behind(number)
            if match_id is None or each.match_id == match_id:
                found.append(each)
            if len(found) == limit:
                return found, last
        last = step.behind(max(skipped, len(step.changed)))
    return found, last


def _place_at(logs: Logs, instant: datetime) -> Place | None:
    """The place behind all that was seen by an instant; None before the first cycle."""
    begin = _entrance_at(logs, microseconds(instant))
    if not begin.cycle:
        return None
    day, log = logs[begin.log]
    return Place(day, begin.cycle, dict(log.cycles())[begin.cycle], ALL, begin.look)


def _steps(logs: Logs, begin: Place | datetime, until_us: int | None) -> Iterator[_Step]:
    """Every cycle and look, from the one that a place names, or after an instant."""
    named = begin if isinstance(begin, Place) else None
    after_us = None if isinstance(begin, Place) else microseconds(begin)
    entrance = _entrance_of(logs, begin) if isinstance(begin, Place) else _entrance_at(logs, microseconds(begin))
    board = _board(logs, entrance)
    for day, log in logs[entrance.log :]:
        reading = _Reading(day, log, board, entrance.cycle, entrance.look)
        for step in reading.steps(named, until_us):
            if after_us is None or step.observed_us > after_us:
                yield step
        if reading.is_cut:
            return
        entrance, named = _Entrance(0, 0, 0), None


class _Reading:
    """One log, read onto the board behind some of its cycles and looks. `is_cut`: something is later than wanted."""

    def __init__(self, day: date, log: Log, board: Board, cycle: int, look: int) -> None:
        self._day, self._log, self._board = day, log, board
        self._cycle, self._look = cycle, look
        self.is_cut = False

    def steps(self, named: Place | None, until_us: int | None) -> Iterator[_Step]:
        """What a place names, then all that came behind it; looks and cycles each end with the first later one."""
        if named is not None:
            yield self._step(self._named(named))
        for each in arrived(self._log, self._board, self._cycle, self._look):
            is_look = isinstance(each, Look)
            if until_us is not None and _observed_us(each) > until_us:
                self.is_cut = True
                if not is_look:
                    return
            elif not (is_look and self.is_cut):
                yield self._step(each)

    def _named(self, place: Place) -> Cycle | Look:
        if place.in_look:
            return next(self._log.looks.told(place.look - 1, place.look))
        return next(cycles_behind(self._log, self._cycle, self._board.rows))

    def _step(self, each: Cycle | Look) -> _Step:
        observed_us = _observed_us(each)
        if isinstance(each, Look):
            self._look = each.entry.number
            pairs = self._board.take_look(each)
        else:
            pairs = self._board.take_cycle(each if self._cycle else self._opening(each))
            self._cycle = each.number
        place = Place(self._day, self._cycle, self._board.cycle_us, 0, self._look, isinstance(each, Look))
        return _Step(place, observed_us, tuple(_told(pairs, observed_us)))

    def _opening(self, cycle: Cycle) -> Cycle:
        """A log begins with every row whole: what it does not tell is no longer listed."""
        rows = self._board.rows
        gone = {name: dict.fromkeys(rows.get(name, {}).keys() - cycle.told.get(name, {}).keys()) for name in LOGGED}
        told = {name: {**gone[name], **cycle.told.get(name, {})} for name in LOGGED}
        return Cycle(cycle.number, cycle.observed_us, told)


def _observed_us(each: Cycle | Look) -> int:
    return each.entry.observed_us if isinstance(each, Look) else each.observed_us


def _entrance_of(logs: Logs, place: Place) -> _Entrance:
    """Before the cycle or look that a place names. Raises UnknownPlace."""
    for number, (day, log) in enumerate(logs):
        if day != place.day or (place.cycle, place.observed_us) not in (cycles := log.cycles()):
            continue
        last = log.looks.last() if place.look else None
        if place.look and (last is None or last.number < place.look):
            continue
        if place.in_look:
            return _Entrance(number, place.cycle, place.look - 1)
        return _Entrance(number, max((n for n, _ in cycles if n < place.cycle), default=0), place.look)
    raise UnknownPlace


def _entrance_at(logs: Logs, until_us: int) -> _Entrance:
    """Behind the newest cycle by an instant and the looks by then; before the first cycle: none."""
    for number, (day, log) in reversed(list(enumerate(logs))):
        seen = [n for n, observed_us in log.cycles() if observed_us <= until_us] if _begins(day) <= until_us else []
        if not seen:
            continue
        if number > 0 and logs[number - 1][0] < day:
            # Looks that are newer than the day's first cycle may be in the log of the day before.
            _, earlier = logs[number - 1]
            last = earlier.looks.last()
            if last is not None and last.observed_us > until_us:
                return _Entrance(number - 1, earlier.cycles()[-1][0], _look_by(earlier, until_us))
        return _Entrance(number, seen[-1], _look_by(log, until_us))
    return _Entrance(0, 0, 0)


def _look_by(log: Log, until_us: int) -> int:
    found = log.looks.last(until_us)
    return 0 if found is None else found.number


def _begins(day: date) -> int:
    return microseconds(datetime(day.year, day.month, day.day, tzinfo=UTC))


def _board(logs: Logs, entrance: _Entrance) -> Board:
    """What was shown before the first cycle or look to tell of."""
    if not logs or not (entrance.log or entrance.cycle):
        return Board()
    own = logs[entrance.log][1]
    log = own if entrance.cycle else logs[entrance.log - 1][1]
    cycles = log.cycles()
    cycle = entrance.cycle or cycles[-1][0]
    return Board(log.state_at(cycle), dict(cycles)[cycle], _seen(logs, entrance))


def _seen(logs: Logs, entrance: _Entrance) -> Seen:
    """Everything seen before it. Of another run of the provider, whose clock was ahead of this one, nothing."""
    day, log = logs[entrance.log]
    if entrance.look:
        seen = log.looks.seen_at(entrance.look)
        before = [number for number, _ in log.cycles() if number <= entrance.cycle][-2:]
        if before and log.looks.place(entrance.look).after_cycle < before[0]:
            seen.seen_us = dict.fromkeys(seen.seen_us, 0)
        return seen
    if entrance.log and entrance.cycle in (0, log.cycles()[0][0]):
        earlier_day, earlier = logs[entrance.log - 1]
        last = earlier.looks.last()
        if last is not None and (earlier_day < day or not entrance.cycle):
            return earlier.looks.seen_at(last.number)
    return Seen()


def _told(pairs: Iterable[RowPair], observed_us: int) -> Iterator[RowChange]:
    """The rows that differ by more than the clock, by match."""
    for name, key, before, after in pairs:
        if not before and not after:
            continue
        told_of = [each for each in changes_between(name, key, before, after) if each.column not in AGES]
        kind: Kind = "left" if not after else "changed" if before else "appeared"
        if told_of or kind != "changed":
            match_id, _, place = key.partition("/")
            shown = () if kind == "left" else tuple(told_of)
            yield RowChange(instant_of(observed_us), match_id, name, place or None, kind, shown)
