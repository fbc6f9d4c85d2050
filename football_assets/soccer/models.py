"""The rows of TheSports as it sends them, read leniently: unknown keys are ignored, what is not known becomes None.

`""` is no text, `0` is no instant, `-1` is no count and `[]` may stand for an empty object. What does not fit raises
pydantic's ValidationError; the client turns it into SourceChanged.
"""

from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator


def _known(value: Any) -> Any:
    return None if value in ("", None) else value


def _instant(value: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return datetime.fromtimestamp(value, UTC) if value else None
    return _known(value)


def _object(value: Any) -> Any:
    return None if value in ([], {}) else value


def _seven(value: Any) -> Any:
    return value[:7] if isinstance(value, list) else value


Id = Annotated[str, Field(min_length=1)]
Word = Annotated[str | None, BeforeValidator(_known)]
Number = Annotated[int | None, BeforeValidator(_known)]
Moment = Annotated[datetime | None, BeforeValidator(_instant)]
Slots = Annotated[tuple[int, int, int, int, int, int, int], BeforeValidator(_seven)]

# Places in the seven score slots.
REGULAR, HALF_TIME_GOALS, RED_CARDS, YELLOW_CARDS, CORNERS, AFTER_EXTRA_TIME, SHOOT_OUT_GOALS = range(7)


class Row(BaseModel):
    """Base of all rows."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class Score(Row):
    """The six-part `score` of the live list: match, status, seven slots a side, kick-off of the running period."""

    status_id: int
    home: Slots
    away: Slots
    period_started_at: Moment

    @model_validator(mode="before")
    @classmethod
    def _from_parts(cls, value: Any) -> Any:
        if isinstance(value, list) and len(value) >= 5:
            return {"status_id": value[1], "home": value[2], "away": value[3], "period_started_at": value[4]}
        return value


class Stat(Row):
    """One running total of a match."""

    type: int
    home: int
    away: int


class Incident(Row):
    """One event of a match."""

    type: int
    position: Number = None
    time: Number = None
    second: Number = None
    add_time: Number = None
    player_id: Word = None
    player_name: Word = None
    assist1_id: Word = None
    assist1_name: Word = None
    in_player_id: Word = None
    in_player_name: Word = None
    out_player_id: Word = None
    out_player_name: Word = None
    home_score: Number = None
    away_score: Number = None
    reason_type: Number = None
    var_reason: Number = None
    var_result: Number = None


class LiveMatch(Row):
    """One match of the live list. `gap` says what of it could not be read; those parts are absent."""

    id: Id
    score: Score | None = None
    stats: tuple[Stat, ...] = ()
    incidents: tuple[Incident, ...] = ()
    gap: str | None = None


class Coverage(Row):
    """What the provider covers of a match, 0 or 1 each."""

    mlive: Number = None
    lineup: Number = None


class Round(Row):
    """Where in a competition a match stands; 0 is not known."""

    stage_id: Word = None
    round_num: Number = None
    group_num: Number = None


class Environment(Row):
    """The weather at the ground: a code and texts with units."""

    weather: Number = None
    temperature: Word = None
    wind: Word = None
    pressure: Word = None
    humidity: Word = None


class MatchDetail(Row):
    """One schedule row: who plays whom, where and when."""

    id: Id
    season_id: Word = None
    competition_id: Word = None
    home_team_id: Word = None
    away_team_id: Word = None
    status_id: Number = None
    match_time: Moment = None
    venue_id: Word = None
    referee_id: Word = None
    neutral: Number = None
    note: Word = None
    home_position: Word = None
    away_position: Word = None
    coverage: Annotated[Coverage | None, BeforeValidator(_object)] = None
    round: Annotated[Round | None, BeforeValidator(_object)] = None
    environment: Annotated[Environment | None, BeforeValidator(_object)] = None
    related_id: Word = None
    agg_score: tuple[int, int] | None = None
    has_ot: Number = None
    ended: Moment = None
    tbd: Number = None
    team_reverse: Number = None
    loss: Number = None
    updated_at: Moment = None


class Team(Row):
    """One team."""

    id: Id
    name: Word = None
    short_name: Word = None
    logo: Word = None
    country_id: Word = None


class Competition(Row):
    """One competition."""

    id: Id
    name: Word = None
    short_name: Word = None
    logo: Word = None
    country_id: Word = None
    type: Number = None


class Country(Row):
    """One country."""

    id: Id
    name: Word = None
