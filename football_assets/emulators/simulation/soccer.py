"""The simulated soccer world as the TheSports emulator serves it.

A world never changes: clubs and competitions follow from the seed, a day's fixtures from the seed and the date, a
match from the seed and its id. So it can be asked at any instant, in any order, and always answers the same.
"""

from collections.abc import Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from football_assets.emulators.simulation import soccer_prices as prices
from football_assets.emulators.simulation.soccer_calendar import UNPLAYED, Calendar, Fixture
from football_assets.emulators.simulation.soccer_match import MatchLife
from football_assets.emulators.simulation.soccer_reference import Reference
from football_assets.emulators.simulation.soccer_rows import LIVE_BEFORE_S, MatchRows, Standings
from football_assets.emulators.simulation.soccer_story import MatchMaker
from football_assets.emulators.simulation.soccer_world import World
from football_assets.emulators.sources import Row
from football_assets.states import Source

RECENT_WINDOW_S = 2 * 86400
_LIVE_BACK_S = 8 * 3600  # from a scheduled start: delay, interruption, extra time, shoot-out, 120 minutes after
_CALLED_OFF_AHEAD_S = 20 * 3600  # how long before the start a match may be called off
_PLAY_SPAN_S = 5 * 3600  # from a scheduled start to the last in-play price
_KEPT_MATCHES = 3000
_KEPT_HISTORIES = 500


class SimulatedMatches:
    """A `MatchSource` over an invented world with around `matches_a_day` matches (10 to 2,000) on every date.

    `around` is the default instant only; seed and `matches_a_day` settle everything else.
    """

    label = Source.SIMULATED

    def __init__(self, seed: int, *, around: datetime, matches_a_day: int = 300) -> None:
        _second(around)
        self._around = around
        self._world = World(seed, matches_a_day)
        self._calendar = Calendar(self._world)
        self._standings = Standings(self._world)
        self._maker = MatchMaker(self._world)
        self._reference = Reference(self._calendar)
        # Keyed by day and place in the day: hashing whole fixtures would cost more than it saves.
        self._life = lru_cache(maxsize=_KEPT_MATCHES)(self._make_life)
        self._rows = lru_cache(maxsize=_KEPT_MATCHES)(self._make_rows)
        self._plan = lru_cache(maxsize=4 * _KEPT_MATCHES)(self._make_plan)
        self._opening = lru_cache(maxsize=2 * _KEPT_HISTORIES)(self._make_opening)
        self._history = lru_cache(maxsize=_KEPT_HISTORIES)(self._make_history)

    @property
    def default_at(self) -> datetime:
        """The instant this world was made around."""
        return self._around

    def live(self, at: datetime) -> list[Row]:
        """`match/detail_live` at `at`: running matches, those changed within 120 minutes, those starting in 10."""
        now = _second(at)
        rows = []
        for fixture in self._calendar.between(now - _LIVE_BACK_S, now + _CALLED_OFF_AHEAD_S):
            called_off = fixture.fate in UNPLAYED and fixture.fate_at <= now
            if fixture.kickoff - LIVE_BEFORE_S <= now or called_off:
                match = self._rows(fixture.day, fixture.index, True)
                if match.is_live(now):
                    rows.append(match.live(now))
        return rows

    def recent(self, at: datetime) -> list[Row]:
        """`match/recent/list` rows of all matches scheduled from two days before `at` to two days after.

        The provider reaches back 30 days; here that would be thousands of rows nobody asks for.
        """
        now = _second(at)
        return [
            self._rows(fixture.day, fixture.index, _begun(fixture, now)).recent(now)
            for fixture in self._calendar.between(now - RECENT_WINDOW_S, now + RECENT_WINDOW_S)
        ]

    def recent_of(self, match_ids: Iterable[str], at: datetime) -> list[Row]:
        """The `match/recent/list` rows of some matches alone; unknown ids have none."""
        now = _second(at)
        fixtures = [fixture for each in match_ids if (fixture := self._calendar.fixture(each))]
        return [self._rows(each.day, each.index, _begun(each, now)).recent(now) for each in fixtures]

    def odds(self, match_id: str, at: datetime) -> Row:
        """`odds/history` of one match as of `at`; {} for a match nobody prices and for an unknown id."""
        now = _second(at)
        fixture = self._calendar.fixture(match_id)
        return {} if fixture is None else prices.shown(self._prices(fixture, now), now)

    def odds_changes(self, since: datetime, until: datetime) -> dict[str, list[list[Any]]]:
        """`odds/live` entries of all matches with `since < ts <= until` by company, newest first."""
        first, last = _second(since), _second(until)
        found: list[tuple[str, str, str, prices.Quote]] = []
        for fixture in self._calendar.between(first - _PLAY_SPAN_S, last + prices.OPENS_BEFORE_S):
            moves = self._plan(fixture.day, fixture.index).moves
            # A company follows a move of the market within 90 s.
            if _begun(fixture, last) or any(first - 90 < move <= last for move in moves):
                history = self._prices(fixture, last)
                found += [(fixture.id, *change) for change in prices.changed(history, first, last)]
        changes: dict[str, list[list[Any]]] = {}
        for match_id, company, market, row in sorted(found, key=lambda change: -change[3][0]):
            changes.setdefault(company, []).append([match_id, market, row[:7], row[7]])
        return changes

    def reference(self, kind: str, at: datetime) -> list[Row]:
        """Rows of a reference list at `at`: team, competition, country, category, season, stage, venue, referee."""
        _second(at)
        return self._reference.rows(kind, at)

    def knows(self, match_id: str) -> bool:
        """Whether the id belongs to a match of this world, on whatever date."""
        return self._calendar.fixture(match_id) is not None

    def _prices(self, fixture: Fixture, now: int) -> prices.History:
        return (self._history if _begun(fixture, now) else self._opening)(fixture.day, fixture.index)

    def _make_life(self, day: int, index: int) -> MatchLife:
        fixture = self._calendar.day(day)[index]
        return self._maker.life(fixture, self._first_leg(fixture))

    def _first_leg(self, fixture: Fixture) -> tuple[int, int] | None:
        """Goals in the first leg of (this home side, this away side), when it was played to its end."""
        other = self._calendar.other_leg(fixture) if fixture.leg == 2 else None
        if other is None:
            return None
        life = self._life(other.day, other.index)
        if life.ended_at is None:
            return None
        goals = life.goals(life.ended_at)
        return goals[1], goals[0]

    def _make_rows(self, day: int, index: int, begun: bool) -> MatchRows:
        """The rows of a match. One that has not begun needs no life yet, which keeps the window ahead cheap."""
        fixture = self._calendar.day(day)[index]
        other = self._calendar.other_leg(fixture)
        life = self._life(day, index) if begun else MatchLife(fixture, first_leg=self._first_leg(fixture))
        return MatchRows(self._world, self._standings, life, None if other is None else other.id)

    def _make_plan(self, day: int, index: int) -> prices.MarketPlan:
        return prices.market_plan(self._world, self._calendar.day(day)[index])

    def _make_opening(self, day: int, index: int) -> prices.History:
        return prices.before_kickoff(self._world, self._calendar.day(day)[index], self._plan(day, index))

    def _make_history(self, day: int, index: int) -> prices.History:
        opening = self._opening(day, index)
        return prices.InPlay(self._world, self._life(day, index), self._plan(day, index)).history(opening)


def _begun(fixture: Fixture, now: int) -> bool:
    """Whether anything but the schedule may be known about a match."""
    return now >= fixture.kickoff - LIVE_BEFORE_S or fixture.fate in UNPLAYED


def _second(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError(f"asking the simulated soccer world: {at!r} has no time zone. Give an instant in UTC.")
    return int(at.astimezone(UTC).timestamp())
