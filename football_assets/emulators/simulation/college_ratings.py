"""Ratings that follow from results alone: Elo, records, polls and adjusted points for and against."""

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Protocol

from football_assets.emulators.simulation.college_world import College, colleges, dice, fbs_colleges
from football_assets.emulators.sources import Row

ELO_MEAN = 1500.0
ELO_K = 25.0
ELO_HOME = 55.0
ELO_CARRIED = 0.75
ELO_LOWER_DIVISION = 1000.0
ELO_PER_POINT = 17.5

VOTERS = {"AP Top 25": (62, 26.0), "Coaches Poll": (62, 20.0), "Playoff Committee Rankings": (13, 14.0)}
COMMITTEE = "Playoff Committee Rankings"
BALLOT = 25
CONSIDERED = 42

HOME_POINTS = 1.25
SHRINKAGE_GAMES = 2.5


class Played(Protocol):
    """A finished game as the ratings read it."""

    @property
    def home(self) -> College:
        """The home side."""

    @property
    def away(self) -> College:
        """The visiting side."""

    @property
    def points(self) -> tuple[int, int]:
        """The score, home first."""

    @property
    def neutral(self) -> bool:
        """Whether the field belongs to neither."""

    @property
    def conference_game(self) -> bool:
        """Whether it counts in a conference."""

    @property
    def postseason(self) -> bool:
        """Whether it is a bowl or playoff game."""

    @property
    def home_win_probability(self) -> float:
        """How likely the home side was to win a game that went like this."""


def elo_change(home: float, away: float, margin: int, *, neutral: bool) -> float:
    """Points the home side wins (and the away side loses), more for a clear result against the odds."""
    lead = home - away + (0 if neutral else ELO_HOME)
    expected = 1 / (1 + 10 ** (-lead / 400))
    ahead = lead if margin > 0 else -lead
    weight = math.log(abs(margin) + 1) * 2.2 / (max(ahead, -1000) * 0.001 + 2.2)
    return ELO_K * weight * ((margin > 0) - expected)


def carried_over(elo: float) -> float:
    """What a rating at the end of a season is worth at the start of the next."""
    return ELO_MEAN + ELO_CARRIED * (elo - ELO_MEAN)


@dataclass(slots=True)
class Tally:
    """Games, wins and losses; nobody ties since overtime."""

    games: int = 0
    wins: int = 0

    def add(self, won: bool) -> None:
        """Count one game."""
        self.games += 1
        self.wins += won

    def row(self) -> Row:
        """The counts as TeamRecords has them."""
        return {"games": self.games, "wins": self.wins, "losses": self.games - self.wins, "ties": 0}


@dataclass(slots=True)
class Record:
    """A team's record in all the ways TeamRecords splits it."""

    expected_wins: float = 0.0
    splits: dict[str, Tally] = field(
        default_factory=lambda: {
            name: Tally()
            for name in (
                "total",
                "conferenceGames",
                "homeGames",
                "awayGames",
                "neutralSiteGames",
                "regularSeason",
                "postseason",
            )
        }
    )


def records(games: Iterable[Played]) -> dict[int, Record]:
    """Every team's record over `games`, by team id."""
    found: dict[int, Record] = {college.team_id: Record() for college in colleges()}
    for game in games:
        home_won = game.points[0] > game.points[1]
        for college, at_home, won in ((game.home, True, home_won), (game.away, False, not home_won)):
            record = found[college.team_id]
            chance = game.home_win_probability
            record.expected_wins += chance if at_home else 1 - chance
            record.splits["total"].add(won)
            record.splits["postseason" if game.postseason else "regularSeason"].add(won)
            site = "neutralSiteGames" if game.neutral else ("homeGames" if at_home else "awayGames")
            record.splits[site].add(won)
            if game.conference_game:
                record.splits["conferenceGames"].add(won)
    return found


def record_rows(games: Iterable[Played], season: int) -> list[Row]:
    """`/records`: TeamRecords of every team that has played."""
    found = records(games)
    return [
        {
            "year": season,
            "teamId": college.team_id,
            "team": college.school,
            "classification": college.conference.classification,
            "conference": college.conference.name,
            "division": None,
            "expectedWins": round(found[college.team_id].expected_wins, 6),
            **{name: tally.row() for name, tally in found[college.team_id].splits.items()},
        }
        for college in colleges()
        if found[college.team_id].splits["total"].games
    ]


def standing(elo: dict[int, float], games: Iterable[Played]) -> dict[int, float]:
    """How pollsters see the FBS teams: rating and record together."""
    found = records(games)
    return {
        college.team_id: elo[college.team_id]
        + 14.0 * (2 * found[college.team_id].splits["total"].wins - found[college.team_id].splits["total"].games)
        for college in fbs_colleges()
    }


def poll(name: str, standings: dict[int, float], *key: object) -> list[Row]:
    """The 25 `ranks` of one poll: `VOTERS` rank the teams, each a little differently; the committee gives no points."""
    voters, spread = VOTERS[name]
    rng = dice("poll", name, *key)
    best = sorted(standings, key=lambda team_id: -standings[team_id])[:CONSIDERED]
    points: dict[int, int] = defaultdict(int)
    firsts: dict[int, int] = defaultdict(int)
    for _ in range(voters):
        seen = {team_id: standings[team_id] + rng.gauss(0, spread) for team_id in best}
        ballot = sorted(seen, key=lambda team_id: -seen[team_id])[:BALLOT]
        firsts[ballot[0]] += 1
        for place, team_id in enumerate(ballot):
            points[team_id] += BALLOT - place
    ordered = sorted(points, key=lambda team_id: (-points[team_id], team_id))[:BALLOT]
    by_id = {college.team_id: college for college in fbs_colleges()}
    votes = name != COMMITTEE
    return [
        {
            "rank": rank,
            "teamId": team_id,
            "school": by_id[team_id].school,
            "conference": by_id[team_id].conference.name,
            "firstPlaceVotes": firsts[team_id] if votes else 0,
            "points": points[team_id] if votes else 0,
        }
        for rank, team_id in enumerate(ordered, start=1)
    ]


def sp_rows(games: Sequence[Played], season: int) -> list[Row]:
    """`/ratings/sp`: points for and against, adjusted for opponents, of every FBS team, and `nationalAverages`."""
    if not games:
        return []
    average = fmean(point for game in games for point in game.points)
    attack, allowed = _adjusted(games, average)
    teams = fbs_colleges()
    # Against other FBS teams: games with lower divisions would leave the division better than itself.
    scored_more = fmean(attack[college.team_id] for college in teams)
    allowed_more = fmean(allowed[college.team_id] for college in teams)
    level = average + (scored_more + allowed_more) / 2
    offense = {college: level + attack[college.team_id] - scored_more for college in teams}
    defense = {college: level + allowed[college.team_id] - allowed_more for college in teams}
    rating = {college: offense[college] - defense[college] for college in teams}
    ranks = [_ranks({c: -rating[c] for c in teams}), _ranks({c: -offense[c] for c in teams}), _ranks(defense)]
    rows = [
        _sp_row(
            season,
            college.school,
            college.conference.name,
            (rating[college], offense[college], defense[college]),
            (ranks[0][college], ranks[1][college], ranks[2][college]),
        )
        for college in sorted(teams, key=lambda college: ranks[0][college])
    ]
    means = (fmean(rating.values()), fmean(offense.values()), fmean(defense.values()))
    return [*rows, _sp_row(season, "nationalAverages", None, means, (None, None, None))]


def _adjusted(games: Sequence[Played], average: float) -> tuple[dict[int, float], dict[int, float]]:
    """Points scored and allowed above average by team, each corrected by the opponents' and drawn to zero."""
    attack: dict[int, float] = defaultdict(float)
    allowed: dict[int, float] = defaultdict(float)
    sides = [
        (team.team_id, rival.team_id, points - average - edge)
        for game in games
        for team, rival, points, edge in (
            (game.home, game.away, game.points[0], 0 if game.neutral else HOME_POINTS),
            (game.away, game.home, game.points[1], 0 if game.neutral else -HOME_POINTS),
        )
    ]
    for _ in range(25):
        scored: dict[int, list[float]] = defaultdict(list)
        conceded: dict[int, list[float]] = defaultdict(list)
        for team, rival, points in sides:
            scored[team].append(points - allowed[rival])
            conceded[rival].append(points - attack[team])
        for team in scored:
            attack[team] = 0.5 * attack[team] + 0.5 * sum(scored[team]) / (len(scored[team]) + SHRINKAGE_GAMES)
            allowed[team] = 0.5 * allowed[team] + 0.5 * sum(conceded[team]) / (len(conceded[team]) + SHRINKAGE_GAMES)
    return attack, allowed


def _ranks(values: dict[College, float]) -> dict[College, int]:
    ordered = sorted(values, key=lambda college: (values[college], college.team_id))
    return {college: rank for rank, college in enumerate(ordered, start=1)}


def _sp_row(
    season: int,
    team: str,
    conference: str | None,
    ratings: tuple[float, float, float],
    ranks: tuple[int | None, int | None, int | None],
) -> Row:
    """One TeamSP row; parts that the real provider publishes and this world does not compute are null."""
    unknown = dict.fromkeys(("success", "explosiveness", "rushing", "passing", "standardDowns", "passingDowns"))
    return {
        "year": season,
        "team": team,
        "conference": conference,
        "rating": round(ratings[0], 1) or 0.0,
        "ranking": ranks[0],
        "secondOrderWins": None,
        "sos": None,
        "offense": {"ranking": ranks[1], "rating": round(ratings[1], 1), **unknown, "runRate": None, "pace": None},
        "defense": {
            "ranking": ranks[2],
            "rating": round(ratings[2], 1),
            **unknown,
            "havoc": {"total": None, "frontSeven": None, "db": None},
        },
        "specialTeams": {"rating": None},
    }
