"""One season played whole: regular weeks, conference title games, bowls and a four-team playoff.

Only scores are kept; a game's plays are simulated again from its own random stream when its box score is wanted.
"""

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from football_assets.emulators.simulation.college_game import (
    AWAY,
    HOME,
    HOME_FIELD_POINTS,
    REGULATION_S,
    GameResult,
    Matchup,
    play_game,
)
from football_assets.emulators.simulation.college_lines import MARGIN_SD, Expectation, expectation
from football_assets.emulators.simulation.college_ratings import (
    COMMITTEE,
    ELO_LOWER_DIVISION,
    elo_change,
    poll,
    records,
    standing,
)
from football_assets.emulators.simulation.college_schedule import (
    TITLE_WEEK,
    WEEKS,
    Fixture,
    eastern,
    game_id,
    regular_season,
    saturday,
)
from football_assets.emulators.simulation.college_teams import Strength
from football_assets.emulators.simulation.college_world import (
    CONFERENCES,
    INDEPENDENTS,
    College,
    colleges,
    dice,
    fbs_colleges,
    neutral_venues,
)
from football_assets.emulators.sources import Row

GAME_LENGTH = timedelta(hours=3.6)
BOWL_WINS = 6
BOWLS = (
    "Lantern Bowl",
    "Harvest Moon Bowl",
    "Copper Kettle Bowl",
    "Sunstone Bowl",
    "Riverboat Bowl",
    "Tidewater Bowl",
    "Cactus Wren Bowl",
    "Silver Spur Bowl",
    "Clocktower Bowl",
    "Palmetto Classic",
    "Golden Bay Bowl",
    "Lone Prairie Bowl",
    "Great Dunes Bowl",
    "Meridian Bowl",
    "Magnolia Bowl",
    "Founders Bowl",
)
SEMIFINALS = ("Redrock Bowl", "Lakefront Bowl")


@dataclass(frozen=True, slots=True)
class SeasonGame:
    """A played game: its fixture, what was to be expected and what happened."""

    fixture: Fixture
    matchup: Matchup
    expected: Expectation
    points: tuple[int, int]
    line_scores: tuple[list[int], list[int]]
    home_win_probability: float
    excitement: float
    attendance: int
    elo_before: tuple[float, float]
    elo_after: tuple[float, float]
    elo_known_at: tuple[datetime, datetime]
    playoff: Row | None

    @property
    def home(self) -> College:
        """The home side, also on a neutral field."""
        return self.fixture.home

    @property
    def away(self) -> College:
        """The visiting side."""
        return self.fixture.away

    @property
    def neutral(self) -> bool:
        """Whether the field belongs to neither."""
        return self.fixture.neutral

    @property
    def conference_game(self) -> bool:
        """Whether it counts in a conference."""
        return self.fixture.conference_game

    @property
    def postseason(self) -> bool:
        """Bowls and playoff."""
        return self.fixture.season_type == "postseason"

    @property
    def over_at(self) -> datetime:
        """When it is counted as completed."""
        return self.fixture.kickoff + GAME_LENGTH


def replay(seed: int, number: int, matchup: Matchup) -> GameResult:
    """The game with this id, the same every time."""
    return play_game(dice(seed, "game", number), matchup)


class Season:
    """All games of one season by kick-off, and the ratings at its end."""

    def __init__(self, seed: int, year: int, strengths: dict[int, Strength], elo: dict[int, float]) -> None:
        self.seed = seed
        self.year = year
        self.games: list[SeasonGame] = []
        self.elo_at_start = dict(elo)
        self.elo = dict(elo)
        self._strengths = strengths
        self._elo_known_at: dict[int, datetime] = {}
        self._number = 0
        self._play_all()

    def completed(self, at: datetime) -> list[SeasonGame]:
        """Games that are over at `at`."""
        return [game for game in self.games if game.over_at <= at]

    def elo_at(self, at: datetime) -> dict[int, float]:
        """Every team's rating at `at`."""
        elo = dict(self.elo_at_start)
        for game in self.completed(at):
            elo[game.home.team_id], elo[game.away.team_id] = game.elo_after
        return elo

    def _play_all(self) -> None:
        for fixture in regular_season(self.seed, self.year):
            self._play(fixture)
        self._number = len(self.games)
        regular = list(self.games)
        for fixture in self._title_games(regular):
            self._play(fixture)
        self._postseason()
        self.games.sort(key=lambda game: (game.fixture.kickoff, game.fixture.game_id))

    def _title_games(self, regular: list[SeasonGame]) -> list[Fixture]:
        """The two best of each conference on a neutral field, announced the day after the last week."""
        found = records(game for game in regular if game.conference_game)
        margin: dict[int, int] = {college.team_id: 0 for college in colleges()}
        for game in regular:
            if game.conference_game:
                margin[game.home.team_id] += game.points[0] - game.points[1]
                margin[game.away.team_id] -= game.points[0] - game.points[1]
        announced = eastern(saturday(self.year, WEEKS) + timedelta(days=1), 12)
        fixtures: list[Fixture] = []
        for place, conference in enumerate(c for c in CONFERENCES if c.classification == "fbs"):
            if conference.name == INDEPENDENTS:
                continue
            members = [college for college in fbs_colleges() if college.conference is conference]
            members.sort(key=lambda c: (-found[c.team_id].splits["total"].wins, -margin[c.team_id], c.team_id))
            kickoff = eastern(saturday(self.year, TITLE_WEEK), (12.0, 16.0, 20.0, 14.0, 17.0)[place])
            notes = f"{conference.name} Championship"
            fixtures.append(self._neutral(TITLE_WEEK, "regular", kickoff, members[0], members[1], announced, notes))
        return sorted(fixtures, key=lambda fixture: (fixture.kickoff, fixture.game_id))

    def _postseason(self) -> None:
        """Bowls and playoff by the committee's ranking, announced the day after the title games."""
        announced = self.selection_at()
        ranked = self._ranked(announced)
        seeds, rest = ranked[:4], ranked[4:]
        for fixture in self._bowl_games(rest, announced):
            self._play(fixture)
        semifinals = [(seeds[0], seeds[3], (1, 4)), (seeds[1], seeds[2], (2, 3))]
        finalists: list[tuple[College, int]] = []
        for place, (home, away, numbers) in enumerate(semifinals):
            bowl = SEMIFINALS[place]
            kickoff = eastern(date(self.year + 1, 1, 1), (17.0, 20.75)[place])
            notes = f"College Football Playoff Semifinal at the {bowl}"
            fixture = self._neutral(1, "postseason", kickoff, home, away, announced, notes)
            game = self._play(fixture, _playoff("semifinal", "Semifinal", f"SF{place + 1}", numbers, bowl))
            won = game.points[0] > game.points[1]
            finalists.append((home, numbers[0]) if won else (away, numbers[1]))
        finalists.sort(key=lambda pair: pair[1])
        known = max(game.over_at for game in self.games) + timedelta(hours=1)
        notes = "College Football Playoff National Championship"
        (home, first), (away, second) = finalists
        fixture = self._neutral(1, "postseason", eastern(final_day(self.year), 19.5), home, away, known, notes)
        self._play(fixture, _playoff("final", "National Championship", "F1", (first, second), None))

    def selection_at(self) -> datetime:
        """When bowls and playoff are announced."""
        return eastern(saturday(self.year, TITLE_WEEK) + timedelta(days=1), 12)

    def _ranked(self, at: datetime) -> list[College]:
        """Teams with a winning enough record, the committee's 25 first."""
        done = self.completed(at)
        standings = standing(self.elo_at(at), done)
        first = {row["teamId"]: row["rank"] for row in poll(COMMITTEE, standings, self.seed, self.year, TITLE_WEEK + 1)}
        found = records(done)
        able = [college for college in fbs_colleges() if found[college.team_id].splits["total"].wins >= BOWL_WINS]
        return sorted(able, key=lambda c: (first.get(c.team_id, 99), -standings[c.team_id]))

    def _bowl_games(self, ranked: list[College], announced: datetime) -> list[Fixture]:
        """Neighbours in the ranking who do not share a conference; the best meet last."""
        pairs: list[tuple[College, College]] = []
        waiting = ranked[: 2 * len(BOWLS)]
        while len(waiting) > 1:
            one = waiting.pop(0)
            fitting = [c for c in waiting if c.conference is not one.conference]
            other = fitting[0] if fitting else waiting[0]
            waiting.remove(other)
            pairs.append((one, other))
        first = saturday(self.year, TITLE_WEEK) + timedelta(days=13)
        days = (date(self.year, 12, 31) - first).days
        fixtures: list[Fixture] = []
        for place, (home, away) in enumerate(reversed(pairs)):
            day = first + timedelta(days=round(place * days / max(len(pairs) - 1, 1)))
            kickoff = eastern(day, (13.0, 16.5, 20.0)[place % 3])
            fixtures.append(self._neutral(1, "postseason", kickoff, home, away, announced, BOWLS[place]))
        return sorted(fixtures, key=lambda fixture: (fixture.kickoff, fixture.game_id))

    def _neutral(
        self,
        week: int,
        season_type: str,
        kickoff: datetime,
        home: College,
        away: College,
        announced: datetime,
        notes: str,
    ) -> Fixture:
        self._number += 1
        sites = neutral_venues()
        return Fixture(
            game_id=game_id(self.year, self._number),
            season=self.year,
            week=week,
            season_type=season_type,
            kickoff=kickoff,
            home=home,
            away=away,
            venue=sites[(self._number + self.year) % len(sites)],
            neutral=True,
            conference_game=home.conference is away.conference and week == TITLE_WEEK,
            announced_at=announced,
            notes=notes,
        )

    def _play(self, fixture: Fixture, playoff: Row | None = None) -> SeasonGame:
        matchup = self._matchup(fixture)
        result = replay(self.seed, fixture.game_id, matchup)
        points = result.points
        before, after = self._rate(fixture, points[0] - points[1])
        known = tuple(
            self._elo_known_at.get(team.team_id, fixture.announced_at) for team in (fixture.home, fixture.away)
        )
        expected = expectation(matchup)
        game = SeasonGame(
            fixture=fixture,
            matchup=matchup,
            expected=expected,
            points=points,
            line_scores=result.line_scores,
            home_win_probability=_deserved(result),
            excitement=_excitement(result, expected.margin),
            attendance=_attendance(self.seed, fixture, self._strengths),
            elo_before=before,
            elo_after=after,
            elo_known_at=(known[0], known[1]),
            playoff=playoff,
        )
        for team in (fixture.home, fixture.away):
            self._elo_known_at[team.team_id] = game.over_at
        self.games.append(game)
        return game

    def _matchup(self, fixture: Fixture) -> Matchup:
        """Attack against defence on both sides, the field, the wind."""
        home, away = self._strengths[fixture.home.team_id], self._strengths[fixture.away.team_id]
        edge = 0.0 if fixture.neutral else HOME_FIELD_POINTS / 2
        weather = dice(self.seed, "weather", fixture.game_id)
        return Matchup(
            advantage=(home.offense - away.defense + edge, away.offense - home.defense - edge),
            pace=(home.pace + away.pace) / 2,
            kicker=(home.kicker, away.kicker),
            wind=0.0 if fixture.venue.dome else weather.betavariate(1.5, 4.5),
        )

    def _rate(self, fixture: Fixture, margin: int) -> tuple[tuple[float, float], tuple[float, float]]:
        """Elo before and after; an FCS side counts as a fixed weak opponent and is not rated."""
        home, away = fixture.home, fixture.away
        before = tuple(self.elo[team.team_id] if team.fbs else ELO_LOWER_DIVISION for team in (home, away))
        change = elo_change(before[0], before[1], margin, neutral=fixture.neutral)
        after = (before[0] + change, before[1] - change)
        self.elo[home.team_id], self.elo[away.team_id] = after
        return (before[0], before[1]), after


def final_day(season: int) -> date:
    """The second Monday of January."""
    january = date(season + 1, 1, 8)
    return january + timedelta(days=(-january.weekday()) % 7)


def _playoff(name: str, title: str, slot: str, seeds: tuple[int, int], bowl: str | None) -> Row:
    return {
        "competition": "cfp",
        "format": "4-team",
        "round": name,
        "roundName": title,
        "bracketSlot": slot,
        "homeSeed": seeds[0],
        "awaySeed": seeds[1],
        "bowlName": bowl,
    }


def _deserved(result: GameResult) -> float:
    """The home side's chance of winning a game with these yards and turnovers, told by them more than by the score."""
    yards = [sum(p.yards for p in result.possessions if p.side == side and p.series) for side in (HOME, AWAY)]
    lost = [sum(p.result in ("int", "fumble") for p in result.possessions if p.side == side) for side in (HOME, AWAY)]
    margin = result.points[0] - result.points[1]
    edge = 0.055 * (yards[0] - yards[1]) - 2.0 * (lost[0] - lost[1]) + 0.12 * margin
    return 1 / (1 + math.exp(-edge / 4.2))


def _excitement(result: GameResult, expected: float) -> float:
    """How far the win probability travelled, possession by possession."""
    lead = 0
    chances = [_chance(0, expected, 1.0)]
    for possession in result.possessions:
        sign = 1 if possession.side == HOME else -1
        lead += sign * (possession.points - (2 if possession.result == "safety" else 0))
        chances.append(_chance(lead, expected, max(1 - possession.clock_end / REGULATION_S, 0.0)))
    return 4.8 * sum(abs(b - a) for a, b in pairwise(chances))


def _chance(lead: int, expected: float, left: float) -> float:
    spread = MARGIN_SD * math.sqrt(left) + 1.2
    return 0.5 * (1 + math.erf((lead + expected * left) / (spread * math.sqrt(2))))


def _attendance(seed: int, fixture: Fixture, strengths: dict[int, Strength]) -> int:
    rng = dice(seed, "crowd", fixture.game_id)
    draw = 0.78 + 0.012 * strengths[fixture.home.team_id].lasting + rng.gauss(0, 0.09)
    return int(fixture.venue.capacity * min(max(draw, 0.3), 1.0))
