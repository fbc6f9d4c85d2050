"""Answers kept for a short while: memory first, Redis behind it when it is configured.

An answer's key holds the publication it was made from, so a new publication is never answered with old rows; the
listener only frees the memory. Redis being away makes answers slower, not different. One event loop uses it.
"""

import asyncio
import hashlib
import time
from collections import Counter, OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

Class = Literal["live", "player_stats", "game_data", "profile", "ids"]
TTL_S: dict[Class, float] = {
    "live": 10.0,
    "player_stats": 300.0,
    "game_data": 180.0,
    "profile": 3_600.0,
    "ids": 86_400.0,
}
ENTRIES = 500
REDIS_LIMIT_S = 0.25
REDIS_REST_S = 5.0
PREFIX = "football:answers:"


@dataclass
class _Entry:
    body: bytes
    kind: Class
    until: float
    domain: str


class Statistics:
    """Exact counts since the start. A read is a hit, a miss, or one that waited for another's miss."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.by_class: dict[str, Counter[str]] = {kind: Counter() for kind in TTL_S}

    def note(self, kind: Class, what: str) -> None:
        """Count one event of a class."""
        self.counts[what] += 1
        self.by_class[kind][what] += 1

    def about(self) -> dict[str, Any]:
        """The counts and the hit rate, null before the first read."""
        return {**_rates(self.counts), "by_class": {kind: _rates(each) for kind, each in self.by_class.items()}}


def _rates(counts: Counter[str]) -> dict[str, Any]:
    reads = counts["hit"] + counts["redis_hit"] + counts["miss"] + counts["coalesced"]
    served = reads - counts["miss"]
    return {
        "reads": reads,
        "hits": counts["hit"],
        "redis_hits": counts["redis_hit"],
        "coalesced": counts["coalesced"],
        "misses": counts["miss"],
        "evicted": counts["evicted"],
        "expired": counts["expired"],
        "invalidated": counts["invalidated"],
        "hit_rate": round(served / reads, 4) if reads else None,
    }


class AnswerCache:
    """Bytes by key, at most `entries` of them, the least used leave first."""

    def __init__(
        self, redis_url: str | None, *, entries: int = ENTRIES, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.statistics = Statistics()
        self._entries: OrderedDict[str, _Entry] = OrderedDict()
        self._most = entries
        self._clock = clock
        self._pending: dict[str, asyncio.Future[bytes]] = {}
        self._redis = _Redis(redis_url, clock) if redis_url else None

    async def get(
        self, kind: Class, domain: str, key: str, build: Callable[[], Awaitable[bytes]]
    ) -> tuple[bytes, bool]:
        """The answer of a key and whether it was there already; many who ask at once wait for one build."""
        entry = self._entries.get(key)
        if entry is not None and entry.until > self._clock():
            self._entries.move_to_end(key)
            self.statistics.note(kind, "hit")
            return entry.body, True
        if entry is not None:
            del self._entries[key]
            self.statistics.note(kind, "expired")
        if (running := self._pending.get(key)) is not None:
            self.statistics.note(kind, "coalesced")
            return await asyncio.shield(running), True
        made: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._pending[key] = made
        work = asyncio.ensure_future(self._make(kind, domain, key, build))
        work.add_done_callback(lambda done: self._settle(key, made, done))
        # A client that goes away must not take the answer from those who wait with it.
        body, there = await asyncio.shield(work)
        return body, there

    def forget(self, domain: str) -> None:
        """Free what was made from a pipeline's earlier publication."""
        for key in [key for key, entry in self._entries.items() if entry.domain == domain]:
            self.statistics.note(self._entries.pop(key).kind, "invalidated")

    async def clear(self) -> int:
        """Forget everything, in Redis too; how many answers were kept in memory."""
        kept = len(self._entries)
        self._entries.clear()
        if self._redis is not None:
            await self._redis.clear()
        return kept

    def about(self) -> dict[str, Any]:
        """The statistics, the size, and how Redis is."""
        redis = "not configured" if self._redis is None else self._redis.state
        size = sum(len(entry.body) for entry in self._entries.values())
        told = {"entries": len(self._entries), "most_entries": self._most, "bytes": size, "redis": redis}
        return {**told, "ttl_s": dict(TTL_S), **self.statistics.about()}

    async def close(self) -> None:
        """Close the connection to Redis."""
        if self._redis is not None:
            await self._redis.close()

    async def _make(
        self, kind: Class, domain: str, key: str, build: Callable[[], Awaitable[bytes]]
    ) -> tuple[bytes, bool]:
        body = None if self._redis is None else await self._redis.get(key)
        found = body is not None
        if body is None:
            self.statistics.note(kind, "miss")
            body = await build()
            if self._redis is not None:
                await self._redis.put(key, body, TTL_S[kind])
        else:
            self.statistics.note(kind, "redis_hit")
        self._entries[key] = _Entry(body, kind, self._clock() + TTL_S[kind], domain)
        while len(self._entries) > self._most:
            self.statistics.note(self._entries.popitem(last=False)[1].kind, "evicted")
        return body, found

    def _settle(self, key: str, made: "asyncio.Future[bytes]", done: "asyncio.Future[tuple[bytes, bool]]") -> None:
        self._pending.pop(key, None)
        if done.cancelled():
            made.cancel()
        elif (error := done.exception()) is not None:
            made.set_exception(error)
            made.exception()  # read once: nobody may be waiting
        else:
            made.set_result(done.result()[0])


class _Redis:
    """The tier that processes share. Away, it is left alone for a few seconds."""

    def __init__(self, url: str, clock: Callable[[], float]) -> None:
        import redis.asyncio

        self._client = redis.asyncio.Redis.from_url(
            url, socket_timeout=REDIS_LIMIT_S, socket_connect_timeout=REDIS_LIMIT_S, protocol=2
        )
        self._clock = clock
        self._rest_until = 0.0

    @property
    def state(self) -> str:
        return "away" if self._clock() < self._rest_until else "in use"

    async def get(self, key: str) -> bytes | None:
        found = await self._try(lambda: self._client.get(_name(key)))
        return found if isinstance(found, bytes) else None

    async def put(self, key: str, body: bytes, ttl_s: float) -> None:
        await self._try(lambda: self._client.set(_name(key), body, px=round(1000 * ttl_s)))

    async def clear(self) -> None:
        async def remove() -> None:
            async for name in self._client.scan_iter(match=f"{PREFIX}*", count=500):
                await self._client.delete(name)

        await self._try(remove)

    async def close(self) -> None:
        await self._client.aclose()

    async def _try(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        import redis.exceptions

        if self._clock() < self._rest_until:
            return None
        try:
            return await ask()
        except (redis.exceptions.RedisError, OSError, TimeoutError):
            self._rest_until = self._clock() + REDIS_REST_S
            return None


def _name(key: str) -> str:
    return PREFIX + hashlib.sha256(key.encode()).hexdigest()
