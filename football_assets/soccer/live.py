"""The live list worked out: one row a match, one an incident, one a statistic; what is not known stays unknown."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from football_assets.soccer.codes import (
    CANCELLED,
    DELAYED,
    ENDED,
    EVENT,
    EXTRA_TIME,
    EXTRA_TIME_OVER,
    EXTRA_TIME_RETIRED,
    HALF_TIME,
    NOT_STARTED,
    REASON,
    SECOND_HALF,
    SHOOT_OUT,
    SHOOT_OUT_GOAL,
    SHOOT_OUT_MISS,
    SHOOT_OUT_OVER,
    SIDE,
    STATUS,
    TO_BE_DETERMINED,
    VAR_REASON,
    VAR_RESULT,
    meaning,
)
from football_assets.soccer.minute import match_minute
from football_assets.soccer.models import (
    AFTER_EXTRA_TIME,
    CORNERS,
    HALF_TIME_GOALS,
    RED_CARDS,
    REGULAR,
    SHOOT_OUT_GOALS,
    YELLOW_CARDS,
    Incident,
    LiveMatch,
    Score,
)

ABNORMAL = 0
NOT_BEGUN = frozenset({ABNORMAL, NOT_STARTED, DELAYED, CANCELLED, TO_BE_DETERMINED})
PAST_HALF_TIME = frozenset({HALF_TIME, SECOND_HALF, EXTRA_TIME, EXTRA_TIME_RETIRED, SHOOT_OUT, ENDED})
HALF_TIME_BREAK, POSSESSION = 11, 25
COUNTED = {"red_cards": RED_CARDS, "yellow_cards": YELLOW_CARDS, "corners": CORNERS}

Row = dict[str, Any]


def live_rows(matches: Iterable[LiveMatch], fetched_at: datetime) -> list[Row]:
    """Rows of LiveMatches in the provider's order; `fetched_at` is its clock when it answered."""
    return [_live_row(match, fetched_at) for match in matches]


def incident_rows(matches: Iterable[LiveMatch], fetched_at: datetime) -> list[Row]:
    """Rows of Incidents in the provider's order, which is that of the match but for corrections."""
    return [
        {"match_id": match.id, "seq": seq, "fetched_at": fetched_at, **_incident_columns(incident)}
        for match in matches
        for seq, incident in enumerate(match.incidents)
    ]


def stat_rows(matches: Iterable[LiveMatch], fetched_at: datetime) -> list[Row]:
    """Rows of MatchStats; a possession of 0 and 0 is not known."""
    return [row for match in matches for row in _stats_of(match, fetched_at)]


def score_columns(score: Score, incidents: Iterable[Incident], *, has_stats: bool) -> tuple[Row, str | None]:
    """The score, card and corner columns of a match, and what is wrong with them, if anything.

    The score shown is the one after extra time when that was played (it includes regular time), else the one of
    regular time; a shoot-out stands beside it. Before a match begins its zeros say nothing.
    """
    home, away = score.home, score.away
    # -1 says that nobody counts, which is no sign of play either.
    if score.status_id in NOT_BEGUN and not any(slot > 0 for slot in (*home, *away)):
        return {}, None
    types = {incident.type for incident in incidents}
    regular, extra, shoot_out = ((home[n], away[n]) for n in (REGULAR, AFTER_EXTRA_TIME, SHOOT_OUT_GOALS))
    after_extra = extra if _extra_time_played(score.status_id, regular, extra, types) else None
    kicks = shoot_out if _shoot_out_began(score.status_id, shoot_out, types) else None
    past_half_time = score.status_id in PAST_HALF_TIME or HALF_TIME_BREAK in types
    shown: tuple[int, int] | None = after_extra or regular
    gap = None
    if after_extra and (after_extra[0] < regular[0] or after_extra[1] < regular[1]):
        shown, gap = None, f"the score after extra time, {_dash(after_extra)}, is below {_dash(regular)} before it"
    found: Row = {}
    pairs = {
        "score": shown,
        "score_regular": regular,
        "score_half_time": (home[HALF_TIME_GOALS], away[HALF_TIME_GOALS]) if past_half_time else None,
        "score_extra_time": after_extra,
        "score_penalties": kicks,
        **_counts(home, away, has_stats=has_stats),
    }
    for name, pair in pairs.items():
        found[f"home_{name}"], found[f"away_{name}"] = pair or (None, None)
    return found, gap


def _live_row(match: LiveMatch, fetched_at: datetime) -> Row:
    row: Row = {
        "match_id": match.id,
        "incidents": len(match.incidents),
        "stats": len(match.stats),
        "fetched_at": fetched_at,
        "live_gap": match.gap,
    }
    score = match.score
    if score is None:
        return row
    columns, gap = score_columns(score, match.incidents, has_stats=bool(match.stats))
    minute = match_minute(score.status_id, score.period_started_at, fetched_at)
    return {
        **row,
        **columns,
        "status_id": score.status_id,
        "status": meaning(STATUS, score.status_id),
        "minute": minute.number,
        "minute_text": minute.text,
        "period_started_at": score.period_started_at,
        "live_gap": "; ".join(filter(None, (match.gap, gap))) or None,
    }


def _extra_time_played(status_id: int, regular: tuple[int, int], extra: tuple[int, int], types: set[int]) -> bool:
    """Whether the extra-time slots hold a score. They include regular time, so zeros beside goals hold none."""
    if any(extra):
        return True
    return (status_id in (EXTRA_TIME, EXTRA_TIME_RETIRED) or EXTRA_TIME_OVER in types) and not any(regular)


def _shoot_out_began(status_id: int, kicks: tuple[int, int], types: set[int]) -> bool:
    return any(kicks) or status_id == SHOOT_OUT or bool(types & {SHOOT_OUT_OVER, SHOOT_OUT_GOAL, SHOOT_OUT_MISS})


def _counts(home: tuple[int, ...], away: tuple[int, ...], *, has_stats: bool) -> dict[str, tuple[int | None, ...]]:
    """Cards and corners. Of a match without statistics the provider sends zeros it does not know."""
    counted = has_stats or any(side[n] > 0 for side in (home, away) for n in COUNTED.values())
    if not counted:
        return dict.fromkeys(COUNTED, (None, None))
    return {name: tuple(None if side[n] < 0 else side[n] for side in (home, away)) for name, n in COUNTED.items()}


def _dash(pair: tuple[int, int]) -> str:
    return f"{pair[0]}-{pair[1]}"


def _incident_columns(incident: Incident) -> Row:
    kicks = incident.type in (SHOOT_OUT_GOAL, SHOOT_OUT_MISS)
    score = "score_penalties" if kicks else "score"
    return {
        "type_id": incident.type,
        "type": meaning(EVENT, incident.type),
        "side": meaning(SIDE, incident.position),
        "minute": incident.time,
        "second": incident.second,
        "added_minutes": incident.add_time,
        "player_id": incident.player_id,
        "player": incident.player_name,
        "assist_id": incident.assist1_id,
        "assist": incident.assist1_name,
        "player_in_id": incident.in_player_id,
        "player_in": incident.in_player_name,
        "player_out_id": incident.out_player_id,
        "player_out": incident.out_player_name,
        f"home_{score}": incident.home_score,
        f"away_{score}": incident.away_score,
        "reason_id": incident.reason_type,
        "reason": meaning(REASON, incident.reason_type),
        "var_reason_id": incident.var_reason,
        "var_reason": meaning(VAR_REASON, incident.var_reason),
        "var_result_id": incident.var_result,
        "var_result": meaning(VAR_RESULT, incident.var_result),
    }


def _stats_of(match: LiveMatch, fetched_at: datetime) -> Iterator[Row]:
    for stat in {stat.type: stat for stat in match.stats}.values():
        known = (stat.home, stat.away) != (0, 0) or stat.type != POSSESSION
        yield {
            "match_id": match.id,
            "stat_type": stat.type,
            "stat": meaning(EVENT, stat.type),
            "home": stat.home if known and stat.home >= 0 else None,
            "away": stat.away if known and stat.away >= 0 else None,
            "fetched_at": fetched_at,
        }
