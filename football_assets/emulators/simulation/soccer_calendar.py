"""Who plays whom and when in the simulated soccer world: any day, past or future, from the seed and the date alone.

Leagues play a double round robin on two weekdays of their own; cups and friendlies fill the days on which a league is
free, so no club ever has two matches within a day. Kickoffs are spread so that some ball rolls at every moment.
"""

import random
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from football_assets.emulators.simulation.soccer_world import INTERNATIONAL, Club, Competition, World

MATCHES_A_DAY_LIMIT = 4096
LEG_APART_DAYS = 7
_ROUNDS_A_STAGE = 36
_STAGES = 3
_KEPT_DAYS = 64

# Share of the usual number of matches on Monday ... Sunday.
_WEEKDAY_SHARE = (0.92, 0.92, 0.92, 0.92, 0.92, 1.30, 1.10)
# Of the usual number of matches, this share kicks off evenly around the clock; the rest at the hours people watch.
_EVEN_SHARE = 0.83
_WORKDAY_PEAKS = ((1020, 0.2), (1110, 0.3), (1140, 0.2), (1185, 0.3))
_SATURDAY_PEAKS = ((780, 0.10), (810, 0.14), (840, 0.32), (870, 0.10), (900, 0.14), (990, 0.10), (1140, 0.10))
_SUNDAY_PEAKS = ((810, 0.25), (840, 0.25), (930, 0.30), (1140, 0.20))
_PEAKS = (*(_WORKDAY_PEAKS,) * 5, _SATURDAY_PEAKS, _SUNDAY_PEAKS)

# What becomes of a match, with its share; the rest simply takes place.
FATES = (
    ("delayed", 0.025),  # starts late, status 9 until it does
    ("late_feed", 0.020),  # no data source at first: status 13, then straight into the running match
    ("no_feed", 0.022),  # status 13 throughout, the result arrives at the end
    ("interrupted", 0.006),  # status 10 for a while, then resumed
    ("abandoned", 0.003),  # status 10, then 11
    ("postponed", 0.008),  # status 9, not played
    ("cancelled", 0.008),  # status 12, not played
)
UNPLAYED = frozenset({"postponed", "cancelled"})
UNREPORTED = frozenset({"late_feed", "no_feed"})


@dataclass(frozen=True, slots=True)
class Fixture:
    """One match as planned, and what will become of it.

    `kickoff` is the scheduled start and `fate_at` the moment a fate is announced, both Unix seconds; `leg` 0 for a
    match of its own, 1 or 2 in a tie; `goals` are the expected goals of both sides.
    """

    id: str
    number: int
    day: int
    index: int
    competition: Competition
    home: Club
    away: Club
    kickoff: int
    year: int
    stage: int
    round_num: int
    leg: int
    neutral: bool
    fate: str
    fate_at: int
    goals: tuple[float, float]

    @property
    def knockout(self) -> bool:
        """Whether this match has to bring a winner."""
        return self.competition.kind == 2 and self.leg != 1


@dataclass(frozen=True, slots=True)
class _Pairing:
    competition: Competition
    home: int
    away: int
    stage: int
    round_num: int
    leg: int


def midnight(day: int) -> int:
    """Unix seconds of 00:00 UTC of a day, given as its proleptic ordinal."""
    return int(datetime.combine(date.fromordinal(day), datetime.min.time(), tzinfo=UTC).timestamp())


def day_of(moment: int) -> int:
    """The ordinal of the UTC day of a Unix second."""
    return datetime.fromtimestamp(moment, UTC).toordinal()


def weekday(day: int) -> int:
    """Monday 0 ... Sunday 6: ordinal 1 was a Monday."""
    return (day - 1) % 7


class Calendar:
    """Every day's fixtures, made when first asked for and kept for a while."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._days = lru_cache(maxsize=_KEPT_DAYS)(self._make_day)
        self._league_matches = [
            sum(len(league.clubs) // 2 for league in world.leagues if day in league.weekdays) for day in range(7)
        ]
        self._free_clubs = [[self._free(day, category) for category in range(INTERNATIONAL)] for day in range(7)]

    def _free(self, on: int, category: int) -> list[int]:
        """Clubs whose league leaves them the weekday `on`, two days clear of its own days on either side."""
        return [
            club
            for league in self.world.leagues
            if league.category == category and not league.women and (league.weekdays[1] + 2) % 7 == on
            for club in league.clubs
        ]

    def day(self, day: int) -> list[Fixture]:
        """All fixtures with a scheduled start on one UTC day, ordered by their number."""
        return self._days(day)

    def between(self, first: int, last: int) -> list[Fixture]:
        """All fixtures scheduled from `first` to `last`, Unix seconds, both included."""
        return [
            fixture
            for day in range(day_of(first), day_of(last) + 1)
            for fixture in self.day(day)
            if first <= fixture.kickoff <= last
        ]

    def fixture(self, match_id: str) -> Fixture | None:
        """The fixture with this id, or None when no match of this world bears it."""
        number = self.world.ids.number("match", match_id)
        if number is None or number < 0:
            return None
        day, index = divmod(number, MATCHES_A_DAY_LIMIT)
        # Days around the ends of the calendar have no neighbours to hold the other leg.
        if not date.min.toordinal() + 400 < day < date.max.toordinal() - 400:
            return None
        fixtures = self.day(day)
        return fixtures[index] if index < len(fixtures) else None

    def other_leg(self, fixture: Fixture) -> Fixture | None:
        """The other match of a two-legged tie: same place in the list, a week earlier or later."""
        if fixture.leg == 0:
            return None
        away = LEG_APART_DAYS if fixture.leg == 1 else -LEG_APART_DAYS
        return self.day(fixture.day + away)[fixture.index]

    def season(self, day: int) -> tuple[int, int, int]:
        """Year, stage (0, 1, 2) and round of that stage (from 1) a week of league matches belongs to."""
        year = date.fromordinal(day).year
        weeks = (day - 1) // 7 - (date(year, 1, 1).toordinal() - 1) // 7
        stage = min(_STAGES - 1, 2 * weeks // _ROUNDS_A_STAGE)
        return year, stage, 2 * weeks - stage * _ROUNDS_A_STAGE + 1

    def _make_day(self, day: int) -> list[Fixture]:
        pairings = [*self._league_pairings(day), *self._cup_pairings(day)]
        rng = random.Random(f"{self.world.seed}/day/{day}")
        kickoffs = self._kickoffs(rng, day, pairings)
        return [
            self._make_fixture(rng, day, index, pairing, kickoff)
            for index, (pairing, kickoff) in enumerate(zip(pairings, kickoffs, strict=True))
        ]

    def _make_fixture(self, rng: random.Random, day: int, index: int, pairing: _Pairing, kickoff: int) -> Fixture:
        draw = rng.random()
        fate = "played"
        for name, share in FATES:
            draw -= share
            if draw < 0:
                fate = name
                break
        ahead = rng.randrange(1200, 72000) if fate in UNPLAYED else rng.randrange(0, 600)
        neutral = pairing.competition.kind == 2 and pairing.leg == 0 and rng.random() < 0.08
        number = day * MATCHES_A_DAY_LIMIT + index
        home, away = self.world.clubs[pairing.home], self.world.clubs[pairing.away]
        return Fixture(
            id=self.world.ids.of("match", number),
            number=number,
            day=day,
            index=index,
            competition=pairing.competition,
            home=home,
            away=away,
            kickoff=kickoff,
            year=date.fromordinal(day).year,
            stage=pairing.stage,
            round_num=pairing.round_num,
            leg=pairing.leg,
            neutral=neutral,
            fate=fate,
            fate_at=kickoff - ahead,
            goals=self.world.strengths(pairing.competition, home, away, neutral=neutral),
        )

    def _league_pairings(self, day: int) -> list[_Pairing]:
        on = weekday(day)
        _, stage, round_num = self.season(day)
        pairings = []
        for league in self.world.leagues:
            if on in league.weekdays:
                second = int(on == max(league.weekdays))
                pairs = _round_robin(league.clubs, 2 * ((day - 1) // 7) + second)
                pairings += [_Pairing(league, home, away, stage, round_num + second, 0) for home, away in pairs]
        return pairings

    def _cup_pairings(self, day: int) -> list[_Pairing]:
        on = weekday(day)
        wanted = self.world.matches_a_day * _WEEKDAY_SHARE[on] - self._league_matches[on]
        possible = sum(len(clubs) // 2 for clubs in self._free_clubs[on])
        if wanted <= 0 or possible == 0:
            return []
        share = min(1.0, wanted / possible)
        pairings: list[_Pairing] = []
        for category, clubs in enumerate(self._free_clubs[on]):
            pairings += self._continent(day, category, clubs, round(share * (len(clubs) // 2)))
        return pairings

    def _continent(self, day: int, category: int, clubs: list[int], matches: int) -> list[_Pairing]:
        """Two-legged ties first (drawn for a fortnight), then single matches and friendlies (drawn for the week)."""
        week = (day - 1) // 7
        fortnight, leg = divmod(week, 2)
        _, stage, round_num = self.season(day)
        ties = round(0.4 * matches)
        drawn = clubs.copy()
        random.Random(f"{self.world.seed}/ties/{fortnight}/{weekday(day)}/{category}").shuffle(drawn)
        tied, rest = drawn[: 2 * ties], drawn[2 * ties :]
        if leg:
            tied.reverse()
        legged = self.world.cup(category, two_legged=True)
        pairings = [_Pairing(legged, *pair, stage, round_num // 4 + 1, leg + 1) for pair in _couples(tied)]
        if leg:
            pairings.reverse()
        random.Random(f"{self.world.seed}/cup/{week}/{weekday(day)}/{category}").shuffle(rest)
        single = self.world.cup(category, two_legged=False)
        for n, pair in enumerate(_couples(rest[: 2 * (matches - ties)])):
            competition = self.world.friendlies if n % 4 == 3 else single
            pairings.append(_Pairing(competition, *pair, stage, round_num // 2 + 1, 0))
        return pairings

    def _kickoffs(self, rng: random.Random, day: int, pairings: list[_Pairing]) -> list[int]:
        """Starts for all pairings: the day's list of starts is fixed first, then handed out by local evening."""
        even = min(len(pairings), round(self.world.matches_a_day * _EVEN_SHARE))
        phase = rng.random()
        minutes = [int((n + phase) * 1440 / even) // 5 * 5 for n in range(even)]
        hours, weights = zip(*_PEAKS[weekday(day)], strict=True)
        minutes += rng.choices(hours, weights, k=len(pairings) - even)
        minutes.sort()
        wishes = sorted(range(len(pairings)), key=[self._wish(rng, p) for p in pairings].__getitem__)
        start = midnight(day)
        kickoffs = [0] * len(pairings)
        for minute, position in zip(minutes, wishes, strict=True):
            kickoffs[position] = start + 60 * minute
        return kickoffs

    def _wish(self, rng: random.Random, pairing: _Pairing) -> float:
        """The minute of the UTC day at which this match would like to start: its evening, or its afternoon."""
        country = self.world.countries[self.world.clubs[pairing.home].country]
        return ((17.5 - country.utc_offset_h) * 60 + rng.gauss(0.0, 110.0)) % 1440


def _round_robin(clubs: tuple[int, ...], turn: int) -> list[tuple[int, int]]:
    """The pairs (home, away) of the `turn`-th round by the circle method; venues swap in the second half."""
    circle = len(clubs) - 1
    turn %= 2 * circle
    step = turn % circle
    pairs = [(step, circle) if step % 2 else (circle, step)]
    for n in range(1, len(clubs) // 2):
        one, other = (step + n) % circle, (step - n) % circle
        pairs.append((one, other) if n % 2 else (other, one))
    if turn >= circle:
        pairs = [(away, home) for home, away in pairs]
    return [(clubs[home], clubs[away]) for home, away in pairs]


def _couples(clubs: list[int]) -> list[tuple[int, int]]:
    return list(zip(clubs[::2], clubs[1::2], strict=True))
