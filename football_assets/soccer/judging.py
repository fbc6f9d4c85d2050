"""Corrections in the order in which things were shown: each cycle and look is held against what was shown before it."""

from collections.abc import Iterator
from typing import NamedTuple

from football_assets.soccer.changes import CLOCK, State, Tables
from football_assets.soccer.corrections import Row, corrections, judged_state
from football_assets.soccer.looks import INCIDENTS, MATCHES, Seen, shown_incidents, shown_match


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
