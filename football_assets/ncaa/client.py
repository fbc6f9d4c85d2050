"""College Football Data, read-only: one method a table, rows as parsed by `models` and `season_models`.

A season costs one call for its games, one for its lines, one for each list in `LISTS`, and two for each week that has
box scores: about 48. Of the running season a day asks for games, lines and the boxes of the last weeks; everything else
is kept until its turn comes, so that no day costs more than 15.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd

from football_assets.ncaa import models, season_models
from football_assets.ncaa.season_models import Parser, Reading
from football_assets.states import DataState
from football_assets.transport import Answer, CachePolicy, Transport

DAY_S = 86_400
# Scores and box scores are corrected for some days; later changes are rare enough to be looked for now and then.
SETTLED_AFTER = timedelta(days=8)


@dataclass(frozen=True)
class Turn:
    """When something of the running season is asked again: on `days` of each round of `every_days` days, UTC.

    Day 0 is a Sunday where a round is a week. On a day that it missed it is asked at the next occasion.
    """

    every_days: int = 1
    days: tuple[int, ...] = (0,)

    def age_s(self, now: datetime) -> float:
        """Seconds since its last turn began."""
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        past_days = min((today.toordinal() - day) % self.every_days for day in self.days)
        return (now - today).total_seconds() + past_days * DAY_S


@dataclass(frozen=True)
class Moment:
    """When a season is asked for: `now` by our clock, after which kept answers age; whether the season is over."""

    now: datetime
    is_over: bool = False

    def cache(self, season: int, turn: Turn) -> CachePolicy:
        """How long an answer may be kept: until its next turn, or for good when it was read after the season."""
        if not self.is_over:
            return CachePolicy(fresh_s=turn.age_s(self.now), stale_s=365 * DAY_S)
        since_s = (self.now - closed_at(season)).total_seconds()
        return CachePolicy(fresh_s=max(since_s, 0), stale_s=3650 * DAY_S)


def closed_at(season: int) -> datetime:
    """From when on an answer about a season holds for good: its final ratings are out by then."""
    return datetime(season + 1, 2, 15, tzinfo=UTC)


@dataclass(frozen=True)
class SeasonList:
    """A list that the provider keeps a season: one call. `needs_plan` tells that a free key is refused it."""

    path: str
    what: str
    parse: Parser
    turn: Turn
    needs_plan: bool = False


LISTS: dict[str, tuple[SeasonList, ...]] = {
    "teams": (SeasonList("teams/fbs", "FBS teams", season_models.teams, Turn(28, (21,))),),
    "advanced_stats": (
        SeasonList("stats/season/advanced", "advanced statistics", season_models.advanced_stats, Turn(7, (5,))),
    ),
    "ppa_games": (SeasonList("ppa/games", "predicted points added", season_models.ppa_games, Turn()),),
    "ratings": (
        SeasonList("ratings/sp", "SP+ ratings", season_models.ratings("sp"), Turn(7, (2,))),
        SeasonList("ratings/fpi", "FPI ratings", season_models.ratings("fpi"), Turn(7, (6,))),
        SeasonList("ratings/srs", "simple ratings", season_models.ratings("srs"), Turn(7, (4,))),
    ),
    "rankings": (SeasonList("rankings", "rankings", season_models.rankings, Turn(7, (1, 3))),),
    "talent": (SeasonList("talent", "talent", season_models.talent, Turn(28, (22,))),),
    "recruiting": (SeasonList("recruiting/teams", "recruiting classes", season_models.recruiting, Turn(28, (23,))),),
    "returning_production": (
        SeasonList("player/returning", "returning production", season_models.returning_production, Turn(28, (24,))),
    ),
    "weather": (SeasonList("games/weather", "weather", season_models.weather, Turn(), needs_plan=True),),
}
VENUES = SeasonList("venues", "venues", season_models.venues, Turn(28, (25,)))
# Turns of settled weeks: one a day, on days on which no rare list has its turn.
WEEKS_ROUND_DAYS, POSTSEASON_DAY = 28, 20


@dataclass(frozen=True)
class BoxWeek:
    """One call's worth of box scores: a season type and week, and how long the answer may be kept."""

    season_type: str
    week: int
    cache: CachePolicy | None


@dataclass
class Harvest:
    """What one table's calls brought: rows, calls made and answered from the cache, and the month's calls left."""

    rows: list[models.Row] = field(default_factory=list)
    calls: int = 0
    cached: int = 0
    quota_left: int | None = None

    def note(self, answer: Answer) -> None:
        """Count one answer; the quota is only known from a live one."""
        self.calls += answer.state is DataState.LIVE
        self.cached += answer.state is not DataState.LIVE
        left = calls_left(answer)
        if left is not None:
            self.quota_left = left if self.quota_left is None else min(self.quota_left, left)

    def add(self, other: "Harvest") -> None:
        """Take in what further calls brought."""
        self.rows += other.rows
        self.calls += other.calls
        self.cached += other.cached
        if other.quota_left is not None:
            self.quota_left = other.quota_left


def calls_left(answer: Answer) -> int | None:
    """The calls left this month as a live answer says; None when it does not, or comes from the cache."""
    left = answer.headers.get("x-calllimit-remaining", "")
    return int(left) if answer.state is DataState.LIVE and left.isdigit() else None


def box_weeks(games: pd.DataFrame, season: int, moment: Moment, read_at: datetime) -> list[BoxWeek]:
    """The weeks of one season in which a game is completed, by season type and week.

    Of the running season a week is kept once its last kickoff lies more than `SETTLED_AFTER` before `read_at`, the
    provider's clock when it last answered.
    """
    played = games[(games["season"] == season) & games["is_completed"].fillna(False)]
    found = []
    pairs = sorted(set(zip(played["season_type"].astype(str), played["week"].astype(int), strict=True)))
    for season_type, week in pairs:
        part = played[(played["season_type"] == season_type) & (played["week"] == week)]
        is_settled = moment.is_over or part["kickoff_at"].max() < read_at - SETTLED_AFTER
        day = week if season_type == "regular" else POSTSEASON_DAY
        turn = Turn(WEEKS_ROUND_DAYS, (day % WEEKS_ROUND_DAYS,))
        found.append(BoxWeek(season_type, week, moment.cache(season, turn) if is_settled else None))
    return found


@dataclass(frozen=True)
class Account:
    """Calls left this month and those that the plan has, at an instant of the provider's clock."""

    left: int
    limit: int
    said_at: datetime


# Told of every answer that cost a call: when by the provider's clock, and how many it says are left.
OnCall = Callable[[datetime, int | None], None]


class CollegeFootball:
    """The tables we keep, read through one transport. Every method raises SourceError as the transport does."""

    def __init__(self, transport: Transport, on_call: OnCall | None = None) -> None:
        self._transport = transport
        self._on_call = on_call

    async def account(self) -> Account | None:
        """What is left of the month's calls, which costs none; None when the provider does not say."""
        doing = "reading the calls left this month"
        answer = await self._transport.get("info", doing=doing)
        body = answer.body if isinstance(answer.body, dict) else {}
        left, limit = body.get("remainingCalls"), body.get("monthlyLimit")
        if not isinstance(left, int) or not isinstance(limit, int):
            return None
        return Account(left, limit, answer.served_at)

    async def games(self, season: int) -> Harvest:
        """Every game with an FBS side of one season, played or scheduled: rows of `games`."""
        doing = f"reading the games of {season}"
        params = {"year": season, "classification": "fbs"}
        return await self._read("games", doing, params, None, lambda body, at: models.games(body, doing, at))

    async def lines(self, season: int) -> Harvest:
        """Betting lines of one season by provider: rows of `lines`, the last value the provider kept."""
        doing = f"reading the betting lines of {season}"
        return await self._read("lines", doing, {"year": season}, None, lambda body, at: models.lines(body, doing, at))

    async def team_stats(self, season: int, weeks: Iterable[BoxWeek]) -> Harvest:
        """Team box scores of the given weeks: rows of `team_stats`."""
        return await self._by_week("games/teams", "team box scores", season, weeks, models.team_stats)

    async def player_stats(self, season: int, weeks: Iterable[BoxWeek]) -> Harvest:
        """Player box scores of the given weeks: rows of `player_stats`."""
        return await self._by_week("games/players", "player box scores", season, weeks, models.player_stats)

    async def season_list(self, listed: SeasonList, season: int, cache: CachePolicy | None) -> Harvest:
        """The rows of one of `LISTS`, or of `VENUES`, which belong to no season."""
        about = "" if listed is VENUES else f" of {season}"
        doing = f"reading the {listed.what}{about}"
        params = {} if listed is VENUES else {"year": season}
        return await self._read(
            listed.path, doing, params, cache, lambda body, at: listed.parse(body, Reading(doing, season, at))
        )

    async def _by_week(
        self,
        path: str,
        what: str,
        season: int,
        weeks: Iterable[BoxWeek],
        parse: Callable[[Any, str, int, datetime], list[models.Row]],
    ) -> Harvest:
        whole = Harvest()
        for each in weeks:
            doing = f"reading the {what} of {season} {each.season_type} week {each.week}"
            params = {"year": season, "week": each.week, "seasonType": each.season_type, "classification": "fbs"}

            def read(body: Any, at: datetime, doing: str = doing) -> list[models.Row]:
                return parse(body, doing, season, at)

            whole.add(await self._read(path, doing, params, each.cache, read))
        return whole

    async def _read(
        self,
        path: str,
        doing: str,
        params: dict[str, Any],
        cache: CachePolicy | None,
        parse: Callable[[Any, datetime], list[models.Row]],
    ) -> Harvest:
        answer = await self._transport.get(path, doing=doing, params=params, cache=cache)
        if self._on_call and answer.state is DataState.LIVE:
            self._on_call(answer.served_at, calls_left(answer))
        found = Harvest(rows=parse(answer.body, answer.served_at))
        found.note(answer)
        return found
