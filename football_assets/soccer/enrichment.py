"""One cycle's reading: details, odds and names of every live match, asked without waiting for one another.

Two strategies give the same answers: `Full`, here, asks for each match; `delta.Delta` asks what has changed since the
previous cycle. A match's teams and competition are asked as soon as its detail is in; nothing is asked twice. Whatever
fails is an outcome of its own and stops nothing else.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol, TypeVar

import pyarrow as pa

from football_assets.errors import SourceError
from football_assets.soccer.client import Reading, TheSports, refused_for_all
from football_assets.soccer.codes import is_in_play
from football_assets.soccer.models import Competition, Country, MatchDetail, Team

Value = TypeVar("Value")
Outcome = Reading[Value] | SourceError


@dataclass(frozen=True)
class KnownDetail:
    """A schedule row that has not changed since the previous cycle: `columns` as that one made them, names left out."""

    columns: Mapping[str, Any]

    @property
    def home_team_id(self) -> str | None:
        """The home team."""
        found: str | None = self.columns["home_team_id"]
        return found

    @property
    def away_team_id(self) -> str | None:
        """The away team."""
        found: str | None = self.columns["away_team_id"]
        return found

    @property
    def competition_id(self) -> str | None:
        """The competition."""
        found: str | None = self.columns["competition_id"]
        return found


@dataclass(frozen=True)
class KnownOdds:
    """A match's odds put together from the previous cycle's quotes and the changes since.

    `odds` holds the rows of the company whose prices are chosen; `companies` and `quotes` count all of them.
    """

    odds: Mapping[str, Any]
    companies: int
    quotes: int


@dataclass
class Answers:
    """What a cycle got, by id; a SourceError stands where it got nothing. `seconds` is when each kind was done.

    `quotes` are the rows of OddsQuotes of those matches whose odds are KnownOdds; `about` is told of the reading.
    """

    details: dict[str, Outcome[MatchDetail | KnownDetail | None]] = field(default_factory=dict)
    odds: dict[str, Outcome[dict[str, Any] | KnownOdds]] = field(default_factory=dict)
    teams: dict[str, Outcome[Team | None]] = field(default_factory=dict)
    competitions: dict[str, Outcome[Competition | None]] = field(default_factory=dict)
    countries: Outcome[dict[str, Country]] | None = None
    seconds: dict[str, float] = field(default_factory=dict)
    quotes: pa.Table | None = None
    about: dict[str, int] = field(default_factory=dict)


class Strategy(Protocol):
    """How a cycle's answers are got. `name` is `full` or `delta`."""

    name: str

    async def read(self, api: TheSports, match_ids: Sequence[str], *, connections: int) -> Answers:
        """The answers for these matches, asked in this order; never raises for what the provider does."""
        ...


def asking_order(statuses: Mapping[str, int | None], odds_read_at: Mapping[str, datetime]) -> list[str]:
    """Match ids in the order in which they are asked.

    The odds budget is 120 a minute: matches that may be in play come first, then those whose odds were read longest
    ago, so that with more matches than budget each gets its turn.
    """

    def urgency(match_id: str) -> tuple[bool, float]:
        read_at = odds_read_at.get(match_id)
        return is_in_play(statuses[match_id]) is False, read_at.timestamp() if read_at else 0.0

    return sorted(statuses, key=urgency)


class Full:
    """Everything anew: detail and odds of each match, then its teams and competition."""

    name = "full"

    async def read(self, api: TheSports, match_ids: Sequence[str], *, connections: int) -> Answers:
        """Ask for everything the matches need."""
        return await read_cycle(api, match_ids, connections=connections)


async def read_cycle(api: TheSports, match_ids: Iterable[str], *, connections: int) -> Answers:
    """Ask for everything the matches need; never raises for what the provider does."""
    return await Asking(api, connections).read(match_ids)


class Asking:
    """One cycle of asking.

    Details and odds may each hold half of the connections, so an endpoint that hangs leaves the others theirs.
    """

    def __init__(self, api: TheSports, connections: int) -> None:
        self._api = api
        self._answers = Answers()
        self._turns = {kind: asyncio.Semaphore(max(1, connections // 2)) for kind in ("details", "odds")}
        self._turns["names"] = self._turns["feeds"] = asyncio.Semaphore(max(1, connections))
        self._refused: dict[str, SourceError] = {}
        self._began = time.perf_counter()
        self._asked: set[tuple[str, str]] = set()

    async def read(self, match_ids: Iterable[str]) -> Answers:
        """The answers for these matches."""
        async with asyncio.TaskGroup() as tasks:
            self._begin(list(match_ids), tasks)
            tasks.create_task(self._countries())
        return self._answers

    def _begin(self, match_ids: list[str], tasks: asyncio.TaskGroup) -> None:
        """Start asking, in the order of the ids."""
        for match_id in match_ids:
            tasks.create_task(self._detail(match_id, tasks))
            tasks.create_task(self._odds(match_id))

    async def _detail(self, match_id: str, tasks: asyncio.TaskGroup) -> None:
        self._detailed(match_id, await self._attempt("details", lambda: self._api.match(match_id)), tasks)

    def _detailed(
        self, match_id: str, outcome: Outcome[MatchDetail | KnownDetail | None], tasks: asyncio.TaskGroup
    ) -> None:
        """Enter a detail and ask for the names it needs."""
        self._answers.details[match_id] = outcome
        if isinstance(outcome, SourceError) or outcome.value is None:
            return
        detail = outcome.value
        for team_id in filter(None, (detail.home_team_id, detail.away_team_id)):
            if self._first_time("team", team_id):
                tasks.create_task(self._team(team_id))
        if detail.competition_id and self._first_time("competition", detail.competition_id):
            tasks.create_task(self._competition(detail.competition_id))

    async def _odds(self, match_id: str) -> None:
        self._answers.odds[match_id] = await self._attempt("odds", lambda: self._api.odds(match_id))

    async def _team(self, team_id: str) -> None:
        self._answers.teams[team_id] = await self._attempt("names", lambda: self._api.team(team_id))

    async def _competition(self, competition_id: str) -> None:
        outcome = await self._attempt("names", lambda: self._api.competition(competition_id))
        self._answers.competitions[competition_id] = outcome

    async def _countries(self) -> None:
        self._answers.countries = await self._attempt("names", self._api.countries)

    def _first_time(self, kind: str, its_id: str) -> bool:
        # Ids are unique only within their kind.
        key = (kind, its_id)
        if key in self._asked:
            return False
        self._asked.add(key)
        return True

    async def _attempt(self, kind: str, ask: Callable[[], Awaitable[Reading[Value]]]) -> Outcome[Value]:
        async with self._turns[kind]:
            if (refusal := self._refused.get(kind)) is not None:
                return refusal
            try:
                return await ask()
            except SourceError as error:
                if refused_for_all(error):
                    self._refused[kind] = error
                return error
            finally:
                self._answers.seconds[f"{kind}_s"] = round(time.perf_counter() - self._began, 3)
