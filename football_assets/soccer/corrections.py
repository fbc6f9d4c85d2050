"""Corrections: what the provider took back. Each is kept with what it said before and what it says now.

Four kinds: a match that goes back to an earlier status, a score that falls, an incident that vanishes or is changed,
and a goal that is listed twice. A value that becomes known is no correction, nor is one that becomes unknown. Neither
is a cup match that ends after ninety minutes and goes on to extra time or a shoot-out: the provider shows it as ended
in between.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from football_assets.soccer.changes import Delta, Rows, State, Tables, Values, state_of
from football_assets.soccer.codes import (
    ENDED,
    EXTRA_TIME,
    EXTRA_TIME_RETIRED,
    FIRST_HALF,
    GOAL,
    HALF_TIME,
    NOT_STARTED,
    OVER,
    SECOND_HALF,
    SHOOT_OUT,
    STATUS,
    meaning,
)
from football_assets.soccer.schemas import CORRECTION_KINDS, FlattenedMatches, Incidents

STATUS_WENT_BACK, SCORE_FELL, INCIDENT_VANISHED, INCIDENT_CHANGED, DUPLICATE_GOAL = CORRECTION_KINDS
PENALTY_GOAL, OWN_GOAL = 8, 17
GOALS = frozenset({GOAL, PENALTY_GOAL, OWN_GOAL})
GOAL_CANCELLED = 2
# How far a match is. Delays, interruptions and `to be determined` stand outside: play goes on from them wherever.
PROGRESS = {
    NOT_STARTED: 0,
    FIRST_HALF: 1,
    HALF_TIME: 2,
    SECOND_HALF: 3,
    EXTRA_TIME: 4,
    EXTRA_TIME_RETIRED: 4,
    SHOOT_OUT: 5,
}
SCORES = ("score", "score_half_time", "score_penalties")
# Where a match may go on after it ended, and which scores say that it has been there already.
GOES_ON: Mapping[int, tuple[str, ...]] = {
    EXTRA_TIME: ("home_score_extra_time", "home_score_penalties"),
    EXTRA_TIME_RETIRED: ("home_score_extra_time", "home_score_penalties"),
    SHOOT_OUT: ("home_score_penalties",),
}
# What makes an incident the one it is; the provider gives it no id.
IDENTITY = (
    "type_id",
    "side",
    "minute",
    "player_id",
    "player_in_id",
    "player_out_id",
    "home_score",
    "away_score",
    "home_score_penalties",
    "away_score_penalties",
    "var_reason_id",
)
# The columns in which a correction can show, by table.
JUDGED: Mapping[str, tuple[str, ...]] = {
    FlattenedMatches.table_name(): ("status_id", *(f"{side}_{name}" for name in SCORES for side in ("home", "away"))),
    Incidents.table_name(): (*IDENTITY, "var_result_id"),
}
# What else is needed to tell it.
TOLD: Mapping[str, tuple[str, ...]] = {
    FlattenedMatches.table_name(): ("match_id", "home_team", "away_team", "live_gap", "home_score_extra_time"),
    Incidents.table_name(): ("match_id", "seq", "type", "player", "player_in", "player_out"),
}
Row = dict[str, Any]
_MATCHES, _INCIDENTS = FlattenedMatches.table_name(), Incidents.table_name()


def went_back(before: int | None, after: int | None, known: Container[str] = ()) -> bool:
    """Whether a match cannot rightly come from one status to the other: out of an end, or to an earlier period.

    `known` are the columns of the match that had a value before.
    """
    if before not in STATUS or after not in STATUS or before == after:
        return False
    if before == ENDED and (been_there := GOES_ON.get(after or 0)):
        return any(column in known for column in been_there)
    if before in OVER:
        return True
    return before in PROGRESS and after in PROGRESS and PROGRESS[after] < PROGRESS[before]


def corrections(before: State, now: State) -> Iterator[Row]:
    """What `now` takes back of `before`, for the matches that both show: kind, subject, before, after, and names."""
    told = _by_match(before.get(_INCIDENTS, {})), _by_match(now.get(_INCIDENTS, {}))
    for match_id, row in now.get(_MATCHES, {}).items():
        earlier = before.get(_MATCHES, {}).get(match_id)
        if earlier is None:
            continue
        of_match = {"match_id": match_id, "home_team": row.get("home_team"), "away_team": row.get("away_team")}
        lists = told[0].get(match_id, []), told[1].get(match_id, [])
        # An unreadable row lists no incidents; that takes none of them back.
        incidents = () if row.get("live_gap") or earlier.get("live_gap") else _incident_corrections(*lists)
        for found in (*_status_corrections(earlier, row), *_score_corrections(earlier, row), *incidents):
            yield {**of_match, **found}


def corrections_between(before: Tables, now: Tables, delta: Delta) -> Iterator[Row]:
    """Corrections between two cycles' plain tables, `delta` being what changed: only what it names is looked at."""
    moved = moved_matches(delta)
    return corrections(judged_state(before, moved), judged_state(now, moved))


def moved_matches(delta: Delta) -> set[str]:
    """The matches of which a delta names something in which a correction can show."""
    return {
        key.partition("/")[0]
        for name, columns in JUDGED.items()
        for key, values in delta.get(name, {}).items()
        if values is None or not values.keys().isdisjoint(columns)
    }


def judged_state(tables: Tables, match_ids: Container[str]) -> State:
    """Of some matches in plain tables what corrections are told by."""
    wanted = {name: tables[name].select([*TOLD[name], *JUDGED[name]]) for name in JUDGED if name in tables}
    return state_of(wanted, match_ids)


def incident_text(row: Values) -> str:
    """An incident in words: `goal home 37' 1-0 Player`."""
    parts = [row.get("type"), row.get("side"), f"{row['minute']}'" if "minute" in row else None]
    for name in ("score", "score_penalties"):
        home, away = row.get(f"home_{name}"), row.get(f"away_{name}")
        parts.append(None if home is None or away is None else f"{home}-{away}")
    parts.append(row.get("player") or row.get("player_in") or row.get("player_out"))
    return " ".join(str(part) for part in parts if part is not None)


def _status_corrections(before: Values, now: Values) -> Iterator[Row]:
    old, new = before.get("status_id"), now.get("status_id")
    if went_back(old, new, before):
        yield _row(STATUS_WENT_BACK, "status", meaning(STATUS, old), meaning(STATUS, new))


def _score_corrections(before: Values, now: Values) -> Iterator[Row]:
    for name in SCORES:
        old: list[Any] = [before.get(f"{side}_{name}") for side in ("home", "away")]
        new: list[Any] = [now.get(f"{side}_{name}") for side in ("home", "away")]
        if None not in (*old, *new) and any(b > a for b, a in zip(old, new, strict=True)):
            yield _row(SCORE_FELL, name, f"{old[0]}-{old[1]}", f"{new[0]}-{new[1]}")


def _incident_corrections(before: list[Values], now: list[Values]) -> Iterator[Row]:
    gone, new = _unmatched(before, now)
    for row in gone:
        other = _same_event(row, new)
        if other is None:
            yield _row(INCIDENT_VANISHED, str(row["type"]), incident_text(row), None)
            continue
        new.remove(other)
        # Nothing is taken back where a value becomes known or unknown.
        if any(name in row and name in other and row[name] != other[name] for name in IDENTITY):
            yield _row(INCIDENT_CHANGED, str(row["type"]), incident_text(row), incident_text(other))
    listed = {key: len(rows) for key, rows in _goals_by_score(before).items()}
    for key, rows in _goals_by_score(now).items():
        if len(rows) > max(1, listed.get(key, 0)):
            both = "; ".join(map(incident_text, rows))
            yield _row(DUPLICATE_GOAL, f"goal {key[0]}-{key[1]}", incident_text(rows[0]), both)


def _unmatched(before: list[Values], now: list[Values]) -> tuple[list[Values], list[Values]]:
    """The incidents listed before but not now, and those listed now but not before; repetitions are counted."""
    left: dict[tuple[Any, ...], list[Values]] = {}
    for row in now:
        left.setdefault(_identity(row), []).append(row)
    gone = []
    for row in before:
        same = left.get(_identity(row))
        if same:
            same.pop(0)
        else:
            gone.append(row)
    return gone, [row for rows in left.values() for row in rows]


def _same_event(row: Values, candidates: Iterable[Values]) -> Values | None:
    """Which new incident a vanished one has most likely become: the same type, of its player or nearest in time."""

    def distance(other: Values) -> tuple[bool, bool, int]:
        player = _player(row) is None or _player(other) != _player(row)
        minutes = abs(other.get("minute", 0) - row.get("minute", 0))
        return player, other.get("side") != row.get("side"), minutes

    alike = [
        other
        for other in candidates
        if other["type_id"] == row["type_id"]
        and (other.get("side") == row.get("side") or other.get("minute") == row.get("minute"))
    ]
    return min(alike, key=distance, default=None)


def _goals_by_score(incidents: Iterable[Values]) -> dict[tuple[int, int], list[Values]]:
    """Goals by the running score they led to, which only one goal can do unless a review cancels it."""
    found: dict[tuple[int, int], list[Values]] = {}
    for row in incidents:
        if row.get("var_result_id") == GOAL_CANCELLED:
            found.clear()
        elif row["type_id"] in GOALS and "home_score" in row and "away_score" in row:
            found.setdefault((row["home_score"], row["away_score"]), []).append(row)
    return found


def _by_match(rows: Rows) -> Mapping[str, list[Values]]:
    found: dict[str, list[Values]] = {}
    for row in sorted(rows.values(), key=lambda each: (each["match_id"], each["seq"])):
        found.setdefault(row["match_id"], []).append(row)
    return found


def _identity(row: Values) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in IDENTITY)


def _player(row: Values) -> str | None:
    return row.get("player_id") or row.get("player_in_id")


def _row(kind: str, subject: str, before: str | None, after: str | None) -> Row:
    return {"kind": kind, "subject": subject, "before": before, "after": after}
