"""Corrections in the order in which things were shown: each cycle and look is held against what was shown before it."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from football_assets.soccer.changes import CLOCK, State, Tables, Values
from football_assets.soccer.corrections import JUDGED, Row, corrections, judged_state
from football_assets.soccer.looks import INCIDENTS, MATCHES, Seen, Told, shown_incidents, shown_match

# What of a match tells cheaply whether a look and a cycle may differ in anything that corrections are told by.
_COMPARED = (*JUDGED[MATCHES], "incidents")


class Shown(NamedTuple):
    """What is shown: the plain tables of a cycle, its instant, and what was seen, as far as that is newer."""

    tables: Tables
    cycle_us: int
    seen: Seen

    def state(self, match_ids: set[str]) -> State:
        """Of some matches what corrections are told by."""
        found = judged_state(self.tables, match_ids)
        rows = found.get(MATCHES, {})
        newer = self.seen.newer_than(self.cycle_us) & rows.keys()
        matches = {
            key: shown_match({**row, CLOCK: self.cycle_us}, self.seen) if key in newer else row
            for key, row in rows.items()
        }
        return {MATCHES: matches, INCIDENTS: shown_incidents(found.get(INCIDENTS, {}), newer, self.seen)}


def corrections_shown(before: Shown, after: Shown, match_ids: set[str]) -> Iterator[Row]:
    """What is taken back of some matches between both."""
    return corrections(before.state(match_ids), after.state(match_ids))


def differing(tables: Tables, matches: Mapping[str, Values]) -> set[str]:
    """The matches of a cycle's plain tables that looks show otherwise."""
    rows = tables[MATCHES].select(["match_id", *_COMPARED])
    return {
        match_id
        for match_id, *values in zip(*(column.to_pylist() for column in rows.columns), strict=True)
        if (seen := matches.get(match_id)) is not None and values != [seen.get(name) for name in _COMPARED]
    }


def judged_matches(told: Told) -> set[str]:
    """The matches of which a look tells something in which a correction can show."""
    judged = frozenset(JUDGED[MATCHES])
    return {key for key, values in told.matches.items() if not judged.isdisjoint(values)} | told.incidents.keys()
