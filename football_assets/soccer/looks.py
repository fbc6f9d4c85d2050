"""What the fast lane saw of the live list, and how it is laid over what a cycle showed.

A look knows a match's row of the live list and its incidents; statistics, odds, names and weather it does not know. Of
a match the newer of look and cycle is shown, by the provider's clock. A match that left the list stays as it was seen
last until a cycle that is newer says otherwise; one that no cycle has listed yet has no names and is not shown.
"""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from football_assets.soccer.changes import AGES, CLOCK, Rows, State, Values, microseconds
from football_assets.soccer.schemas import FlattenedMatches, Incidents, LiveMatches
from football_assets.tables import columns

MATCHES, INCIDENTS = FlattenedMatches.table_name(), Incidents.table_name()
# Of the live list's columns how many statistics there are comes with them, in the cycle.
LOOKED = frozenset({c.name for c in columns(LiveMatches)} - {"match_id", "stats", CLOCK}) | {"is_in_play"}
_SECOND_US = 1_000_000
# Match -> changed values (null: no longer known), or the same of its incidents by place, None for one that is gone.
MatchChanges = dict[str, Values]
IncidentChanges = dict[str, dict[str, Values | None]]


@dataclass(frozen=True)
class Listed:
    """The live list of one look: by match its columns in LOOKED, and its incidents by place. Unknown is absent."""

    matches: Mapping[str, Values]
    incidents: Mapping[str, Mapping[str, Values]]


@dataclass(frozen=True)
class Told:
    """What a look tells that the look before it did not. `dropped` are matches that need not be remembered any more."""

    matches: MatchChanges = field(default_factory=dict)
    incidents: IncidentChanges = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    dropped: list[str] = field(default_factory=list)

    def as_values(self) -> dict[str, Any]:
        """For a log: what is empty is left out."""
        return {name: value for name, value in vars(self).items() if value}

    @property
    def named(self) -> set[str]:
        """The matches of which it tells something."""
        return {*self.matches, *self.incidents}


@dataclass
class Seen:
    """Everything seen so far of the matches remembered: each as it was when it was listed last."""

    matches: dict[str, Values] = field(default_factory=dict)
    incidents: dict[str, dict[str, Values]] = field(default_factory=dict)
    seen_us: dict[str, int] = field(default_factory=dict)
    listed: set[str] = field(default_factory=set)

    def as_values(self) -> dict[str, Any]:
        """For a log."""
        return {**vars(self), "listed": sorted(self.listed)}

    @classmethod
    def from_values(cls, values: Mapping[str, Any]) -> "Seen":
        """As a log has it."""
        return cls(**{**values, "listed": set(values["listed"])})

    def take(self, told: Told, now_us: int) -> "Seen":
        """The same after one look more, changed in place."""
        for match_id in told.dropped:
            self.matches.pop(match_id, None)
            self.incidents.pop(match_id, None)
            self.seen_us.pop(match_id, None)
        self.listed.difference_update(told.gone)
        for match_id, values in told.matches.items():
            self.listed.add(match_id)
            _take(self.matches.setdefault(match_id, {}), values)
        for match_id, places in told.incidents.items():
            ours = self.incidents.setdefault(match_id, {})
            for place, incident in places.items():
                if incident is None:
                    ours.pop(place, None)
                else:
                    _take(ours.setdefault(place, {}), incident)
        self.seen_us |= dict.fromkeys(self.listed, now_us)
        return self

    def newer_than(self, cycle_us: int) -> set[str]:
        """The matches that were seen after an instant."""
        return {match_id for match_id, at_us in self.seen_us.items() if at_us > cycle_us}

    def incident_rows(self, match_id: str) -> Rows:
        """The incidents of a match as rows by key."""
        at_us, ours = self.seen_us[match_id], self.incidents.get(match_id, {})
        about = {"match_id": match_id, CLOCK: at_us}
        return {f"{match_id}/{place}": {**about, "seq": int(place), **values} for place, values in ours.items()}


def told_since(seen: Seen, now: Listed, cycle_us: int) -> Told:
    """What `now` tells after `seen`. `cycle_us` is the newest cycle's instant: what lies behind it is dropped."""
    told = Told()
    for match_id, row in now.matches.items():
        changed = _changes(seen.matches.get(match_id, {}), row)
        if changed or match_id not in seen.listed:
            told.matches[match_id] = changed
        before: Mapping[str, Values] = seen.incidents.get(match_id, {})
        after = now.incidents.get(match_id, {})
        moved: dict[str, Values | None] = dict.fromkeys(before.keys() - after.keys())
        moved |= {
            place: _changes(before.get(place, {}), values)
            for place, values in after.items()
            if before.get(place) != values
        }
        if moved:
            told.incidents[match_id] = moved
    told.gone.extend(sorted(seen.listed - now.matches.keys()))
    left = seen.seen_us.keys() - now.matches.keys()
    told.dropped.extend(sorted(each for each in left if seen.seen_us[each] <= cycle_us))
    return told


def only(told: Told, match_id: str) -> Told:
    """What a look tells of one match."""
    return Told(
        {match_id: told.matches[match_id]} if match_id in told.matches else {},
        {match_id: told.incidents[match_id]} if match_id in told.incidents else {},
        [each for each in told.gone if each == match_id],
        [each for each in told.dropped if each == match_id],
    )


def shown_match(row: Values, seen: Seen) -> Values:
    """The row of a match with what was seen of it; ages are left as they are."""
    match_id = row["match_id"]
    return shown_row(row, {**seen.matches[match_id], CLOCK: seen.seen_us[match_id]})


def shown_row(row: Values, look: Values) -> Values:
    """The row of a match as a look shows it."""
    return {**{name: value for name, value in row.items() if name not in LOOKED}, **look}


def laid_over(state: State, seen: Seen) -> State:
    """A state with what was seen later than each of its rows. What is not read by looks grows older with the clock."""
    rows = state.get(MATCHES, {})
    newer = {key for key, row in rows.items() if seen.seen_us.get(key, row[CLOCK]) > row[CLOCK]}
    if not newer:
        return state
    matches = {key: _older(shown_match(row, seen), row[CLOCK]) if key in newer else row for key, row in rows.items()}
    return {**state, MATCHES: matches, INCIDENTS: shown_incidents(state.get(INCIDENTS, {}), newer, seen)}


def shown_incidents(rows: Rows, match_ids: Iterable[str], seen: Seen) -> Rows:
    """The incidents, those of some matches as they were seen."""
    match_ids = set(match_ids)
    kept = {key: row for key, row in rows.items() if key.partition("/")[0] not in match_ids}
    for match_id in match_ids:
        kept |= seen.incident_rows(match_id)
    return kept


def chosen(rows: Rows, match_ids: Container[str]) -> Rows:
    """The rows of some matches."""
    return {key: row for key, row in rows.items() if key.partition("/")[0] in match_ids}


def listed_of(matches: Iterable[Values], incidents: Iterable[Values]) -> Listed:
    """The live list from rows of LiveMatches, each with `is_in_play`, and of Incidents."""
    found: dict[str, dict[str, Values]] = {}
    for row in incidents:
        found.setdefault(row["match_id"], {})[str(row["seq"])] = _plain(row, row.keys() - {"match_id", "seq", CLOCK})
    return Listed({row["match_id"]: _plain(row, LOOKED) for row in matches}, found)


def _plain(row: Values, names: Iterable[str]) -> Values:
    """Some values as a log has them: what is not known left out, instants in microseconds."""
    known = {name: value for name in names if (value := row.get(name)) is not None}
    return {name: microseconds(v) if isinstance(v, datetime) else v for name, v in known.items()}


def _older(row: Values, cycle_us: int) -> Values:
    passed_s = (row[CLOCK] - cycle_us) / _SECOND_US
    return {**row, **{age: round(row[age] + passed_s, 6) for age in AGES if age in row}}


def _changes(before: Values, now: Values) -> Values:
    changed = {name: value for name, value in now.items() if name not in before or before[name] != value}
    return changed | dict.fromkeys(before.keys() - now.keys())


def _take(row: Values, values: Values) -> None:
    row.update(values)
    for name in [name for name, value in values.items() if value is None]:
        del row[name]
