"""What College Football Data could have said at an instant, out of rows that know how the season ended.

Pure functions over contract rows. A score, box or rating that lies in the future of the asking instant is taken away
or recomputed from the games over by then; nothing is estimated. Where the end of a game is not recorded it counts as
over four hours after kickoff; where the kickoff is only known by its day, four hours after that day.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from football_assets.emulators.sources import Row

GAME_LASTS = timedelta(hours=4)
DAY = timedelta(days=1)
OPENING_LEAD = timedelta(days=7)
SIDES = ("home", "away")
UNKNOWN_UNTIL_OVER: Row = {
    "completed": False,
    "attendance": None,
    "excitementIndex": None,
    "highlights": None,
    **{
        f"{side}{field}": None
        for side in SIDES
        for field in ("Points", "LineScores", "PostgameWinProbability", "PostgameElo")
    },
}


def instant(text: str) -> datetime:
    """The aware UTC datetime of an ISO 8601 text such as `2023-08-26T18:30:00.000Z`."""
    return datetime.fromisoformat(text).astimezone(UTC)


def opens_at(season: int) -> datetime:
    """When the schedule of a season is taken as published: 1 February of its year."""
    return datetime(season, 2, 1, tzinfo=UTC)


def preseason_at(season: int) -> datetime:
    """When preseason numbers (talent, recruiting, returning production) are taken as published: 1 August."""
    return datetime(season, 8, 1, tzinfo=UTC)


def closes_at(season: int) -> datetime:
    """When the season-level numbers are taken as final: 1 February of the next year."""
    return datetime(season + 1, 2, 1, tzinfo=UTC)


class Schedule:
    """When the games of one season begin and end, and when each pairing and pregame Elo became known."""

    def __init__(self, season: int, games: list[Row]) -> None:
        self.closes_at = closes_at(season)
        self._starts: dict[int, datetime] = {game["id"]: instant(game["startDate"]) for game in games}
        # Seasons before 2001 are recorded by day alone, all at midnight, without saying that the time is unknown.
        dates_only = all(start.time() == datetime.min.time() for start in self._starts.values())
        self._begun: dict[int, datetime] = {
            game["id"]: self._starts[game["id"]] + (DAY if dates_only or game["startTimeTBD"] else timedelta())
            for game in games
        }
        self._over = {game_id: begun + GAME_LASTS for game_id, begun in self._begun.items()}
        self._free: dict[tuple[int, str], datetime] = {}
        self._paired: dict[int, datetime] = {}
        self._follow_teams(games)

    def _follow_teams(self, games: list[Row]) -> None:
        last_over: dict[int, datetime] = {}
        for game in sorted(games, key=lambda game: self._starts[game["id"]]):
            game_id = game["id"]
            for side in SIDES:
                self._free[game_id, side] = last_over.get(game[f"{side}Id"], datetime.min.replace(tzinfo=UTC))
            if _is_drawn_late(game):
                self._paired[game_id] = max(self._free[game_id, side] for side in SIDES)
            for side in SIDES:
                last_over[game[f"{side}Id"]] = self._over[game_id]

    @property
    def complete_at(self) -> datetime:
        """When everything about the season is known."""
        return max((self.closes_at, *self._over.values()))

    def is_over(self, game_id: int, at: datetime) -> bool:
        """Whether the game has ended; a game outside the schedule counts as over when the season closes."""
        return self._over.get(game_id, self.closes_at) <= at

    def has_begun(self, game_id: int, at: datetime) -> bool:
        """Whether the game has surely kicked off."""
        return self._begun.get(game_id, self.closes_at) <= at

    def is_listed(self, game_id: int, at: datetime) -> bool:
        """Whether the pairing is known: for bowls, playoffs and title games when both sides' game before is over."""
        if game_id not in self._starts:
            return self.closes_at <= at
        return self._paired.get(game_id, at) <= at

    def begins_within_a_week(self, game_id: int, at: datetime) -> bool:
        """Whether the kickoff lies at most seven days ahead (or has passed)."""
        return self._starts.get(game_id, self.closes_at) <= at + OPENING_LEAD

    def knows_pregame_elo(self, game_id: int, side: str, at: datetime) -> bool:
        """Whether it is the side's next game: within a week, and nothing it plays before is still to end."""
        return self.begins_within_a_week(game_id, at) and self._free[game_id, side] <= at

    def changes(self) -> Iterable[datetime]:
        """Every instant at which anything about these games becomes known."""
        for game_id, start in self._starts.items():
            yield from (start - OPENING_LEAD, start, self._begun[game_id], self._over[game_id])
        yield self.closes_at


def _is_drawn_late(game: Row) -> bool:
    """Bowls, playoffs and championship games, whose sides follow from earlier results.

    The notes that name a title game or a lower division's playoff are recorded from 2022 on only.
    """
    return game["seasonType"].endswith("postseason") or "championship" in (game["notes"] or "").lower()


def games_known(games: list[Row], schedule: Schedule, at: datetime) -> list[Row]:
    """The listed games; one that is not over has no result, attendance or highlights, nor an Elo still to be made."""
    return [
        game if schedule.is_over(game["id"], at) else _before_its_end(game, schedule, at)
        for game in games
        if schedule.is_listed(game["id"], at)
    ]


def _before_its_end(game: Row, schedule: Schedule, at: datetime) -> Row:
    row = {**game, **UNKNOWN_UNTIL_OVER}
    for side in SIDES:
        if not schedule.knows_pregame_elo(game["id"], side, at):
            row[f"{side}PregameElo"] = None
    return row


def per_game_known(rows: list[Row], schedule: Schedule, at: datetime, key: str = "id") -> list[Row]:
    """Box scores and the like: the rows whose game, named by `key`, is over."""
    return [row for row in rows if schedule.is_over(row[key], at)]


def listed_known(rows: list[Row], schedule: Schedule, at: datetime) -> list[Row]:
    """What is known about a game as soon as it is on the schedule, such as its broadcast."""
    return [row for row in rows if schedule.is_listed(row["id"], at)]


def lines_known(rows: list[Row], schedule: Schedule, at: datetime) -> list[Row]:
    """BettingGame rows: closing values once a game has begun, opening ones in the week before, scores at the end.

    A provider whose opening value is not recorded is left out before kickoff; a game without an FBS side that has
    no line by then is not listed, as the API does.
    """
    known: list[Row] = []
    for row in listed_known(rows, schedule, at):
        game_id = row["id"]
        if schedule.is_over(game_id, at):
            known.append(row)
            continue
        row = {**row, "homeScore": None, "awayScore": None}
        if not schedule.has_begun(game_id, at):
            row["lines"] = _opening_lines(row) if schedule.begins_within_a_week(game_id, at) else []
        if row["lines"] or "fbs" in (row["homeClassification"], row["awayClassification"]):
            known.append(row)
    return known


def _opening_lines(row: Row) -> list[Row]:
    return [
        {
            **line,
            "spread": line["spreadOpen"],
            "formattedSpread": formatted_spread(line["spreadOpen"], row["homeTeam"], row["awayTeam"]),
            "overUnder": line["overUnderOpen"],
            "homeMoneyline": None,
            "awayMoneyline": None,
        }
        for line in row["lines"]
        if line["spreadOpen"] is not None or line["overUnderOpen"] is not None
    ]


def formatted_spread(spread: float | None, home: str, away: str) -> str | None:
    """The favourite and what it gives, `Alabama -7`; None when there is no spread."""
    if spread is None:
        return None
    return f"{home if spread < 0 else away} -{abs(spread):g}"


def rankings_known(rows: list[Row], games: list[Row], schedule: Schedule, at: datetime) -> list[Row]:
    """Polls of the weeks that have begun; a postseason poll follows the last game it judges."""
    weeks: dict[tuple[str, int], list[int]] = {}
    for game in games:
        # A postseason has one poll, whatever weeks its games carry.
        week = 0 if game["seasonType"].endswith("postseason") else game["week"]
        weeks.setdefault((game["seasonType"], week), []).append(game["id"])

    def is_published(row: Row) -> bool:
        if row["seasonType"].endswith("postseason"):
            ids = weeks.get((row["seasonType"], 0), [])
            return bool(ids) and all(schedule.is_over(game_id, at) for game_id in ids)
        return any(schedule.has_begun(game_id, at) for game_id in weeks.get((row["seasonType"], row["week"]), []))

    return [row for row in rows if at >= schedule.closes_at or is_published(row)]


def transfers_known(rows: list[Row], season: int, at: datetime) -> list[Row]:
    """Portal entries made by `at`; where they led is taken as known from 1 August, for no date of it is recorded."""
    preseason = preseason_at(season)
    if at >= preseason:
        return [row for row in rows if row["transferDate"] is None or instant(row["transferDate"]) <= at]
    return [
        {**row, "destination": None, "eligibility": None}
        for row in rows
        if row["transferDate"] is not None and instant(row["transferDate"]) <= at
    ]


def elo_ratings(games: list[Row], *, last_week: int | None = None, regular_only: bool = False) -> list[Row]:
    """TeamElo rows: post-game Elo of each rated team's last completed game, up to `last_week` when it is given."""
    latest: dict[str, tuple[str, Row]] = {}
    for game in games:
        if not game["completed"] or (last_week is not None and game["week"] > last_week):
            continue
        if regular_only and game["seasonType"] != "regular":
            continue
        for side in SIDES:
            team, elo = game[f"{side}Team"], game[f"{side}PostgameElo"]
            conference = game[f"{side}Conference"]
            if elo is None or conference is None:
                continue
            row = {"year": game["season"], "team": team, "conference": conference, "elo": elo}
            if team not in latest or latest[team][0] < game["startDate"]:
                latest[team] = (game["startDate"], row)
    return [row for _, (_, row) in sorted(latest.items())]


def team_records(games: list[Row]) -> list[Row]:
    """TeamRecords rows of the FBS sides, counted from the completed games, by team id.

    `expectedWins` is null as soon as one game lacks its post-game win probability; `division` is not known.
    """
    records: dict[int, Row] = {}
    for game in games:
        if not game["completed"] or game["homePoints"] is None or game["awayPoints"] is None:
            continue
        for side, other in (SIDES, SIDES[::-1]):
            if game[f"{side}Classification"] == "fbs":
                record = records.setdefault(game[f"{side}Id"], _no_games(game, side))
                _count(record, game, side, other)
    return [records[team_id] for team_id in sorted(records)]


SPLITS = ("total", "conferenceGames", "homeGames", "awayGames", "neutralSiteGames", "regularSeason", "postseason")


def _no_games(game: Row, side: str) -> Row:
    return {
        "year": game["season"],
        "teamId": game[f"{side}Id"],
        "team": game[f"{side}Team"],
        "classification": game[f"{side}Classification"],
        "conference": game[f"{side}Conference"],
        "division": None,
        "expectedWins": 0.0,
        **{split: {"games": 0, "wins": 0, "losses": 0, "ties": 0} for split in SPLITS},
    }


def _count(record: Row, game: Row, side: str, other: str) -> None:
    margin = game[f"{side}Points"] - game[f"{other}Points"]
    result = "wins" if margin > 0 else "losses" if margin < 0 else "ties"
    splits = ["total", "neutralSiteGames" if game["neutralSite"] else f"{side}Games"]
    splits += ["conferenceGames"] if game["conferenceGame"] else []
    splits += {"regular": ["regularSeason"], "postseason": ["postseason"]}.get(game["seasonType"], [])
    for split in splits:
        record[split]["games"] += 1
        record[split][result] += 1
    chance = game[f"{side}PostgameWinProbability"]
    known = record["expectedWins"] is not None and chance is not None
    record["expectedWins"] = record["expectedWins"] + chance if known else None
