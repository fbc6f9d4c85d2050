"""The provider's lists of a season as rows of our tables, as `models` does for games: renamed, nothing calculated."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from football_assets.ncaa.models import Field, Row, flag, objects, read_row, real, text, whole

# SP+ adds a row of this name; it is no team.
AVERAGES = "nationalAverages"


@dataclass(frozen=True)
class Reading:
    """What every reader is told: what was being done, of which season, at which instant of the provider's clock."""

    doing: str
    season: int
    fetched_at: datetime


Parser = Callable[[Any, Reading], list[Row]]


def _numbers(prefix: str = "", **named: str) -> tuple[Field, ...]:
    return tuple(Field(column, f"{prefix}{source}", real) for column, source in named.items())


def _wholes(prefix: str = "", **named: str) -> tuple[Field, ...]:
    return tuple(Field(column, f"{prefix}{source}", whole) for column, source in named.items())


def _texts(prefix: str = "", **named: str) -> tuple[Field, ...]:
    return tuple(Field(column, f"{prefix}{source}", text) for column, source in named.items())


def _flags(prefix: str = "", **named: str) -> tuple[Field, ...]:
    return tuple(Field(column, f"{prefix}{source}", flag) for column, source in named.items())


def _place(prefix: str) -> tuple[Field, ...]:
    return (
        *_texts(prefix, city="city", state="state", timezone="timezone"),
        *_numbers(prefix, latitude="latitude", longitude="longitude", elevation_m="elevation"),
        *_wholes(prefix, capacity="capacity"),
        *_flags(prefix, is_grass="grass", is_dome="dome"),
    )


TEAM = (
    Field("team_id", "id", whole, needed=True),
    Field("team", "school", text, needed=True),
    *_texts(
        mascot="mascot",
        abbreviation="abbreviation",
        conference="conference",
        division="division",
        classification="classification",
        color="color",
        alternate_color="alternateColor",
    ),
    *_wholes("location.", venue_id="id"),
    *_texts("location.", venue="name"),
    *_place("location."),
)
VENUE = (
    Field("venue_id", "id", whole, needed=True),
    *_texts(venue="name", country="countryCode"),
    *_wholes(year_built="constructionYear"),
    *_place(""),
)
SCHOOL = Field("team", "team", text, needed=True)
SEASON = Field("season", "season", whole, needed=True)
YEAR = Field("season", "year", whole, needed=True)
CONFERENCE = Field("conference", "conference", text)
TALENT = (YEAR, SCHOOL, *_numbers(talent="talent"))
RECRUITING = (YEAR, SCHOOL, *_wholes(rank="rank"), *_numbers(points="points"))
RETURNING = (
    SEASON,
    SCHOOL,
    CONFERENCE,
    *_numbers(
        ppa_total="totalPPA",
        passing_ppa_total="totalPassingPPA",
        receiving_ppa_total="totalReceivingPPA",
        rushing_ppa_total="totalRushingPPA",
        ppa_share="percentPPA",
        passing_ppa_share="percentPassingPPA",
        receiving_ppa_share="percentReceivingPPA",
        rushing_ppa_share="percentRushingPPA",
        usage_share="usage",
        passing_usage_share="passingUsage",
        receiving_usage_share="receivingUsage",
        rushing_usage_share="rushingUsage",
    ),
)
_RATED = (YEAR, SCHOOL, CONFERENCE)
RATING = {
    "sp": (
        *_RATED,
        *_numbers(rating="rating", offense="offense.rating", defense="defense.rating"),
        *_numbers(special_teams="specialTeams.rating", second_order_wins="secondOrderWins", strength_of_schedule="sos"),
        *_wholes(ranking="ranking", offense_ranking="offense.ranking", defense_ranking="defense.ranking"),
    ),
    "fpi": (
        *_RATED,
        *_numbers(rating="fpi"),
        *_numbers("efficiencies.", offense="offense", defense="defense", special_teams="specialTeams"),
        *_wholes("resumeRanks.", ranking="fpi", schedule_ranking="strengthOfSchedule"),
        *_wholes("resumeRanks.", record_ranking="strengthOfRecord"),
    ),
    "srs": (*_RATED, *_numbers(rating="rating"), *_wholes(ranking="ranking")),
}
PPA_GAME = (
    Field("game_id", "gameId", whole, needed=True),
    SEASON,
    Field("week", "week", whole, needed=True),
    Field("season_type", "seasonType", text, needed=True),
    SCHOOL,
    Field("opponent", "opponent", text),
    *(
        Field(f"{side}_{column}ppa", f"{side}.{source}", real)
        for side in ("offense", "defense")
        for column, source in (
            ("", "overall"),
            ("passing_", "passing"),
            ("rushing_", "rushing"),
            ("first_down_", "firstDown"),
            ("second_down_", "secondDown"),
            ("third_down_", "thirdDown"),
        )
    ),
)
_SPLITS = {
    "standard_downs": "standardDowns",
    "passing_downs": "passingDowns",
    "rushing": "rushingPlays",
    "passing": "passingPlays",
}
_SIDE = (
    *_wholes(plays="plays", drives="drives", opportunities="totalOpportunies"),
    *_numbers(
        ppa="ppa",
        total_ppa="totalPPA",
        success_rate="successRate",
        explosiveness="explosiveness",
        power_success="powerSuccess",
        stuff_rate="stuffRate",
        line_yards="lineYards",
        second_level_yards="secondLevelYards",
        open_field_yards="openFieldYards",
        points_per_opportunity="pointsPerOpportunity",
    ),
    *_numbers("fieldPosition.", start_yards_to_goal="averageStart", start_predicted_points="averagePredictedPoints"),
    *_numbers("havoc.", havoc="total", front_seven_havoc="frontSeven", db_havoc="db"),
    *(
        Field(f"{column}_{name}", f"{source}.{kind}", real)
        for column, source in _SPLITS.items()
        for name, kind in (
            ("rate", "rate"),
            ("ppa", "ppa"),
            ("success_rate", "successRate"),
            ("explosiveness", "explosiveness"),
        )
    ),
)
_POLL_WEEK = (SEASON, Field("season_type", "seasonType", text, needed=True), Field("week", "week", whole, needed=True))
_POLL = (Field("poll", "poll", text, needed=True), Field("is_final", "isFinal", flag))
_RANK = (
    Field("team_id", "teamId", whole, needed=True),
    Field("team", "school", text, needed=True),
    CONFERENCE,
    *_wholes(rank="rank", first_place_votes="firstPlaceVotes", points="points"),
)
WEATHER = (
    Field("game_id", "id", whole, needed=True),
    SEASON,
    *_flags(is_indoors="gameIndoors"),
    *_numbers(
        temperature_f="temperature",
        dew_point_f="dewPoint",
        humidity_pct="humidity",
        precipitation="precipitation",
        snowfall="snowfall",
        wind_direction_degrees="windDirection",
        wind_speed_mph="windSpeed",
        pressure="pressure",
    ),
    *_texts(condition="weatherCondition"),
)


def flat(row: Row, prefix: str = "") -> Row:
    """The fields of an object and of the objects in it, by dotted names."""
    found: Row = {}
    for name, value in row.items():
        found.update(flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value})
    return found


def teams(body: Any, reading: Reading) -> list[Row]:
    """Rows of `teams` out of Team objects. Raises SourceChanged."""
    return [{**row, "season": reading.season} for row in _rows(body, TEAM, ("team_id",), reading)]


def venues(body: Any, reading: Reading) -> list[Row]:
    """Rows of `venues` out of Venue objects; one without an id is nobody's venue. Raises SourceChanged."""
    known = [row for row in objects(body, reading.doing) if row.get("id") is not None]
    return _rows(known, VENUE, ("venue_id",), reading)


def talent(body: Any, reading: Reading) -> list[Row]:
    """Rows of `talent` out of TeamTalent objects. Raises SourceChanged."""
    return _rows(body, TALENT, ("team",), reading)


def recruiting(body: Any, reading: Reading) -> list[Row]:
    """Rows of `recruiting` out of TeamRecruitingRanking objects. Raises SourceChanged."""
    return _rows(body, RECRUITING, ("team",), reading)


def returning_production(body: Any, reading: Reading) -> list[Row]:
    """Rows of `returning_production` out of ReturningProduction objects. Raises SourceChanged."""
    return _rows(body, RETURNING, ("team",), reading)


def ratings(system: str) -> Parser:
    """The reader of one system: rows of `ratings` out of TeamSP, TeamFPI or TeamSRS objects. Raises SourceChanged."""

    def read(body: Any, reading: Reading) -> list[Row]:
        rated = [row for row in objects(body, reading.doing) if row.get("team") != AVERAGES]
        return [{**row, "system": system} for row in _rows(rated, RATING[system], ("team",), reading)]

    return read


def ppa_games(body: Any, reading: Reading) -> list[Row]:
    """Rows of `ppa_games` out of TeamGamePPA objects. Raises SourceChanged."""
    return _rows(body, PPA_GAME, ("game_id", "team"), reading)


def advanced_stats(body: Any, reading: Reading) -> list[Row]:
    """Rows of `advanced_stats` out of AdvancedSeasonStat objects: two a team. Raises SourceChanged."""
    found = []
    for row in objects(body, reading.doing):
        about = read_row(row, (SEASON, SCHOOL, CONFERENCE), reading.doing)
        for side in ("offense", "defense"):
            numbers = flat(row.get(side) or {})
            found.append({**about, "side": side, **read_row(numbers, _SIDE, reading.doing, f"{side}.")})
    return _stamped(listed_once(found, ("team", "side")), reading)


def rankings(body: Any, reading: Reading) -> list[Row]:
    """Rows of `rankings` out of PollWeek objects: one a poll and ranked team. Raises SourceChanged."""
    found, doing = [], reading.doing
    for week in objects(body, doing):
        about = read_row(week, _POLL_WEEK, doing)
        for poll in objects(week.get("polls"), doing, "polls"):
            named = read_row(poll, _POLL, doing, "polls.")
            ranks = objects(poll.get("ranks"), doing, "polls.ranks")
            found += [{**about, **named, **read_row(rank, _RANK, doing, "polls.ranks.")} for rank in ranks]
    return _stamped(listed_once(found, ("season_type", "week", "poll", "team_id")), reading)


def weather(body: Any, reading: Reading) -> list[Row]:
    """Rows of `weather` out of GameWeather objects. Raises SourceChanged."""
    return _rows(body, WEATHER, ("game_id",), reading)


def listed_once(rows: Iterable[Row], key: tuple[str, ...]) -> list[Row]:
    """One row a key. A column in which the rows of one key hold different values is unknown; nulls do not count."""
    groups: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        groups.setdefault(tuple(row[name] for name in key), []).append(row)
    return [group[0] if len(group) == 1 else _agreed(group) for group in groups.values()]


def _agreed(group: list[Row]) -> Row:
    values = {column: {row[column] for row in group if row[column] is not None} for column in group[0]}
    return {column: next(iter(found)) if len(found) == 1 else None for column, found in values.items()}


def _rows(body: Any, fields: tuple[Field, ...], key: tuple[str, ...], reading: Reading) -> list[Row]:
    rows = [read_row(flat(row), fields, reading.doing) for row in objects(body, reading.doing)]
    return _stamped(listed_once(rows, key), reading)


def _stamped(rows: list[Row], reading: Reading) -> list[Row]:
    return [{**row, "fetched_at": reading.fetched_at} for row in rows]
