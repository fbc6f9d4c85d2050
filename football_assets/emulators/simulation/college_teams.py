"""Simulated teams of a season: rosters of players who stay for years, and how strong each team is.

Everything here is a pure function of (seed, team, season): a team's strength is its league's level, a lasting part of
its own and a fading sum of yearly shocks, plus what its returning players are worth. So no season depends on which
other seasons were asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import fmean

from football_assets.emulators.simulation.college_world import (
    FIRST_NAMES,
    LAST_NAMES,
    STATES,
    College,
    colleges,
    dice,
    fbs_colleges,
)
from football_assets.emulators.sources import Row

# How much of a season's form is left a year later, and for how many years it is followed.
FORM_KEPT = 0.7
FORM_YEARS = 10
FORM_SD = 4.0
LASTING_SD = 6.5
RETURNING_POINTS = 8.0  # points of offence that a wholly returning attack is worth over a wholly new one

EVERY_YEAR = ("QB", "RB", "WR", "WR", "TE", "DL", "LB", "DB")
# Position: height in inches, weight in pounds, jersey numbers.
BUILDS: dict[str, tuple[int, int, range]] = {
    "QB": (75, 212, range(1, 20)),
    "RB": (70, 205, range(1, 40)),
    "WR": (73, 192, range(1, 30)),
    "TE": (77, 245, range(80, 90)),
    "DL": (76, 286, range(50, 100)),
    "LB": (74, 232, range(30, 60)),
    "DB": (72, 193, range(1, 40)),
    "K": (71, 186, range(30, 50)),
    "P": (73, 197, range(40, 60)),
}
# What depth (first, second, ... of a position) takes of a team's passing, receiving and rushing value.
PASSING_SHARES = {"QB": (0.93, 0.07)}
RECEIVING_SHARES = {"WR": (0.26, 0.21, 0.15, 0.08), "TE": (0.14, 0.05), "RB": (0.08, 0.03)}
RUSHING_SHARES = {"RB": (0.5, 0.25, 0.08), "QB": (0.17,)}


@dataclass(frozen=True, slots=True)
class Player:
    """One player of one team; `quality` is in standard deviations of his position."""

    player_id: str
    first_name: str
    last_name: str
    position: str
    entered: int
    left: int  # first season without him
    quality: float
    jersey: int
    height: int
    weight: int
    city: str
    state: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class Strength:
    """How good a team is in one season, in points a game against an average FBS team on a neutral field."""

    offense: float
    defense: float
    pace: float  # seconds a play against the average
    pass_lean: float  # log odds of passing against the average
    kicker: float  # yards of field goal range against the average
    lasting: float

    @property
    def total(self) -> float:
        """Expected margin against an average FBS team on a neutral field."""
        return self.offense + self.defense


@dataclass(frozen=True, slots=True)
class Returning:
    """Parts (0 to 1) of last season's passing, receiving and rushing value that are still on the roster."""

    passing: float
    receiving: float
    rushing: float

    @property
    def total(self) -> float:
        """The three weighed by what they usually bring."""
        return 0.3 * self.passing + 0.5 * self.receiving + 0.2 * self.rushing


class Teams:
    """Rosters and strengths of one seed, kept once computed."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._intakes: dict[tuple[int, int], tuple[Player, ...]] = {}
        self._shocks: dict[tuple[int, int], tuple[float, float]] = {}
        self._strengths: dict[int, dict[int, Strength]] = {}

    def roster(self, college: College, season: int) -> dict[str, list[Player]]:
        """Players by position, the best first."""
        by_position: dict[str, list[Player]] = {position: [] for position in BUILDS}
        for year in range(season - 3, season + 1):
            for player in self._intake(college, year):
                if player.left > season:
                    by_position[player.position].append(player)
        for players in by_position.values():
            players.sort(key=lambda player: (-player.quality - 0.55 * (season - player.entered), player.player_id))
        return by_position

    def returning(self, college: College, season: int) -> Returning:
        """What of last season's offence is still there."""
        last = self.roster(college, season - 1)

        def kept(shares: Mapping[str, tuple[float, ...]]) -> float:
            pairs = [(share, player) for at in shares for share, player in zip(shares[at], last[at], strict=False)]
            return sum(share for share, player in pairs if player.left > season) / sum(share for share, _ in pairs)

        return Returning(kept(PASSING_SHARES), kept(RECEIVING_SHARES), kept(RUSHING_SHARES))

    def strengths(self, season: int) -> dict[int, Strength]:
        """Every team's strength by team id; FBS offences and defences each average zero."""
        if season not in self._strengths:
            raw = {college.team_id: self._strength(college, season) for college in colleges()}
            offense = fmean(raw[college.team_id].offense for college in fbs_colleges())
            defense = fmean(raw[college.team_id].defense for college in fbs_colleges())
            self._strengths[season] = {
                team_id: Strength(s.offense - offense, s.defense - defense, s.pace, s.pass_lean, s.kicker, s.lasting)
                for team_id, s in raw.items()
            }
        return self._strengths[season]

    def _strength(self, college: College, season: int) -> Strength:
        own = dice(self.seed, "lasting", college.team_id)
        lasting = college.conference.level + own.gauss(0, LASTING_SD if college.fbs else LASTING_SD / 2)
        tilt, pace, lean = own.gauss(0, 1.8), own.gauss(0, 1.5), own.gauss(0, 0.22)
        offense, defense = lasting / 2 + tilt, lasting / 2 - tilt
        for back in range(FORM_YEARS):
            shock = self._shock(college, season - back)
            offense += shock[0] * FORM_KEPT**back
            defense += shock[1] * FORM_KEPT**back
        offense += RETURNING_POINTS * (self.returning(college, season).total - 0.6)
        kicker = self.roster(college, season)["K"][0].quality * 2.5
        return Strength(offense, defense, pace, lean, kicker, lasting)

    def _shock(self, college: College, season: int) -> tuple[float, float]:
        key = (college.team_id, season)
        if key not in self._shocks:
            rng = dice(self.seed, "form", *key)
            self._shocks[key] = (rng.gauss(0, FORM_SD), rng.gauss(0, FORM_SD))
        return self._shocks[key]

    def _intake(self, college: College, year: int) -> tuple[Player, ...]:
        """The players who join in `year`: each position every year, kickers and punters every third."""
        key = (college.team_id, year)
        if key not in self._intakes:
            rng = dice(self.seed, "intake", *key)
            specialists = {0: ("K",), 1: ("P",)}.get((college.team_id + year) % 3, ())
            self._intakes[key] = tuple(
                self._player(college, year, place, position, rng.random(), rng.gauss(0, 1))
                for place, position in enumerate(EVERY_YEAR + specialists)
            )
        return self._intakes[key]

    def _player(self, college: College, year: int, place: int, position: str, luck: float, quality: float) -> Player:
        rng = dice(self.seed, "player", college.team_id, year, place)
        height, weight, numbers = BUILDS[position]
        home = rng.choice(colleges())
        return Player(
            player_id=f"{college.team_id}{year % 100:02d}{place:02d}",
            first_name=rng.choice(FIRST_NAMES),
            last_name=rng.choice(LAST_NAMES),
            position=position,
            entered=year,
            left=year + (3 if luck < 0.3 and position not in ("K", "P") else 4),
            quality=quality,
            jersey=rng.choice(numbers),
            height=height + rng.randint(-2, 2),
            weight=weight + rng.randint(-14, 14),
            city=home.venue.city,
            state=home.venue.state,
        )


def roster_rows(teams: Teams, season: int) -> list[Row]:
    """`/roster`: RosterPlayer rows of every team."""
    return [
        _roster_row(player, college, season)
        for college in colleges()
        for players in teams.roster(college, season).values()
        for player in players
    ]


def returning_rows(teams: Teams, season: int) -> list[Row]:
    """`/player/returning`: ReturningProduction rows of the FBS teams."""
    return [_returning_row(teams, college, season) for college in fbs_colleges()]


def talent_rows(teams: Teams, season: int) -> list[Row]:
    """`/talent`: TeamTalent rows, the most talented first."""
    ordered = _by_strength(teams, season, "talent", (655, 14, 22), (90, 1000))
    return [{"year": season, "team": team, "talent": value} for team, value in ordered]


def recruiting_rows(teams: Teams, season: int) -> list[Row]:
    """`/recruiting/teams`: TeamRecruitingRanking rows of the class that signed before the season."""
    ordered = _by_strength(teams, season, "class", (190, 6.2, 20), (4, 330))
    return [
        {"year": season, "rank": rank, "team": team, "points": value}
        for rank, (team, value) in enumerate(ordered, start=1)
    ]


def _by_strength(
    teams: Teams, season: int, what: str, made: tuple[float, float, float], within: tuple[float, float]
) -> list[tuple[str, float]]:
    """A figure of each school that follows its lasting strength, the highest first: level, slope and spread `made`."""
    level, slope, spread = made
    found = {
        college.school: _clipped(
            level + slope * strength.lasting + dice(teams.seed, what, college.team_id, season).gauss(0, spread), *within
        )
        for college, strength in _with_strength(teams, season)
    }
    return [(school, round(value, 2)) for school, value in sorted(found.items(), key=lambda item: -item[1])]


def _clipped(value: float, lowest: float, highest: float) -> float:
    return min(max(value, lowest), highest)


def _with_strength(teams: Teams, season: int) -> list[tuple[College, Strength]]:
    strengths = teams.strengths(season)
    return [(college, strengths[college.team_id]) for college in colleges()]


def _roster_row(player: Player, college: College, season: int) -> Row:
    latitude, longitude, _, _ = STATES[player.state]
    return {
        "id": player.player_id,
        "firstName": player.first_name,
        "lastName": player.last_name,
        "team": college.school,
        "height": float(player.height),
        "weight": player.weight,
        "jersey": player.jersey,
        "year": season - player.entered + 1,
        "position": player.position,
        "homeCity": player.city,
        "homeState": player.state,
        "homeCountry": "USA",
        "homeLatitude": latitude,
        "homeLongitude": longitude,
        "homeCountyFIPS": None,
        "recruitIds": [],
    }


def _returning_row(teams: Teams, college: College, season: int) -> Row:
    kept = teams.returning(college, season)
    scale = 400 + 14 * teams.strengths(season - 1)[college.team_id].offense
    passing, receiving, rushing = (
        0.3 * scale * kept.passing,
        0.5 * scale * kept.receiving,
        0.2 * scale * kept.rushing,
    )
    return {
        "season": season,
        "team": college.school,
        "conference": college.conference.name,
        "totalPPA": round(passing + receiving + rushing, 1),
        "totalPassingPPA": round(passing, 1),
        "totalReceivingPPA": round(receiving, 1),
        "totalRushingPPA": round(rushing, 1),
        "percentPPA": round(kept.total, 3),
        "percentPassingPPA": round(kept.passing, 3),
        "percentReceivingPPA": round(kept.receiving, 3),
        "percentRushingPPA": round(kept.rushing, 3),
        "usage": round(0.35 * kept.passing + 0.3 * kept.receiving + 0.35 * kept.rushing, 3),
        "passingUsage": round(kept.passing, 3),
        "receivingUsage": round(kept.receiving, 3),
        "rushingUsage": round(kept.rushing, 3),
    }
