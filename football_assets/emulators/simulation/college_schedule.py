"""Who meets whom, where and when: the fixture list of a simulated season, known before a ball is kicked.

Twelve games a team in fourteen weeks: eight in the conference (a rotating choice of the round robin), four outside, of
which at most one against an FCS team, and two weeks off. Independents play all twelve outside.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from football_assets.emulators.simulation.college_world import (
    CONFERENCES,
    INDEPENDENTS,
    College,
    Venue,
    colleges,
    dice,
    fbs_colleges,
    neutral_venues,
)

WEEKS = 14
TITLE_WEEK = 15
GAMES = 12
CONFERENCE_GAMES = 8
OUTSIDE_WEEKS = (1, 2, 3, 4)

# Kick-offs on Saturdays in US Eastern hours and how common each is; the last two go to western hosts.
SATURDAY_HOURS = ((12.0, 26), (15.5, 25), (16.0, 7), (19.0, 18), (19.5, 14), (20.0, 6))
WESTERN_HOURS = ((15.5, 20), (19.0, 20), (22.25, 25), (22.5, 20))
WESTERN_ZONES = ("America/Los_Angeles", "America/Boise")


@dataclass(frozen=True, slots=True)
class Fixture:
    """A game before it is played."""

    game_id: int
    season: int
    week: int
    season_type: str
    kickoff: datetime
    home: College
    away: College
    venue: Venue
    neutral: bool
    conference_game: bool
    announced_at: datetime
    notes: str | None = None


def first_saturday(season: int) -> date:
    """The Saturday nearest September 1: week 1."""
    september = date(season, 9, 1)
    ahead = (5 - september.weekday()) % 7
    return september + timedelta(days=ahead if ahead <= 3 else ahead - 7)


def saturday(season: int, week: int) -> date:
    """The Saturday of a week."""
    return first_saturday(season) + timedelta(weeks=week - 1)


def eastern(day: date, hour: float) -> datetime:
    """A wall-clock time in US Eastern time, as UTC; `hour` may be fractional."""
    moment = datetime.combine(day, time(0), UTC) + timedelta(hours=hour)
    return moment + timedelta(hours=4 if _summer_time(day) else 5)


def schedule_known_at(season: int) -> datetime:
    """When the fixture list of a season comes out."""
    return datetime(season, 3, 1, tzinfo=UTC)


def game_id(season: int, number: int) -> int:
    """The id of a season's game by its number; ids never depend on the week."""
    return 900_000_000 + season * 10_000 + number


def regular_season(seed: int, season: int) -> list[Fixture]:
    """Every game of weeks 1 to 14, by kick-off."""
    rng = dice(seed, "schedule", season)
    inside = _conference_pairs(rng)
    outside = _outside_pairs(rng)
    weeks = _weeks(rng, inside, outside)
    fixtures: list[Fixture] = []
    hosted: dict[int, int] = defaultdict(int)
    for number, (pair, week) in enumerate(weeks.items(), start=1):
        home, away = _hosts_first(rng, pair, hosted)
        hosted[home.team_id] += 1
        hosted[away.team_id] -= 1
        fixtures.append(_fixture(rng, season, number, week, home, away))
    return sorted(fixtures, key=lambda fixture: (fixture.kickoff, fixture.game_id))


def _summer_time(day: date) -> bool:
    """US daylight saving: second Sunday of March to first Sunday of November."""
    march, november = date(day.year, 3, 8), date(day.year, 11, 1)
    begins = march + timedelta(days=(6 - march.weekday()) % 7)
    ends = november + timedelta(days=(6 - november.weekday()) % 7)
    return begins <= day < ends


Pair = tuple[College, College]


def _conference_pairs(rng: Random) -> list[Pair]:
    """Eight rounds of each conference's round robin by the circle method."""
    pairs: list[Pair] = []
    for conference in CONFERENCES:
        if conference.classification != "fbs" or conference.name == INDEPENDENTS:
            continue
        members = [college for college in fbs_colleges() if college.conference is conference]
        rng.shuffle(members)
        for turn in rng.sample(range(len(members) - 1), CONFERENCE_GAMES):
            ring = [members[0], *members[1 + turn :], *members[1 : 1 + turn]]
            half = len(ring) // 2
            pairs += zip(ring[:half], reversed(ring[half:]), strict=True)
    return pairs


def _outside_pairs(rng: Random) -> list[Pair]:
    """Games between conferences; every FCS team visits two FBS teams, no FBS team meets more than one."""
    lower = [college for college in colleges() if not college.fbs]
    hosts = rng.sample(list(fbs_colleges()), 2 * len(lower))
    pairs = list(zip(hosts, [*lower, *rng.sample(lower, len(lower))], strict=True))
    while True:
        found = _between_conferences(rng, {college.team_id for college in hosts})
        if found is not None:
            return pairs + found


def _between_conferences(rng: Random, met_lower: set[int]) -> list[Pair] | None:
    """Fill every team's open places with teams of other conferences; None when the last ones do not fit."""
    open_places = {
        college: (GAMES if college.conference.name == INDEPENDENTS else GAMES - CONFERENCE_GAMES)
        - (college.team_id in met_lower)
        for college in fbs_colleges()
    }
    met: set[frozenset[int]] = set()
    pairs: list[Pair] = []
    while any(open_places.values()):
        one = max(open_places, key=lambda college: (open_places[college], college.team_id))
        others = [
            college
            for college, places in open_places.items()
            if places
            and college is not one
            and (college.conference is not one.conference or college.conference.name == INDEPENDENTS)
            and frozenset((one.team_id, college.team_id)) not in met
        ]
        if not others:
            return None
        other = rng.choices(others, [open_places[college] ** 3 for college in others])[0]
        met.add(frozenset((one.team_id, other.team_id)))
        open_places[one] -= 1
        open_places[other] -= 1
        pairs.append((one, other))
    return pairs


def _weeks(rng: Random, inside: list[Pair], outside: list[Pair]) -> dict[Pair, int]:
    """A week for every game so that nobody plays twice in one: an edge colouring with Kempe chains."""
    placed: dict[int, dict[int, Pair]] = defaultdict(dict)  # team id: week: game
    late = [week for week in range(1, WEEKS + 1) if week not in OUTSIDE_WEEKS]
    rng.shuffle(inside)
    rng.shuffle(outside)
    for pair, usual in [*((p, OUTSIDE_WEEKS) for p in outside), *((p, late) for p in inside)]:
        one, other = pair[0].team_id, pair[1].team_id
        free = [week for week in range(1, WEEKS + 1) if week not in placed[one] and week not in placed[other]]
        if not free:
            free = [_make_room(placed, one, other)]
        wanted = [week for week in free if week in usual] or free
        week = rng.choice(wanted)
        placed[one][week] = placed[other][week] = pair
    weeks = {pair: week for games in placed.values() for week, pair in games.items()}
    return {pair: weeks[pair] for pair in [*inside, *outside]}


def _make_room(placed: dict[int, dict[int, Pair]], one: int, other: int) -> int:
    """Swap two weeks along a chain of games from `other` so that both teams are free in the same week."""
    every = range(1, WEEKS + 1)
    for week in (w for w in every if w not in placed[one]):
        for given in (w for w in every if w not in placed[other]):
            chain = _chain(placed, other, week, given)
            if any(one in (pair[0].team_id, pair[1].team_id) for pair, _ in chain):
                continue
            for pair, at in chain:
                for team in pair:
                    if placed[team.team_id].get(at) is pair:
                        del placed[team.team_id][at]
            for pair, at in chain:
                for team in pair:
                    placed[team.team_id][given if at == week else week] = pair
            return week
    raise AssertionError("two free weeks a team always leave a chain that can be swapped")


def _chain(placed: dict[int, dict[int, Pair]], team: int, week: int, given: int) -> list[tuple[Pair, int]]:
    """Games reached from `team` by going through weeks `week` and `given` in turn."""
    chain: list[tuple[Pair, int]] = []
    at = week
    while at in placed[team]:
        pair = placed[team][at]
        chain.append((pair, at))
        team = pair[1].team_id if pair[0].team_id == team else pair[0].team_id
        at = given if at == week else week
    return chain


def _hosts_first(rng: Random, pair: Pair, hosted: dict[int, int]) -> Pair:
    """The host and the visitor: FCS teams always visit, otherwise whoever has hosted less."""
    one, other = pair
    if not one.fbs or not other.fbs:
        return (one, other) if one.fbs else (other, one)
    lean = hosted[one.team_id] - hosted[other.team_id]
    swap = rng.random() < 0.5 if lean == 0 else lean > 0
    return (other, one) if swap else (one, other)


def _fixture(rng: Random, season: int, number: int, week: int, home: College, away: College) -> Fixture:
    inside = home.conference is away.conference and home.conference.name != INDEPENDENTS
    neutral = not inside and away.fbs and week <= 2 and rng.random() < 0.07
    venue = rng.choice(neutral_venues()) if neutral else home.venue
    return Fixture(
        game_id=game_id(season, number),
        season=season,
        week=week,
        season_type="regular",
        kickoff=_kickoff(rng, saturday(season, week), venue),
        home=home,
        away=away,
        venue=venue,
        neutral=neutral,
        conference_game=inside,
        announced_at=schedule_known_at(season),
    )


def _kickoff(rng: Random, day: date, venue: Venue) -> datetime:
    """Nine of ten games on Saturday, the others on Thursday or Friday evening."""
    roll = rng.random()
    if roll < 0.04:
        return eastern(day - timedelta(days=2), 19.5)
    if roll < 0.1:
        return eastern(day - timedelta(days=1), rng.choice((19.0, 20.0, 21.0)))
    hours = WESTERN_HOURS if venue.timezone in WESTERN_ZONES else SATURDAY_HOURS
    return eastern(day, _weighted(rng, hours))


def _weighted(rng: Random, hours: Sequence[tuple[float, int]]) -> float:
    return rng.choices([hour for hour, _ in hours], [weight for _, weight in hours])[0]
