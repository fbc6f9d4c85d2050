"""The client for programs with an event loop."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

import aiohttp

from football_assets.client.answers import Answer, ApiError, Meta
from football_assets.client.batching import PropBatcher
from football_assets.client.following import Event, Follower

URL = "http://127.0.0.1:8000"
LIMIT_S = 30.0
PAGE = 200
Rows = list[dict[str, Any]]


class AsyncFootball:
    """The REST service and the stream at `url`. Use it as `async with AsyncFootball() as football:`.

    Methods raise ApiError when the service refuses. Lists are read to their end, page by page.
    """

    def __init__(self, url: str = URL, key: str | None = None, *, limit_s: float = LIMIT_S) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._limit = aiohttp.ClientTimeout(total=limit_s)
        self._session: aiohttp.ClientSession | None = None
        self._batcher = PropBatcher(self._send_props)

    async def __aenter__(self) -> Self:
        """Open the connections."""
        self._session = aiohttp.ClientSession(headers=self._headers, timeout=self._limit)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close them."""
        await self._batcher.close()
        if self._session is not None:
            await self._session.close()

    async def matches(
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
        query = {"live": live, "competition": competition, "date": on, "updated_since": updated_since, "as_of": as_of}
        return await self.rows("/v1/soccer/matches", {**query, "status": [str(each) for each in status] or None})

    async def match(self, match_id: str, *, as_of: datetime | None = None) -> Answer[dict[str, Any]]:
        """One match."""
        return await self.get(f"/v1/soccer/matches/{quote(match_id, safe='')}", {"as_of": as_of})

    async def odds(
        self, match_id: str, *, market: str | None = None, history: bool = False, as_of: datetime | None = None
    ) -> Answer[Rows]:
        """What every bookmaker quotes on a match; with `history` every quote."""
        query = {"market": market, "history": history, "as_of": as_of}
        return await self.rows(f"/v1/soccer/matches/{quote(match_id, safe='')}/odds", query)

    async def changes(
        self, *, since: datetime | None = None, cursor: str | None = None, match_id: str | None = None
    ) -> Answer[Rows]:
        """What changed of the live matches; asking again with `meta.next_cursor` gives what came since."""
        return await self.rows("/v1/soccer/changes", {"since": since, "cursor": cursor, "match_id": match_id})

    async def games(
        self, *, season: int | None = None, week: int | None = None, team: str | None = None, **more: Any
    ) -> Answer[Rows]:
        """College games of a season."""
        return await self.rows("/v1/ncaaf/games", {"season": season, "week": week, "team": team, **more})

    async def predictions(
        self, *, season: int | None = None, week: int | None = None, family: str | None = None, **more: Any
    ) -> Answer[Rows]:
        """Predictions of college games; without a week, of the coming one."""
        return await self.rows("/v1/ncaaf/predictions", {"season": season, "week": week, "family": family, **more})

    async def players(self, words: str, *, team: str | None = None) -> Answer[Rows]:
        """Players whose name holds every word."""
        return await self.rows("/v1/ncaaf/players/search", {"q": words, "team": team})

    async def gamelog(self, player_id: str, *, season: int | None = None) -> Answer[Rows]:
        """What a player did game by game, the newest first."""
        return await self.rows(f"/v1/ncaaf/players/{quote(player_id, safe='')}/gamelog", {"season": season})

    async def analyze(self, prop: Mapping[str, Any]) -> dict[str, Any]:
        """Analyse one prop. Props asked within 200 ms go to the service together, up to 50 at once."""
        return await self._batcher.analyze(prop)

    async def rows(self, path: str, query: Mapping[str, Any] | None = None) -> Answer[Rows]:
        """A whole list, read page by page; `meta` is that of the first page, with the last one's `next_cursor`."""
        page: Answer[Rows] = await self.get(path, {"limit": PAGE, **(query or {})})
        rows, first, cursor = list(page.data), page.meta, page.meta.next_cursor
        # A list that goes on for ever, such as that of changes, gives a cursor with its empty page, too.
        while cursor is not None and page.data:
            page = await self.get(path, {"limit": PAGE, **(query or {}), "cursor": cursor})
            rows += page.data
            cursor = page.meta.next_cursor
        return Answer(rows, replace(first, next_cursor=cursor))

    async def get(self, path: str, query: Mapping[str, Any] | None = None) -> Answer[Any]:
        """One answer of any path, such as `/v1/pipeline/status`."""
        return await self._ask("GET", path, _query(query or {}), None)

    async def post(self, path: str, body: Mapping[str, Any] | None = None) -> Answer[Any]:
        """One answer of any path that is posted to."""
        return await self._ask("POST", path, [], body)

    async def follow(
        self, channel: str, *, keys: Sequence[str] | None = None, where: Mapping[str, Any] | None = None
    ) -> AsyncIterator[Event]:
        """Follow a channel of the stream: its values, then each change once, over cut connections too."""
        follower = Follower(self._open(), f"{self._url}/v1/stream", channel, keys, where)
        async with aclosing(follower.events()) as events:  # type: ignore[type-var]
            async for event in events:
                yield event

    async def _send_props(self, props: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
        answer = await self.post("/v1/props/analyze-batch", {"props": list(props)})
        found: Mapping[str, Any] = answer.data
        return found

    async def _ask(
        self, method: str, path: str, query: list[tuple[str, str]], body: Mapping[str, Any] | None
    ) -> Answer[Any]:
        async with self._open().request(method, f"{self._url}{path}", params=query, json=body) as answer:
            told = await answer.json(content_type=None)
            if answer.status >= 400:
                problem = told if isinstance(told, dict) else {}
                if (after := answer.headers.get("Retry-After")) is not None:
                    problem = {**problem, "retry_after_s": float(after)}
                detail = problem.get("detail", f"{method} {path} failed")
                raise ApiError(answer.status, problem.get("code", "error"), detail, problem)
        return Answer(told["data"], Meta.of(told["meta"]))

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            raise RuntimeError("The client is not open: use it as `async with AsyncFootball() as football:`.")
        return self._session


def _query(values: Mapping[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in values.items():
        for each in value if isinstance(value, list | tuple) else [value]:
            if isinstance(each, bool):
                found.append((name, "true" if each else "false"))
            elif isinstance(each, date):  # a datetime is one too
                found.append((name, each.isoformat()))
            elif each is not None:
                found.append((name, str(each)))
    return found
