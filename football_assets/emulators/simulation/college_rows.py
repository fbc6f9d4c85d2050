"""Simulated games in the provider's row shapes, as they were known at an instant."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from football_assets.emulators.simulation.college_box import Sheet, Squad
from football_assets.emulators.simulation.college_lines import Market
from football_assets.emulators.simulation.college_schedule import TITLE_WEEK, eastern, saturday
from football_assets.emulators.simulation.college_season import SeasonGame
from football_assets.emulators.simulation.college_stats import (
    advanced_splits,
    player_categories,
    ppa_splits,
    team_stats,
)
from football_assets.emulators.sources import Row

HOURS_SET_BEFORE = timedelta(days=12)
FIRST_UNSET_WEEK = 4


@dataclass(frozen=True, slots=True)
class Detail:
    """What is kept of a game beyond its score: rows by endpoint."""

    box: Row
    players: Row
    ppa: list[Row]
    advanced: list[Row]


def stamp(instant: datetime) -> str:
    """An instant as the provider writes it."""
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def _start(game: SeasonGame, at: datetime) -> tuple[str, bool]:
    """`startDate` and `startTimeTBD`: a Saturday game's hour is set twelve days ahead, until then midnight Eastern."""
    fixture = game.fixture
    day = (fixture.kickoff - timedelta(hours=6)).date()
    unset = (
        fixture.season_type == "regular"
        and FIRST_UNSET_WEEK <= fixture.week < TITLE_WEEK
        and day == saturday(fixture.season, fixture.week)
        and at < fixture.kickoff - HOURS_SET_BEFORE
    )
    return stamp(eastern(day, 0) if unset else fixture.kickoff), unset


def game_row(game: SeasonGame, at: datetime) -> Row:
    """One Game row as of `at`."""
    fixture = game.fixture
    over = game.over_at <= at
    start, unset = _start(game, at)
    return {
        "id": fixture.game_id,
        "season": fixture.season,
        "week": fixture.week,
        "seasonType": fixture.season_type,
        "startDate": start,
        "startTimeTBD": unset,
        "completed": over,
        "neutralSite": fixture.neutral,
        "conferenceGame": fixture.conference_game,
        "attendance": game.attendance if over else None,
        "venueId": fixture.venue.venue_id,
        "venue": fixture.venue.name,
        **_side(game, 0, at),
        **_side(game, 1, at),
        "excitementIndex": round(game.excitement, 10) if over else None,
        "highlights": None,
        "notes": fixture.notes,
        "playoff": game.playoff,
    }


def _side(game: SeasonGame, side: int, at: datetime) -> Row:
    """The home or away columns of a Game row; Elo before a game shows once the team's previous game is over."""
    name = ("home", "away")[side]
    college = (game.home, game.away)[side]
    over = game.over_at <= at
    chance = (game.home_win_probability, 1 - game.home_win_probability)[side]
    rated = college.fbs and game.elo_known_at[side] <= at
    return {
        f"{name}Id": college.team_id,
        f"{name}Team": college.school,
        f"{name}Classification": college.conference.classification,
        f"{name}Conference": college.conference.name,
        f"{name}Points": game.points[side] if over else None,
        f"{name}LineScores": list(game.line_scores[side]) if over else None,
        f"{name}PostgameWinProbability": chance if over else None,
        f"{name}PregameElo": round(game.elo_before[side]) if rated else None,
        f"{name}PostgameElo": round(game.elo_after[side]) if over and college.fbs else None,
    }


def betting_row(seed: int, game: SeasonGame, at: datetime) -> Row:
    """One BettingGame row as of `at`; `lines` is empty until the books open."""
    fixture = game.fixture
    over = game.over_at <= at
    market = Market(
        seed=seed,
        game_id=fixture.game_id,
        home=game.home.school,
        away=game.away.school,
        lower_division=not (game.home.fbs and game.away.fbs),
        announced_at=fixture.announced_at,
        kickoff=fixture.kickoff,
        expected=game.expected,
    )
    return {
        "id": fixture.game_id,
        "season": fixture.season,
        "seasonType": fixture.season_type,
        "week": fixture.week,
        "startDate": _start(game, at)[0],
        "homeTeamId": game.home.team_id,
        "homeTeam": game.home.school,
        "homeConference": game.home.conference.name,
        "homeClassification": game.home.conference.classification,
        "homeScore": game.points[0] if over else None,
        "awayTeamId": game.away.team_id,
        "awayTeam": game.away.school,
        "awayConference": game.away.conference.name,
        "awayClassification": game.away.conference.classification,
        "awayScore": game.points[1] if over else None,
        "lines": market.quotes(at),
    }


def details(game: SeasonGame, sheets: tuple[Sheet, Sheet], squads: tuple[Squad, Squad]) -> Detail:
    """Box score, player lines and efficiency rows of one game."""
    sides = (game.home, game.away)
    box: list[Row] = []
    players: list[Row] = []
    for side, college in enumerate(sides):
        own, other = sheets[side], sheets[1 - side]
        who: Row = {"team": college.school, "conference": college.conference.name}
        where: Row = {"homeAway": ("home", "away")[side], "points": game.points[side]}
        box.append({"teamId": college.team_id, **who, **where, "stats": team_stats(own, other)})
        players.append({**who, **where, "categories": player_categories(own, squads[side].names)})
    ppa = [ppa_splits(sheet.plays) for sheet in sheets]
    advanced = [advanced_splits(sheet) for sheet in sheets]
    rated = [side for side in (0, 1) if sides[side].fbs]
    return Detail(
        box={"id": game.fixture.game_id, "teams": box},
        players={"id": game.fixture.game_id, "teams": players},
        ppa=[
            {**_against(game, side), "conference": sides[side].conference.name}
            | {"offense": ppa[side], "defense": ppa[1 - side]}
            for side in rated
        ],
        advanced=[{**_against(game, side), "offense": advanced[side], "defense": advanced[1 - side]} for side in rated],
    )


def _against(game: SeasonGame, side: int) -> Row:
    sides = (game.home, game.away)
    return {
        "gameId": game.fixture.game_id,
        "season": game.fixture.season,
        "week": game.fixture.week,
        "seasonType": game.fixture.season_type,
        "team": sides[side].school,
        "opponent": sides[1 - side].school,
    }
