"""Answers of College Football Data as rows of our tables: fields renamed, texts parsed, nothing calculated.

A value that no longer fits the contract raises SourceChanged naming the field; a field that the contract lets be
null stays null. What a provider can only have meant as "none", such as a total of -1, becomes null.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from football_assets.errors import SourceChanged

PROVIDER = "College Football Data"

Row = dict[str, Any]
Reader = Callable[[Any], Any]


@dataclass(frozen=True)
class Unfit(Exception):
    """A value is not what the contract says; `expected` says what that is."""

    expected: str


def whole(value: Any) -> int:
    """A whole number, sent as such or as text; `3.0` counts. Raises Unfit."""
    number = real(value)
    if not number.is_integer():
        raise Unfit("a whole number")
    return int(number)


def real(value: Any) -> float:
    """A finite number, sent as such or as text. Raises Unfit."""
    try:
        if isinstance(value, bool):
            raise ValueError
        number = float(value)
        if number - number != 0.0:
            raise ValueError
    except (TypeError, ValueError):
        raise Unfit("a number") from None
    return number


def text(value: Any) -> str:
    """A text. Raises Unfit."""
    if not isinstance(value, str):
        raise Unfit("a text")
    return value


def flag(value: Any) -> bool:
    """True or false. Raises Unfit."""
    if not isinstance(value, bool):
        raise Unfit("true or false")
    return value


def instant(value: Any) -> datetime:
    """An ISO 8601 instant with its zone, as UTC. Raises Unfit."""
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Unfit("an ISO 8601 instant") from None
    if at.tzinfo is None:
        raise Unfit("an instant with its zone")
    return at.astimezone(UTC)


def line_scores(value: Any) -> str | None:
    """Points by quarter, then overtimes, as JSON text; an empty list is unknown. Raises Unfit."""
    if not isinstance(value, list):
        raise Unfit("a list of numbers")
    return json.dumps([None if v is None else whole(v) for v in value], separators=(",", ":")) if value else None


def positive(value: Any) -> float | None:
    """A number above zero; the provider's fillers (0, -1) become null. Raises Unfit."""
    number = real(value)
    return number if number > 0 else None


def odds(value: Any) -> float | None:
    """American odds; zero, which no odds can be, becomes null. Raises Unfit."""
    return real(value) or None


@dataclass(frozen=True)
class Field:
    """One column and the provider's field it is read from; not `needed` means that it may be null."""

    column: str
    source: str
    read: Reader
    needed: bool = False


def _side(side: str) -> tuple[Field, ...]:
    return (
        Field(f"{side}_team_id", f"{side}Id", whole, needed=True),
        Field(f"{side}_team", f"{side}Team", text, needed=True),
        Field(f"{side}_conference", f"{side}Conference", text),
        Field(f"{side}_classification", f"{side}Classification", text),
        Field(f"{side}_points", f"{side}Points", whole),
        Field(f"{side}_line_scores", f"{side}LineScores", line_scores),
        Field(f"{side}_pregame_elo", f"{side}PregameElo", whole),
        Field(f"{side}_postgame_elo", f"{side}PostgameElo", whole),
        Field(f"{side}_postgame_win_probability", f"{side}PostgameWinProbability", real),
    )


GAME = (
    Field("game_id", "id", whole, needed=True),
    Field("season", "season", whole, needed=True),
    Field("week", "week", whole, needed=True),
    Field("season_type", "seasonType", text, needed=True),
    Field("kickoff_at", "startDate", instant),
    Field("is_kickoff_tbd", "startTimeTBD", flag),
    Field("is_completed", "completed", flag, needed=True),
    Field("is_neutral_site", "neutralSite", flag, needed=True),
    Field("is_conference_game", "conferenceGame", flag, needed=True),
    Field("attendance", "attendance", whole),
    Field("venue_id", "venueId", whole),
    Field("venue", "venue", text),
    *_side("home"),
    *_side("away"),
    Field("excitement_index", "excitementIndex", real),
    Field("notes", "notes", text),
)

LINE = (
    Field("provider", "provider", text, needed=True),
    Field("spread", "spread", real),
    Field("spread_open", "spreadOpen", real),
    Field("over_under", "overUnder", positive),
    Field("over_under_open", "overUnderOpen", positive),
    Field("home_moneyline", "homeMoneyline", odds),
    Field("away_moneyline", "awayMoneyline", odds),
)

BOX = (
    Field("game_id", "id", whole, needed=True),
    Field("team_id", "teamId", whole, needed=True),
    Field("team", "team", text, needed=True),
    Field("conference", "conference", text),
    Field("home_away", "homeAway", text, needed=True),
    Field("points", "points", whole),
)

# Category of a team's box score -> column(s) and what the text holds.
TEAM_STATS: Mapping[str, tuple[tuple[str, ...], Reader]] = {
    "firstDowns": (("first_downs",), whole),
    "totalYards": (("total_yards",), whole),
    "netPassingYards": (("passing_yards",), whole),
    "completionAttempts": (("completions", "passing_attempts"), whole),
    "yardsPerPass": (("yards_per_pass",), real),
    "passingTDs": (("passing_tds",), whole),
    "rushingYards": (("rushing_yards",), whole),
    "rushingAttempts": (("rushing_attempts",), whole),
    "yardsPerRushAttempt": (("yards_per_rush",), real),
    "rushingTDs": (("rushing_tds",), whole),
    "turnovers": (("turnovers",), whole),
    "interceptions": (("interceptions_thrown",), whole),
    "totalFumbles": (("fumbles",), whole),
    "fumblesLost": (("fumbles_lost",), whole),
    "fumblesRecovered": (("fumbles_recovered",), whole),
    "passesIntercepted": (("passes_intercepted",), whole),
    "interceptionYards": (("interception_yards",), whole),
    "interceptionTDs": (("interception_tds",), whole),
    "totalPenaltiesYards": (("penalties", "penalty_yards"), whole),
    "thirdDownEff": (("third_down_conversions", "third_down_attempts"), whole),
    "fourthDownEff": (("fourth_down_conversions", "fourth_down_attempts"), whole),
    "possessionTime": (("possession_s",), whole),
    "kickReturns": (("kick_returns",), whole),
    "kickReturnYards": (("kick_return_yards",), whole),
    "kickReturnTDs": (("kick_return_tds",), whole),
    "puntReturns": (("punt_returns",), whole),
    "puntReturnYards": (("punt_return_yards",), whole),
    "puntReturnTDs": (("punt_return_tds",), whole),
    "kickingPoints": (("kicking_points",), whole),
    "sacks": (("sacks",), real),
    "tackles": (("tackles",), real),
    "tacklesForLoss": (("tackles_for_loss",), real),
    "qbHurries": (("qb_hurries",), real),
    "passesDeflected": (("passes_deflected",), real),
    "defensiveTDs": (("defensive_tds",), whole),
}

# (Category, type) of a player's box score -> column(s).
PLAYER_STATS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("passing", "C/ATT"): ("passing_completions", "passing_attempts"),
    ("passing", "YDS"): ("passing_yards",),
    ("passing", "AVG"): ("passing_yards_per_attempt",),
    ("passing", "TD"): ("passing_tds",),
    ("passing", "INT"): ("passing_interceptions",),
    ("passing", "QBR"): ("passing_qbr",),
    ("rushing", "CAR"): ("rushing_carries",),
    ("rushing", "YDS"): ("rushing_yards",),
    ("rushing", "AVG"): ("rushing_yards_per_carry",),
    ("rushing", "TD"): ("rushing_tds",),
    ("rushing", "LONG"): ("rushing_long_yards",),
    ("receiving", "REC"): ("receptions",),
    ("receiving", "YDS"): ("receiving_yards",),
    ("receiving", "AVG"): ("receiving_yards_per_reception",),
    ("receiving", "TD"): ("receiving_tds",),
    ("receiving", "LONG"): ("receiving_long_yards",),
    ("fumbles", "FUM"): ("fumbles",),
    ("fumbles", "LOST"): ("fumbles_lost",),
    ("fumbles", "REC"): ("fumbles_recovered",),
    ("defensive", "TOT"): ("tackles",),
    ("defensive", "SOLO"): ("solo_tackles",),
    ("defensive", "SACKS"): ("sacks",),
    ("defensive", "TFL"): ("tackles_for_loss",),
    ("defensive", "PD"): ("passes_defended",),
    ("defensive", "QB HUR"): ("qb_hurries",),
    ("defensive", "TD"): ("defensive_tds",),
    ("interceptions", "INT"): ("interceptions",),
    ("interceptions", "YDS"): ("interception_yards",),
    ("interceptions", "TD"): ("interception_tds",),
    ("kicking", "FG"): ("field_goals_made", "field_goal_attempts"),
    ("kicking", "PCT"): ("field_goal_pct",),
    ("kicking", "LONG"): ("field_goal_long_yards",),
    ("kicking", "XP"): ("extra_points_made", "extra_point_attempts"),
    ("kicking", "PTS"): ("kicking_points",),
    ("punting", "NO"): ("punts",),
    ("punting", "YDS"): ("punt_yards",),
    ("punting", "AVG"): ("yards_per_punt",),
    ("punting", "TB"): ("punt_touchbacks",),
    ("punting", "In 20"): ("punts_inside_20",),
    ("punting", "LONG"): ("punt_long_yards",),
    ("kickReturns", "NO"): ("kick_returns",),
    ("kickReturns", "YDS"): ("kick_return_yards",),
    ("kickReturns", "AVG"): ("yards_per_kick_return",),
    ("kickReturns", "LONG"): ("kick_return_long_yards",),
    ("kickReturns", "TD"): ("kick_return_tds",),
    ("puntReturns", "NO"): ("punt_returns",),
    ("puntReturns", "YDS"): ("punt_return_yards",),
    ("puntReturns", "AVG"): ("yards_per_punt_return",),
    ("puntReturns", "LONG"): ("punt_return_long_yards",),
    ("puntReturns", "TD"): ("punt_return_tds",),
}


def games(body: Any, doing: str, fetched_at: datetime) -> list[Row]:
    """Rows of `games` out of Game objects. Raises SourceChanged."""
    return [{**read_row(row, GAME, doing), "fetched_at": fetched_at} for row in objects(body, doing)]


def lines(body: Any, doing: str, fetched_at: datetime) -> list[Row]:
    """Rows of `lines` out of BettingGame objects: one for each game with an FBS side and provider.

    Raises SourceChanged.
    """
    found: dict[tuple[int, str], Row] = {}
    for game in objects(body, doing):
        if "fbs" not in (game.get("homeClassification"), game.get("awayClassification")):
            continue
        about = read_row(game, GAME[:2], doing)
        for line in objects(game.get("lines"), doing, "lines"):
            row = {**about, **read_row(line, LINE, doing, "lines."), "fetched_at": fetched_at}
            found[row["game_id"], row["provider"]] = row
    return list(found.values())


def team_stats(body: Any, doing: str, season: int, fetched_at: datetime) -> list[Row]:
    """Rows of `team_stats` out of GameTeamStats objects: one a game and team. Raises SourceChanged."""
    found = []
    for game in objects(body, doing):
        for team in objects(game.get("teams"), doing, "teams"):
            row = read_row({**team, "id": game.get("id")}, BOX, doing, "teams.")
            for stat in objects(team.get("stats"), doing, "teams.stats"):
                columns, reader = TEAM_STATS.get(str(stat.get("category")), ((), real))
                if columns:
                    where = f"teams.stats[{stat['category']}]"
                    row.update(zip(columns, _parts(stat.get("stat"), len(columns), reader, where, doing), strict=True))
            found.append({**row, "season": season, "fetched_at": fetched_at})
    return found


def player_stats(body: Any, doing: str, season: int, fetched_at: datetime) -> list[Row]:
    """Rows of `player_stats` out of GamePlayerStats objects: one a game, team and player. Raises SourceChanged.

    A player listed twice in one type with different values has none there: which one is right is not known.
    """
    found: dict[tuple[int, str, str], Row] = {}
    for game in objects(body, doing):
        game_id = _value(game.get("id"), GAME[0], doing)
        for team in objects(game.get("teams"), doing, "teams"):
            about = {
                "game_id": game_id,
                "team": _value(team.get("team"), BOX[2], doing, "teams."),
                "home_away": _value(team.get("homeAway"), BOX[4], doing, "teams."),
                "season": season,
                "fetched_at": fetched_at,
            }
            for player_id, player, values in _players(team, doing):
                row = found.setdefault((game_id, about["team"], player_id), {**about, "player_id": player_id})
                row.setdefault("player", player)
                for column, value in values.items():
                    row[column] = value if row.get(column, value) == value else None
    return list(found.values())


def _players(team: Row, doing: str) -> Iterable[tuple[str, str, Row]]:
    for category in objects(team.get("categories"), doing, "teams.categories"):
        for kind in objects(category.get("types"), doing, "teams.categories.types"):
            columns = PLAYER_STATS.get((str(category.get("name")), str(kind.get("name"))))
            if columns is None:
                continue
            where = f"teams.categories[{category['name']}].types[{kind['name']}]"
            for athlete in objects(kind.get("athletes"), doing, f"{where}.athletes"):
                values = _parts(athlete.get("stat"), len(columns), real, f"{where}.athletes.stat", doing)
                player_id = _value(athlete.get("id"), Field("player_id", "athletes.id", _id, needed=True), doing)
                player = _value(athlete.get("name"), Field("player", "athletes.name", text, needed=True), doing)
                yield player_id, player.strip(), dict(zip(columns, values, strict=True))


def _id(value: Any) -> str:
    """An id as text, whether sent as text or as a number."""
    return text(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)


_UNKNOWN = {"", "--", "-"}


def _parts(value: Any, count: int, reader: Reader, where: str, doing: str) -> list[Any]:
    """The numbers in a stat text: `29:06` as seconds, `14-19` and `21/24` as two, anything else as one."""
    try:
        if value is None or value in _UNKNOWN:
            return [None] * count
        if count == 1 and isinstance(value, str) and (clock := re.fullmatch(r"(\d+):([0-5]\d)", value)):
            return [int(clock[1]) * 60 + int(clock[2])]
        if count == 1:
            return [reader(value)]
        pair = re.fullmatch(r"(-?\d+)[-/](-?\d+)", str(value))
        if pair is None:
            raise Unfit("two numbers such as 14-19")
        return [reader(pair[1]), reader(pair[2])]
    except Unfit as error:
        raise _changed(doing, where, error.expected, value) from None


def read_row(row: Row, fields: Iterable[Field], doing: str, path: str = "") -> Row:
    """The columns of one object; `path` opens the name of a field that does not fit. Raises SourceChanged."""
    return {field.column: _value(row.get(field.source), field, doing, path) for field in fields}


def _value(value: Any, field: Field, doing: str, path: str = "") -> Any:
    if value is None:
        if field.needed:
            raise _changed(doing, path + field.source, "there", value)
        return None
    try:
        return field.read(value)
    except Unfit as error:
        raise _changed(doing, path + field.source, error.expected, value) from None


def objects(body: Any, doing: str, where: str = "the answer") -> list[Row]:
    """The body as a list of objects. Raises SourceChanged."""
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise _changed(doing, where, "a list of objects", body)
    return body


def _changed(doing: str, field: str, expected: str, value: Any) -> SourceChanged:
    return SourceChanged(PROVIDER, doing, field=field, expected=expected, got=repr(value)[:80])
