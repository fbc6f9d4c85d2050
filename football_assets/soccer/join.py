"""A cycle's answers joined to one row a match, each part with its state, its age and the reason where it is not live.

What could not be read now is the last known row of the previous cycle, marked stale with its age, while it is young
enough; else it is missing. Nothing else stands in for it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from football_assets.errors import SourceError, SourceRejected
from football_assets.soccer.client import Reading
from football_assets.soccer.codes import COMPETITION_TYPE, meaning
from football_assets.soccer.enrichment import Answers, KnownDetail, KnownOdds, Outcome
from football_assets.soccer.environment import environment_columns
from football_assets.soccer.markets import quoted_columns
from football_assets.soccer.models import Competition, Country, MatchDetail, Team
from football_assets.soccer.odds import chosen_quotes
from football_assets.soccer.schemas import BookmakerColumns, MatchColumns, WeatherColumns
from football_assets.states import DataState

Row = dict[str, Any]

SEVERITY = (DataState.LIVE, DataState.CACHED, DataState.STALE, DataState.MISSING)
DETAIL_COLUMNS = (*MatchColumns.to_schema().columns, *WeatherColumns.to_schema().columns)
ODDS_COLUMNS = (*BookmakerColumns.to_schema().columns, *quoted_columns())
# The columns that hold each name, by the id that it belongs to.
NAMED = {
    "home_team_id": ("home_team", "home_team_short", "home_logo_url", "home_country_id"),
    "away_team_id": ("away_team", "away_team_short", "away_logo_url", "away_country_id"),
    "competition_id": ("competition", "competition_short", "competition_type", "competition_logo_url", "country_id"),
}
COUNTRIES = ("home_country", "away_country", "country")
_NAMES = {*COUNTRIES, *(name for columns in NAMED.values() for name in columns)}
SCHEDULE_COLUMNS = tuple(name for name in DETAIL_COLUMNS if name not in _NAMES)


@dataclass(frozen=True)
class LastKnown:
    """The previous cycle's rows by match. `limit_s` is the oldest age at which they may stand in."""

    rows: Mapping[str, Row] = field(default_factory=dict)
    limit_s: float = 0.0

    def age_s(self, match_id: str, part: str, now: datetime) -> float | None:
        """The age of a match's `detail` or `odds` when it may stand in at `now`, else None."""
        read_at = self.rows.get(match_id, {}).get(f"{part}_fetched_at")
        if read_at is None:
            return None
        age = (now - read_at).total_seconds()
        # A reading from after now belongs to another run of the provider's clock.
        return age if 0 <= age <= self.limit_s else None

    def name_columns(self, column: str, its_id: str) -> Row | None:
        """The name columns that the previous cycle had for an id: names do not age in a minute."""
        columns = NAMED[column]
        for row in self.rows.values():
            if row.get(column) == its_id and row.get(columns[0]) is not None:
                return {name: row[name] for name in columns}
        return None


@dataclass(frozen=True)
class Tuning:
    """What of the settings the choice of prices depends on."""

    companies: tuple[int, ...]
    early_minutes: tuple[int, int]


def enriched_rows(
    match_ids: Iterable[str], answers: Answers, last: LastKnown, tuning: Tuning, now: datetime
) -> list[Row]:
    """Rows of EnrichedMatches, one for each id in its order. `now` is the provider's clock of the live list."""
    found = []
    for match_id in match_ids:
        row: Row = {"match_id": match_id, "fetched_at": now}
        row |= _detail_part(match_id, answers, last, now)
        row |= _odds_part(match_id, answers.odds[match_id], last, tuning, now)
        found.append(row)
    return found


def _detail_part(match_id: str, answers: Answers, last: LastKnown, now: datetime) -> Row:
    outcome = answers.details[match_id]
    if isinstance(outcome, Reading) and outcome.value is not None:
        found = {"detail_state": outcome.state, "detail_fetched_at": outcome.served_at, "detail_age_s": outcome.age_s}
        detail = outcome.value
        columns = dict(detail.columns) if isinstance(detail, KnownDetail) else detail_columns(detail)
        return found | columns | _names_part(detail, answers, last)
    reason = _reason(outcome) or "the provider has no schedule row for it"
    age_s = last.age_s(match_id, "detail", now)
    if age_s is None:
        nothing = f"no teams without the detail: {reason}"
        missing = {"detail_state": DataState.MISSING, "detail_gap": reason}
        return missing | {"names_state": DataState.MISSING, "names_gap": nothing}
    kept = last.rows[match_id]
    known = {name: kept[name] for name in DETAIL_COLUMNS}
    stale = {"detail_state": DataState.STALE, "detail_age_s": age_s, "detail_gap": reason}
    stale["detail_fetched_at"] = kept["detail_fetched_at"]
    names_age_s = (kept.get("names_age_s") or 0.0) + age_s
    return known | stale | {"names_state": DataState.STALE, "names_age_s": names_age_s, "names_gap": reason}


def detail_columns(detail: MatchDetail) -> Row:
    """The columns that the schedule row of a match gives."""
    group = detail.round.group_num if detail.round else None
    number = detail.round.round_num if detail.round else None
    aggregate = detail.agg_score or (None, None)
    return {
        "detail_status_id": detail.status_id,
        "kickoff_at": detail.match_time,
        "season_id": detail.season_id,
        "competition_id": detail.competition_id,
        "home_team_id": detail.home_team_id,
        "away_team_id": detail.away_team_id,
        "venue_id": detail.venue_id,
        "referee_id": detail.referee_id,
        "is_neutral_ground": _flag(detail.neutral),
        "note": detail.note,
        "home_table_position": detail.home_position,
        "away_table_position": detail.away_position,
        "stage_id": detail.round.stage_id if detail.round else None,
        "round_number": number or None,
        "group_number": group or None,
        "other_leg_match_id": detail.related_id,
        "home_aggregate_score": aggregate[0],
        "away_aggregate_score": aggregate[1],
        "has_extra_time_or_penalties": _flag(detail.has_ot),
        "is_kickoff_undecided": _flag(detail.tbd),
        "are_sides_swapped": _flag(detail.team_reverse),
        "is_forfeit": _flag(detail.loss),
        "ended_at": detail.ended,
        "updated_at": detail.updated_at,
        **environment_columns(detail.environment),
    }


def _names_part(detail: MatchDetail | KnownDetail, answers: Answers, last: LastKnown) -> Row:
    countries = answers.countries
    by_id = countries.value if isinstance(countries, Reading) else {}
    wanted: list[tuple[str, str, str | None, Outcome[Any] | None]] = [
        ("home_team_id", "home team", detail.home_team_id, answers.teams.get(detail.home_team_id or "")),
        ("away_team_id", "away team", detail.away_team_id, answers.teams.get(detail.away_team_id or "")),
        (
            "competition_id",
            "competition",
            detail.competition_id,
            answers.competitions.get(detail.competition_id or ""),
        ),
    ]
    found: Row = {}
    states, ages, gaps = [], [], []
    for column, noun, its_id, outcome in wanted:
        columns, state, age_s, gap = _name(column, its_id, outcome, last)
        found |= columns
        states.append(state)
        ages.append(age_s)
        gaps += [f"{noun}: {gap}"] if gap else []
    if isinstance(countries, Reading):
        states.append(countries.state)
        ages.append(countries.age_s)
    elif countries is not None:
        states.append(DataState.MISSING)
        gaps.append(f"countries: {_reason(countries)}")
    for prefix in ("home_", "away_", ""):
        country = by_id.get(found.get(f"{prefix}country_id") or "")
        found[f"{prefix}country"] = country.name if isinstance(country, Country) else None
    state = max(states, key=SEVERITY.index)
    known_ages = [age for age in ages if age is not None]
    found |= {"names_state": state, "names_age_s": max(known_ages, default=None), "names_gap": "; ".join(gaps) or None}
    return found


def _name(
    column: str, its_id: str | None, outcome: Outcome[Team | Competition | None] | None, last: LastKnown
) -> tuple[Row, DataState, float | None, str | None]:
    """(columns, state, age, gap) of one name."""
    if its_id is None or outcome is None:
        return {}, DataState.MISSING, None, "the provider names none"
    if isinstance(outcome, Reading) and outcome.value is not None and outcome.value.name is not None:
        gap = "could not be read again" if outcome.state is DataState.STALE else None
        return _name_values(column, outcome.value), outcome.state, outcome.age_s, gap
    reason = _reason(outcome) or "the provider has no name for it"
    kept = last.name_columns(column, its_id)
    return (kept, DataState.STALE, None, reason) if kept else ({}, DataState.MISSING, None, reason)


def _name_values(column: str, value: Team | Competition) -> Row:
    parts: list[Any] = [value.name, value.short_name]
    if isinstance(value, Competition):
        parts.append(meaning(COMPETITION_TYPE, value.type or None))
    return dict(zip(NAMED[column], [*parts, value.logo, value.country_id], strict=True))


def _odds_part(
    match_id: str, outcome: Outcome[dict[str, Any] | KnownOdds], last: LastKnown, tuning: Tuning, now: datetime
) -> Row:
    if isinstance(outcome, Reading):
        odds = outcome.value
        found = {"odds_state": outcome.state, "odds_fetched_at": outcome.served_at, "odds_age_s": outcome.age_s}
        if isinstance(odds, KnownOdds):
            found |= {"odds_companies": odds.companies, "odds_quotes": odds.quotes}
            odds = dict(odds.odds)
        else:
            found["odds_companies"] = len(odds)
        return found | chosen_quotes(odds, tuning.companies, tuning.early_minutes)
    reason = _reason(outcome)
    age_s = last.age_s(match_id, "odds", now)
    if age_s is None:
        return {"odds_state": DataState.MISSING, "odds_gap": reason}
    kept = last.rows[match_id]
    known = {name: kept[name] for name in (*ODDS_COLUMNS, "odds_fetched_at")}
    return known | {"odds_state": DataState.STALE, "odds_age_s": age_s, "odds_gap": reason}


def stale_odds(rows: Iterable[Row]) -> list[str]:
    """The matches whose quotes are those of a previous cycle."""
    return [row["match_id"] for row in rows if row["odds_state"] is DataState.STALE]


def _reason(outcome: object) -> str | None:
    """Why there is no reading, without what was asked, so that equal reasons can be counted together."""
    if isinstance(outcome, SourceRejected):
        return f"{outcome.happened}. {outcome.to_do}"
    return outcome.happened if isinstance(outcome, SourceError) else None


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
