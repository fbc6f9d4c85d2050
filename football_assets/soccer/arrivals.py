"""The change log in the order in which it came: each cycle and look with the rows that are shown otherwise since.

A cycle is entered long after it was read, so looks that are newer than it may come before it. What is shown of a match
is the newer of both; a cycle that comes late moves nothing of it back.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from football_assets.soccer.changelog import HotDay
from football_assets.soccer.changes import LOGGED, Rows, State, Values, merged
from football_assets.soccer.compaction import ColdPart
from football_assets.soccer.look_log import Look
from football_assets.soccer.looks import INCIDENTS, MATCHES, Seen, Told, chosen, only, shown_incidents, shown_match

Log = HotDay | ColdPart
# Behind the last cycle of a log.
ALL_CYCLES = 2**62
# Table -> key -> the row whole, None for one that left.
ToldRows = dict[str, dict[str, Values | None]]
# (table, key, the row before, the row after); {}: not there.
RowPair = tuple[str, str, Values, Values]


@dataclass(frozen=True)
class Cycle:
    """A cycle of a log with the rows that it told, whole."""

    number: int
    observed_us: int
    told: ToldRows


@dataclass
class Board:
    """What is shown: the rows of the newest cycle, and what was seen, as far as that is newer."""

    rows: State = field(default_factory=dict)
    cycle_us: int = 0
    seen: Seen = field(default_factory=Seen)

    def take_cycle(self, cycle: Cycle) -> list[RowPair]:
        """The rows that are shown otherwise after a cycle."""
        overlaid = self._overlaid()
        told = {key.partition("/")[0] for name in (MATCHES, INCIDENTS) for key in cycle.told.get(name, {})}
        # Only a match that the cycle tells of may become shown as it was seen: else it was shown so before.
        match_ids = overlaid | told
        before = self._shown(match_ids, cycle.told)
        for name, changes in cycle.told.items():
            rows = self.rows.setdefault(name, {})
            for key, row in changes.items():
                if row is None:
                    rows.pop(key, None)
                else:
                    rows[key] = row
        if cycle.observed_us < self.cycle_us:  # another run of the provider: what was seen of the one before is over
            self.seen.seen_us = dict.fromkeys(self.seen.seen_us, 0)
        self.cycle_us = cycle.observed_us
        return _pairs(before, self._shown(match_ids, cycle.told))

    def take_look(self, look: Look) -> list[RowPair]:
        """The rows that are shown otherwise after a look."""
        if look.entry.number == 1:  # the first one of a log tells everything
            fresh, listed = Seen(), set(look.told.matches)
        else:
            fresh, listed = self.seen, self.seen.listed | look.told.matches.keys()
        known = self._overlaid()
        match_ids = look.told.named | (listed - known) | (known if fresh is not self.seen else set())
        before = self._shown(match_ids, {})
        self.seen = fresh.take(look.told, look.entry.observed_us)
        return _pairs(before, self._shown(match_ids, {}))

    def through(self, log: Log, match_id: str) -> Iterator[tuple[int, list[RowPair]]]:
        """(instant, the rows of one match that are shown otherwise) of each cycle and look of a log."""
        told: dict[int, ToldRows] = {}
        for table, key, (number, _, row) in log.versions(match_id):
            told.setdefault(number, {}).setdefault(table, {})[key] = row
        named = {look.entry.number: look.told for look in log.looks.told(naming=match_id)}
        looks = iter(log.looks.entries() if named else [])
        look = next(looks, None)
        for number, observed_us in [*log.cycles(), (ALL_CYCLES, 0)]:
            while look is not None and look.after_cycle < number:
                about = named.get(look.number)
                if about is not None or look.number == 1 or match_id in self.seen.listed:
                    yield look.observed_us, self.take_look(Look(look, only(about or Told(), match_id)))
                look = next(looks, None)
            if number != ALL_CYCLES:
                yield observed_us, self.take_cycle(Cycle(number, observed_us, told.get(number, {})))

    def _overlaid(self) -> set[str]:
        return self.seen.newer_than(self.cycle_us) & self.rows.get(MATCHES, {}).keys()

    def _shown(self, match_ids: set[str], told: ToldRows) -> State:
        """The rows shown of some matches, and those of other tables that a cycle tells."""
        found = {
            name: {key: row for key in keys if (row := self.rows.get(name, {}).get(key)) is not None}
            for name, keys in told.items()
        }
        newer = self._overlaid() & match_ids
        matches = chosen(self.rows.get(MATCHES, {}), match_ids)
        found[MATCHES] = {key: shown_match(row, self.seen) if key in newer else row for key, row in matches.items()}
        found[INCIDENTS] = shown_incidents(chosen(self.rows.get(INCIDENTS, {}), match_ids), newer, self.seen)
        return found


def arrived(log: Log, board: Board, after_cycle: int, after_look: int) -> Iterator[Cycle | Look]:
    """What came into a log behind a cycle and a look, in order; each is to be taken by the board before the next."""
    looks = log.looks.told(after_look)
    look = next(looks, None)
    for cycle in cycles_behind(log, after_cycle, board.rows):
        while look is not None and look.entry.after_cycle < cycle.number:
            yield look
            look = next(looks, None)
        yield cycle
    while look is not None:
        yield look
        look = next(looks, None)


def cycles_behind(log: Log, after: int, rows: State) -> Iterator[Cycle]:
    """The cycles of a log behind one, on the rows that are there when each is asked for."""
    if isinstance(log, ColdPart):
        versions = log.versions_after(after)
        for number, observed_us in log.cycles():
            if number > after:
                yield Cycle(number, observed_us, versions.get(number, {}))
        return
    for place, each in enumerate(log.told(after=after)):
        known = rows if after or place else {}  # a log begins with every row whole
        told = {
            name: {key: _whole(known.get(name, {}), key, values, each.observed_us) for key, values in changes.items()}
            for name, changes in each.changes.items()
        }
        yield Cycle(each.number, each.observed_us, told)


def _whole(rows: Rows, key: str, values: Values | None, now_us: int) -> Values | None:
    return None if values is None else merged(dict(rows.get(key, {})), values, now_us)


def _pairs(before: State, after: State) -> list[RowPair]:
    """The rows of either, by match, table and key."""
    found = [
        (name, key, before.get(name, {}).get(key, {}), after.get(name, {}).get(key, {}))
        for name in LOGGED
        for key in before.get(name, {}).keys() | after.get(name, {}).keys()
    ]
    return sorted(found, key=lambda each: (each[1].partition("/")[0], list(LOGGED).index(each[0]), each[1]))
