"""The client for notebooks and scripts: the same methods, each waits for its answer."""

import asyncio
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from football_assets.client.answers import Answer
from football_assets.client.asynchronous import LIMIT_S, URL, AsyncFootball, Rows
from football_assets.client.following import Event

Result = TypeVar("Result")


class Football:
    """The REST service and the stream at `url`, for code without an event loop, such as a notebook's cells.

    Methods raise ApiError when the service refuses.
    """

    def __init__(self, url: str = URL, key: str | None = None, *, limit_s: float = LIMIT_S) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="football-client", daemon=True)
        self._thread.start()
        self._client = AsyncFootball(url, key, limit_s=limit_s)
        self._closed = False
        self._run(self._client.__aenter__)

    def __enter__(self) -> Self:
        """Use it in a `with` block."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()

    def close(self) -> None:
        """Close the connections; safe to call twice."""
        if self._closed:
            return
        self._closed = True
        self._run(lambda: self._client.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def matches(
        self,
        *,
        live: bool | None = None,
        status: Sequence[str | int] = (),
        competition: str | None = None,
        on: date | None = None,
        updated_since: datetime | None = None,
        as_of: datetime | None = None,
    ) -> Answer[Rows]:
        """Live matches, now or as they were."""
        return self._run(
            lambda: self._client.matches(
                live=live, status=status, competition=competition, on=on, updated_since=updated_since, as_of=as_of
            )
        )

    def match(self, match_id: str, *, as_of: datetime | None = None) -> Answer[dict[str, Any]]:
        """One match."""
        return self._run(lambda: self._client.match(match_id, as_of=as_of))

    def odds(
        self, match_id: str, *, market: str | None = None, history: bool = False, as_of: datetime | None = None
    ) -> Answer[Rows]:
        """What every bookmaker quotes on a match; with `history` every quote."""
        return self._run(lambda: self._client.odds(match_id, market=market, history=history, as_of=as_of))

    def changes(
        self, *, since: datetime | None = None, cursor: str | None = None, match_id: str | None = None
    ) -> Answer[Rows]:
        """What changed of the live matches; asking again with `meta.next_cursor` gives what came since."""
        return self._run(lambda: self._client.changes(since=since, cursor=cursor, match_id=match_id))

    def games(
        self, *, season: int | None = None, week: int | None = None, team: str | None = None, **more: Any
    ) -> Answer[Rows]:
        """College games of a season."""
        return self._run(lambda: self._client.games(season=season, week=week, team=team, **more))

    def predictions(
        self, *, season: int | None = None, week: int | None = None, family: str | None = None, **more: Any
    ) -> Answer[Rows]:
        """Predictions of college games; without a week, of the coming one."""
        return self._run(lambda: self._client.predictions(season=season, week=week, family=family, **more))

    def players(self, words: str, *, team: str | None = None) -> Answer[Rows]:
        """Players whose name holds every word."""
        return self._run(lambda: self._client.players(words, team=team))

    def gamelog(self, player_id: str, *, season: int | None = None) -> Answer[Rows]:
        """What a player did game by game, the newest first."""
        return self._run(lambda: self._client.gamelog(player_id, season=season))

    def analyze(self, props: Sequence[Mapping[str, Any]]) -> list[dict[str, Any] | Exception]:
        """Analyse props, 50 a request; what could not be made is an ApiError in its place."""

        async def all_of_them() -> list[dict[str, Any] | BaseException]:
            return await asyncio.gather(*(self._client.analyze(prop) for prop in props), return_exceptions=True)

        found = self._run(all_of_them)
        for each in found:
            if isinstance(each, BaseException) and not isinstance(each, Exception):
                raise each
        return [each for each in found if isinstance(each, dict | Exception)]

    def rows(self, path: str, query: Mapping[str, Any] | None = None) -> Answer[Rows]:
        """A whole list of any path, read page by page."""
        return self._run(lambda: self._client.rows(path, query))

    def get(self, path: str, query: Mapping[str, Any] | None = None) -> Answer[Any]:
        """One answer of any path."""
        return self._run(lambda: self._client.get(path, query))

    def post(self, path: str, body: Mapping[str, Any] | None = None) -> Answer[Any]:
        """One answer of any path that is posted to."""
        return self._run(lambda: self._client.post(path, body))

    def follow(
        self, channel: str, *, keys: Sequence[str] | None = None, where: Mapping[str, Any] | None = None
    ) -> Iterator[Event]:
        """Follow a channel of the stream, until the loop over it ends."""
        events = self._client.follow(channel, keys=keys, where=where)
        try:
            while True:
                yield self._run(lambda: _next(events))
        finally:
            self._run(lambda: _close(events))

    def _run(self, make: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
        waiting: Future[Result] = asyncio.run_coroutine_threadsafe(make(), self._loop)
        try:
            return waiting.result()
        except KeyboardInterrupt:
            waiting.cancel()
            raise


async def _next(events: Any) -> Event:
    event: Event = await anext(events)
    return event


async def _close(events: Any) -> None:
    await events.aclose()
