"""The endpoints of College Football Data: which parameters each takes and which rows it answers with.

Weekly windows (`startWeek`, `endWeek`) and `excludeGarbageTime` of season-level endpoints need play-by-play that no
source has: asked for, they answer an empty list, never the numbers of the whole season in their place.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from football_assets.emulators import college_football_queries as queries
from football_assets.emulators.college_football_knowledge import elo_ratings, opens_at
from football_assets.emulators.college_football_queries import Query, Side, sides
from football_assets.emulators.sources import Row, SeasonSource

PLAYOFF_POLL = "Playoff Committee Rankings"
MOST_PLAYERS = 100


class SeasonIndex:
    """In which season a game lies, by endpoint and id; learnt as ids are asked for."""

    def __init__(self) -> None:
        self._seasons: dict[tuple[str, int], int] = {}

    def rows(self, source: SeasonSource, endpoint: str, row_id: int, at: datetime) -> list[Row]:
        """The rows with this id as known at `at`, looked for in the newest season first."""
        season = self._seasons.get((endpoint, row_id))
        for year in [season] if season is not None else reversed(source.seasons()):
            rows = source.rows(endpoint, year, at)
            self._seasons.update(((endpoint, row["id"]), year) for row in rows)
            found = [row for row in rows if row["id"] == row_id]
            if found:
                return found
        return []


@dataclass(frozen=True)
class Question:
    """One request: what is asked of which source, as of when."""

    source: SeasonSource
    at: datetime
    query: Query
    index: SeasonIndex = field(default_factory=SeasonIndex)

    def rows(self, endpoint: str, season: int | None = None) -> list[Row]:
        """The rows of the given or asked season, else of every season, oldest first."""
        season = season or self.query.get("year")
        if season is not None:
            return self.source.rows(endpoint, season, self.at)
        return [row for year in self.source.seasons() for row in self.source.rows(endpoint, year, self.at)]

    def reference(self, endpoint: str) -> list[Row]:
        """The rows of a reference list."""
        return self.source.rows(endpoint, None, self.at)

    def by_id(self, endpoint: str, parameter: str = "id") -> list[Row] | None:
        """The rows of the one game asked for; None when none is."""
        row_id = self.query.get(parameter)
        return None if row_id is None else self.index.rows(self.source, endpoint, row_id, self.at)

    def keep(self, rows: list[Row], query: Query | None = None) -> list[Row]:
        """The rows that pass the query's filters."""
        asked = self.query if query is None else query
        return queries.Filters(asked, self._conferences, self._classification_of).keep(rows)

    @property
    def latest_season(self) -> int | None:
        """The newest season whose schedule is published."""
        return max((year for year in self.source.seasons() if opens_at(year) <= self.at), default=None)

    @cached_property
    def _conferences(self) -> dict[str, set[tuple[str, str]]]:
        pairs: dict[str, set[tuple[str, str]]] = {}
        for row in self.reference("conferences"):
            if row["abbreviation"]:
                pairs.setdefault(row["abbreviation"].lower(), set()).add((row["name"], row["classification"]))
        return pairs

    @cached_property
    def _classes(self) -> dict[int, dict[str, str]]:
        return {}

    def _classification_of(self, season: int, team: str) -> str | None:
        if season not in self._classes:
            known = {side.team: side.classification for row in self.rows("games", season) for side in sides(row)}
            self._classes[season] = {name: kind for name, kind in known.items() if kind is not None}
        return self._classes[season].get(team)


Answer = Callable[[Question], list[Any]]


def _filtered(path: str) -> Answer:
    return lambda question: question.keep(question.rows(path))


def _by_id_or_filtered(path: str, parameter: str) -> Answer:
    def answer(question: Question) -> list[Row]:
        found = question.by_id(path, parameter)
        return question.keep(question.rows(path)) if found is None else found

    return answer


def _whole_season_only(path: str, defaults: Query | None = None) -> Answer:
    def answer(question: Question) -> list[Row]:
        query = question.query
        if query.get("startWeek", 1) > 1 or "endWeek" in query or "excludeGarbageTime" in query:
            return []
        return question.keep(question.rows(path), {**(defaults or {}), **query})

    return answer


def _reference(path: str) -> Answer:
    return lambda question: question.reference(path)


def _boxes(path: str) -> Answer:
    """Box scores carry neither week nor classification: they are chosen by their games."""

    def answer(question: Question) -> list[Row]:
        boxes = question.by_id(path)
        if boxes is None:
            category = {"category"}
            wanted = {name: value for name, value in question.query.items() if name not in category}
            boxes = question.rows(path)
            games = {game["id"]: game for game in question.rows("games")}
            kept = question.keep(
                [games.get(box["id"]) or _pairing(box, question.query["year"]) for box in boxes], wanted
            )
            ids = {game["id"] for game in kept}
            boxes = [box for box in boxes if box["id"] in ids]
        category_name = question.query.get("category")
        return boxes if category_name is None or path != "games/players" else _one_category(boxes, category_name)

    return answer


def _pairing(box: Row, season: int) -> Row:
    """What a box without a game in the season's list says about its game."""
    row: Row = {"id": box["id"], "season": season}
    for place, team in zip(("home", "away"), box["teams"], strict=False):
        row |= {f"{place}Team": team["team"], f"{place}Conference": team["conference"]}
    return {"homeTeam": "", "awayTeam": ""} | row


def _one_category(boxes: list[Row], name: str) -> list[Row]:
    kept: list[Row] = []
    for box in boxes:
        teams = [
            {**team, "categories": [part for part in team["categories"] if part["name"].lower() == name.lower()]}
            for team in box["teams"]
        ]
        teams = [team for team in teams if team["categories"]]
        if teams:
            kept.append({**box, "teams": teams})
    return kept


def _lines(question: Question) -> list[Row]:
    found = question.by_id("lines", "gameId")
    rows = question.keep(question.rows("lines")) if found is None else found
    provider = question.query.get("provider")
    if provider is None:
        return rows
    offered = [
        {**row, "lines": [line for line in row["lines"] if line["provider"].lower() == provider.lower()]}
        for row in rows
    ]
    return [row for row in offered if row["lines"]]


def _teams(question: Question) -> list[Row]:
    rows = question.reference("teams")
    if "year" in question.query:
        membership = {
            game[f"{place}Id"]: side
            for game in question.rows("games")
            for place, side in zip(("home", "away"), sides(game), strict=True)
            if side.conference is not None
        }
        rows = [_as_member(row, membership[row["id"]]) for row in rows if row["id"] in membership]
    return question.keep(rows)


def _as_member(row: Row, side: Side) -> Row:
    division = row["division"] if row["conference"] == side.conference else None
    return {**row, "conference": side.conference, "classification": side.classification, "division": division}


def _of_the_latest_season(path: str) -> Answer:
    def answer(question: Question) -> list[Row]:
        season = question.query.get("year") or question.latest_season
        return [] if season is None else question.keep(question.rows(path, season))

    return answer


def _elo(question: Question) -> list[Row]:
    query = question.query
    week = query.get("week")
    filters = {name: value for name, value in query.items() if name in ("team", "conference")}
    if week is None and query.get("seasonType") != "regular":
        return question.keep(question.rows("ratings/elo"), filters)
    seasons = [query["year"]] if "year" in query else question.source.seasons()
    rows = [
        row
        for season in seasons
        for row in elo_ratings(question.rows("games", season), last_week=week, regular_only=True)
    ]
    return question.keep(rows, filters)


def _rankings(question: Question) -> list[Row]:
    rows = question.keep(question.rows("rankings"))
    if "poll" not in question.query:
        return rows
    playoff = [{**row, "polls": [poll for poll in row["polls"] if poll["poll"] == PLAYOFF_POLL]} for row in rows]
    playoff = [row for row in playoff if row["polls"]]
    if "final" in question.query:
        return [row for row in playoff if any(poll["isFinal"] for poll in row["polls"])]
    if "latest" in question.query:
        return sorted(playoff, key=lambda row: (row["seasonType"] != "postseason", -row["week"]))[:1]
    return playoff


def _players(question: Question) -> list[Row]:
    query = question.query
    wanted, year = query["searchTerm"].lower(), query.get("year")
    found = [
        row
        for row in question.keep(question.reference("player/search"))
        if wanted in row["name"].lower()
        and (year is None or (row["activeStartYear"] or year) <= year <= (row["activeEndYear"] or year))
    ]
    return sorted(found, key=lambda row: row["name"])[:MOST_PLAYERS]


def _categories(question: Question) -> list[str]:
    for season in reversed(question.source.seasons()):
        boxes = question.rows("games/teams", season)
        if boxes:
            return sorted({stat["category"] for box in boxes for team in box["teams"] for stat in team["stats"]})
    return []


@dataclass(frozen=True)
class Endpoint:
    """One path: its parameters, the rule between them, the tier it needs and how it is answered."""

    parameters: Sequence[str]
    answer: Answer
    required: Sequence[str] = ()
    rule: queries.Rule = queries.no_rule
    tier: int = 0


YEAR = ("year",)
YEAR_OR_TEAM = queries.one_of("year", "team")
GAME = ("year", "week", "seasonType", "classification", "team", "conference")
TEAM = ("year", "team", "conference")
WINDOW = ("startWeek", "endWeek")

ENDPOINTS: Mapping[str, Endpoint] = {
    "games": Endpoint(
        (*GAME, "home", "away", "id", "competition", "round"),
        _by_id_or_filtered("games", "id"),
        rule=queries.games_rule,
    ),
    "games/teams": Endpoint((*GAME, "id"), _boxes("games/teams"), rule=queries.boxes_rule),
    "games/players": Endpoint((*GAME, "id", "category"), _boxes("games/players"), rule=queries.boxes_rule),
    "games/media": Endpoint((*GAME, "mediaType"), _filtered("games/media"), required=YEAR),
    "games/weather": Endpoint(
        (*GAME, "gameId"),
        _by_id_or_filtered("games/weather", "gameId"),
        rule=queries.year_unless("gameId"),
        tier=1,
    ),
    "lines": Endpoint(
        ("gameId", "year", "seasonType", "week", "team", "home", "away", "conference", "provider"),
        _lines,
        rule=queries.year_unless("gameId"),
    ),
    "teams": Endpoint(("conference", "year"), _teams),
    "teams/fbs": Endpoint(YEAR, _of_the_latest_season("teams/fbs")),
    "conferences": Endpoint((), _reference("conferences")),
    "venues": Endpoint((), _reference("venues")),
    "records": Endpoint(TEAM, _filtered("records"), rule=YEAR_OR_TEAM),
    "calendar": Endpoint(YEAR, _filtered("calendar"), required=YEAR),
    "rankings": Endpoint(
        ("year", "seasonType", "week", "poll", "latest", "final"),
        _rankings,
        required=YEAR,
        rule=queries.rankings_rule,
    ),
    "ratings/elo": Endpoint(("year", "week", "seasonType", "team", "conference"), _elo),
    "ratings/sp": Endpoint(("year", "team"), _filtered("ratings/sp"), rule=YEAR_OR_TEAM),
    "ratings/fpi": Endpoint(TEAM, _filtered("ratings/fpi"), rule=YEAR_OR_TEAM),
    "ratings/srs": Endpoint(TEAM, _filtered("ratings/srs"), rule=YEAR_OR_TEAM),
    "talent": Endpoint(YEAR, _filtered("talent"), required=YEAR),
    "recruiting/teams": Endpoint(("year", "team"), _filtered("recruiting/teams")),
    "player/returning": Endpoint(TEAM, _filtered("player/returning"), rule=YEAR_OR_TEAM),
    "player/portal": Endpoint(YEAR, _filtered("player/portal"), required=YEAR),
    "player/search": Endpoint(("searchTerm", "year", "team", "position"), _players, required=("searchTerm",)),
    "roster": Endpoint(("team", "year", "classification"), _of_the_latest_season("roster")),
    "stats/season": Endpoint(
        (*TEAM, *WINDOW, "classification"),
        _whole_season_only("stats/season", {"classification": "fbs"}),
        rule=YEAR_OR_TEAM,
    ),
    "stats/season/advanced": Endpoint(
        ("year", "team", "excludeGarbageTime", *WINDOW, "classification"),
        _whole_season_only("stats/season/advanced"),
        rule=YEAR_OR_TEAM,
    ),
    "stats/game/advanced": Endpoint(
        ("year", "team", "week", "opponent", "excludeGarbageTime", "seasonType"),
        _whole_season_only("stats/game/advanced"),
        rule=YEAR_OR_TEAM,
    ),
    "stats/player/season": Endpoint(
        (*TEAM, *WINDOW, "seasonType", "category"), _whole_season_only("stats/player/season"), required=YEAR
    ),
    "stats/categories": Endpoint((), _categories),
    "ppa/games": Endpoint((*GAME, "excludeGarbageTime"), _whole_season_only("ppa/games"), required=YEAR),
    "ppa/teams": Endpoint(
        (*TEAM, "excludeGarbageTime", "classification"), _whole_season_only("ppa/teams"), rule=YEAR_OR_TEAM
    ),
    "metrics/wp/pregame": Endpoint(("year", "week", "seasonType", "team"), _filtered("metrics/wp/pregame")),
    "wepa/team/season": Endpoint(TEAM, _filtered("wepa/team/season"), tier=1),
}
