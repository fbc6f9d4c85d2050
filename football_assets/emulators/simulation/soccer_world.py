"""The standing facts of the simulated soccer world: countries, competitions, clubs, players, grounds.

Belongs here: what is true for good once the seed is known. When whom they play is the calendar's matter.
Clubs, people, grounds and competitions are invented; only the countries they are said to be in exist.
"""

import random
from dataclasses import dataclass
from functools import cached_property

from football_assets.emulators.simulation import soccer_names as names

CATEGORIES = ("Europe", "Americas", "Asia", "Africa", "Oceania", "International")
INTERNATIONAL = CATEGORIES.index("International")
MATCHES_A_DAY = (10, 2000)
SQUAD = 23
LINE_UP = 11
_WOMEN_EVERY = 9

# Country, category, hours ahead of UTC. In the order in which they get leagues: every stretch of the list spans the
# globe, so that a small world has matches at any hour too.
_COUNTRIES = (
    ("England", 0, 0.0),
    ("Brazil", 1, -3.0),
    ("Japan", 2, 9.0),
    ("Nigeria", 3, 1.0),
    ("Australia", 4, 10.0),
    ("Mexico", 1, -6.0),
    ("Germany", 0, 1.0),
    ("India", 2, 5.5),
    ("USA", 1, -8.0),
    ("Kenya", 3, 3.0),
    ("New Zealand", 4, 12.0),
    ("Spain", 0, 1.0),
    ("China", 2, 8.0),
    ("Colombia", 1, -5.0),
    ("Turkey", 0, 3.0),
    ("Egypt", 3, 2.0),
    ("Vietnam", 2, 7.0),
    ("Argentina", 1, -3.0),
    ("Finland", 0, 2.0),
    ("Fiji", 4, 12.0),
    ("Uzbekistan", 2, 5.0),
    ("Portugal", 0, 0.0),
    ("Ghana", 3, 0.0),
    ("Canada", 1, -7.0),
    ("Italy", 0, 1.0),
    ("South Korea", 2, 9.0),
    ("Chile", 1, -4.0),
    ("Sweden", 0, 1.0),
    ("South Africa", 3, 2.0),
    ("Costa Rica", 1, -6.0),
    ("Thailand", 2, 7.0),
    ("Poland", 0, 1.0),
    ("Tonga", 4, 13.0),
    ("Saudi Arabia", 2, 3.0),
    ("Peru", 1, -5.0),
    ("Morocco", 3, 0.0),
    ("Netherlands", 0, 1.0),
    ("Georgia", 0, 4.0),
    ("Ecuador", 1, -5.0),
    ("Kazakhstan", 2, 6.0),
)

# First of the two weekdays (Monday 0) a league plays on, the second being three days on; with its share of leagues.
# Each league is free two days after its second day: that is the day of the cups, never next to a league day.
_FIRST_WEEKDAYS = ((5, 0.20), (6, 0.18), (0, 0.16), (1, 0.10), (2, 0.14), (3, 0.12), (4, 0.10))


@dataclass(frozen=True, slots=True)
class Club:
    """One club: its latent strengths are shifts of log goals scored and conceded."""

    number: int
    name: str
    short_name: str
    town: str
    ground: str
    country: int
    league: int
    women: bool
    attack: float
    defence: float
    founded: int
    has_venue: bool


@dataclass(frozen=True, slots=True)
class Competition:
    """A league, a cup or the friendlies.

    `kind` 1 league, 2 cup, 3 friendly. `coverage` 2 full (players, assists, commentary), 1 usual, 0 bare (scores
    only). `goals` are the expected goals of the home and away side of an even match. `weekdays` is empty for cups.
    """

    number: int
    name: str
    short_name: str
    kind: int
    category: int
    country: int | None
    tier: int
    women: bool
    coverage: int
    has_season: bool
    two_legged: bool
    goals: tuple[float, float]
    weekdays: tuple[int, ...]
    clubs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Country:
    """One country and its clock."""

    number: int
    name: str
    category: int
    utc_offset_h: float


class World:
    """Everything that is settled by the seed and the size.

    `matches_a_day` sets how many leagues there are: each club plays two or three times a week, so 300 matches a day
    need about 90 leagues.
    """

    def __init__(self, seed: int, matches_a_day: int) -> None:
        least, most = MATCHES_A_DAY
        if not least <= matches_a_day <= most:
            raise ValueError(
                f"building the simulated soccer world: {matches_a_day} matches a day. Give {least} to {most}."
            )
        self.seed = seed
        self.matches_a_day = matches_a_day
        self.ids = names.Identifiers(seed)
        self.countries = [Country(n, *country) for n, country in enumerate(_COUNTRIES)]
        self.clubs: list[Club] = []
        self.competitions: list[Competition] = []
        self._taken: set[str] = set()
        # 78 % of the matches are league matches; 9 matches a round, 2 rounds a week.
        for n in range(max(4, round(matches_a_day * 7 * 0.78 / 18))):
            self._add_league(n)
        self.leagues = list(self.competitions)
        for category in range(INTERNATIONAL):
            self._add_cup(category, two_legged=True)
            self._add_cup(category, two_legged=False)
        self._add_friendlies()

    def _first_weekday(self, n: int) -> int:
        """Weekdays dealt to leagues in their shares, evenly along the list (golden-ratio steps)."""
        position = (n * 0.618033988749895 + 0.05) % 1.0
        for weekday, share in _FIRST_WEEKDAYS:
            position -= share
            if position < 0:
                return weekday
        return _FIRST_WEEKDAYS[0][0]

    def _add_league(self, n: int) -> None:
        rng = random.Random(f"{self.seed}/league/{n}")
        country = self.countries[n % len(self.countries)]
        tier = n // len(self.countries) + 1
        women = n % _WOMEN_EVERY == _WOMEN_EVERY - 1
        name = names.emblem(n) + (" Women's League" if women else " League")
        size = rng.choice((16, 18, 18, 20))
        first = len(self.clubs)
        level = 1.0 + rng.gauss(0.0, 0.08)
        weekday = self._first_weekday(n)
        for _ in range(size):
            self._add_club(rng, country, n, women=women, tier=tier)
        self.competitions.append(
            Competition(
                number=n,
                name=f"{name} ({country.name})",
                short_name=name,
                kind=1,
                category=country.category,
                country=country.number,
                tier=tier,
                women=women,
                coverage=rng.choices(
                    (2, 1, 0), ((0.5, 0.4, 0.1), (0.25, 0.55, 0.2), (0.1, 0.5, 0.4))[min(tier, 3) - 1]
                )[0],
                has_season=rng.random() < (0.9 if tier == 1 else 0.55),
                two_legged=False,
                goals=(1.50 * level, 1.17 * level),
                weekdays=(weekday, (weekday + 3) % 7),
                clubs=tuple(range(first, first + size)),
            )
        )

    def _add_club(self, rng: random.Random, country: Country, league: int, *, women: bool, tier: int) -> None:
        while True:
            town = names.place(rng)
            name = names.club(rng, town) + (" (W)" if women else "")
            if town not in self._taken:
                break
        self._taken.add(town)
        quality = rng.gauss(0.0, 0.30 if women else 0.20) - 0.18 * (tier - 1)
        self.clubs.append(
            Club(
                number=len(self.clubs),
                name=name,
                short_name=name if rng.random() < 0.6 else "",
                town=town,
                ground=names.ground(rng, town),
                country=country.number,
                league=league,
                women=women,
                attack=quality + rng.gauss(0.0, 0.12),
                defence=quality + rng.gauss(0.0, 0.12),
                founded=rng.choice((0, rng.randrange(1878, 2012))),
                has_venue=rng.random() < 0.6,
            )
        )

    def _add_cup(self, category: int, *, two_legged: bool) -> None:
        number = len(self.competitions)
        title = f"{names.emblem(number)} {'Shield' if two_legged else 'Cup'}"
        clubs = tuple(
            club for league in self.leagues if league.category == category and not league.women for club in league.clubs
        )
        self.competitions.append(
            Competition(
                number=number,
                name=f"{title} ({CATEGORIES[category]})",
                short_name=title,
                kind=2,
                category=category,
                country=None,
                tier=1,
                women=False,
                coverage=2 if two_legged else 1,
                has_season=True,
                two_legged=two_legged,
                goals=(1.48, 1.14),
                weekdays=(),
                clubs=clubs,
            )
        )

    def _add_friendlies(self) -> None:
        number = len(self.competitions)
        self.competitions.append(
            Competition(
                number=number,
                name="Paper Boat Friendlies",
                short_name="Paper Boat",
                kind=3,
                category=INTERNATIONAL,
                country=None,
                tier=1,
                women=False,
                coverage=0,
                has_season=False,
                two_legged=False,
                goals=(1.50, 1.30),
                weekdays=(),
                clubs=(),
            )
        )

    @property
    def friendlies(self) -> Competition:
        """The competition of matches that count for nothing."""
        return self.competitions[-1]

    def cup(self, category: int, *, two_legged: bool) -> Competition:
        """One of the two cups of a continent."""
        return self.competitions[len(self.leagues) + 2 * category + (0 if two_legged else 1)]

    @cached_property
    def _name_parts(self) -> tuple[list[str], list[str]]:
        rng = random.Random(f"{self.seed}/people")
        return [names.word(rng, 2) for _ in range(211)], [names.word(rng, rng.choice((2, 3))) for _ in range(1009)]

    def person(self, number: int) -> str:
        """The name of the `number`-th person of this world: players, referees, coaches."""
        given, family = self._name_parts
        return f"{given[number * 97 % len(given)]} {family[number * 389 % len(family)]}"

    def player(self, club: int, shirt: int) -> tuple[str, str]:
        """Id and name of the player with index `shirt` (0 to 22, the first 11 start) of a club."""
        number = club * SQUAD + shirt
        return self.ids.of("player", number), self.person(number)

    @property
    def referees(self) -> int:
        """How many referees there are."""
        return max(40, self.matches_a_day)

    def strengths(self, competition: Competition, home: Club, away: Club, *, neutral: bool) -> tuple[float, float]:
        """Expected goals of both sides over a whole match, before anything has happened."""
        base_home, base_away = competition.goals
        if neutral:
            base_home = base_away = (base_home + base_away) / 2
        home_goals = base_home * 2.718281828459045 ** (home.attack - away.defence)
        away_goals = base_away * 2.718281828459045 ** (away.attack - home.defence)
        return min(5.0, max(0.25, home_goals)), min(5.0, max(0.25, away_goals))
