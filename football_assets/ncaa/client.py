"""College Football Data, read-only: one method a table, rows as parsed by `models`.

A season costs one call for its games, one for its lines, and two for each week that has box scores.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from football_assets.ncaa import models
from football_assets.states import DataState
from football_assets.transport import Answer, CachePolicy, Transport

DAY_S = 86_400
# Scores and box scores are corrected for some days; later changes are rare enough to be looked for weekly.
SETTLED_AFTER = timedelta(days=8)
SETTLED = CachePolicy(fresh_s=7 * DAY_S, stale_s=365 * DAY_S)
FINISHED = CachePolicy(fresh_s=365 * DAY_S, stale_s=3650 * DAY_S)


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
        left = answer.headers.get("x-calllimit-remaining", "")
        if answer.state is DataState.LIVE and left.isdigit():
            self.quota_left = int(left) if self.quota_left is None else min(self.quota_left, int(left))

    def add(self, other: "Harvest") -> None:
        """Take in what further calls brought."""
        self.rows += other.rows
        self.calls += other.calls
        self.cached += other.cached
        if other.quota_left is not None:
            self.quota_left = other.quota_left


def box_weeks(games: pd.DataFrame, season: int, finished: bool) -> list[BoxWeek]:
    """The weeks of one season in which a game is completed, by season type and week.

    `finished`: the season is over, so its answers may be kept for long. In the running season a week is kept once
    its last kickoff lies more than `SETTLED_AFTER` before the newest reading of the games.
    """
    played = games[(games["season"] == season) & games["is_completed"].fillna(False)]
    found = []
    pairs = sorted(set(zip(played["season_type"].astype(str), played["week"].astype(int), strict=True)))
    for season_type, week in pairs:
        part = played[(played["season_type"] == season_type) & (played["week"] == week)]
        settled = part["kickoff_at"].max() < part["fetched_at"].max() - SETTLED_AFTER
        cache = FINISHED if finished else SETTLED if settled else None
        found.append(BoxWeek(season_type, week, cache))
    return found


class CollegeFootball:
    """The tables we keep, read through one transport. Every method raises SourceError as the transport does."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

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
        found = Harvest(rows=parse(answer.body, answer.served_at))
        found.note(answer)
        return found
