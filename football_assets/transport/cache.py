"""Answers kept for later: in memory first, then on disk or in Redis.

An entry is bytes: one line of JSON about the reading, then the body as it came. Entries carry their own times, so the
tiers only store and forget. A tier that fails makes answers slower, never different: it is left alone for a while.
"""

import asyncio
import hashlib
import json
import logging
import math
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol, TypeVar

from football_assets.blob_store import BlobStore
from football_assets.transport.answers import CachePolicy
from football_assets.transport.statistics import TransportStats

LOG = logging.getLogger("football_assets.transport")

Found = TypeVar("Found")

MEMORY_ENTRIES = 512
DISK_BYTES = 512 * 2**20
REDIS_TIMEOUT_S = 1.0
REDIS_CONNECTIONS = 10
PAUSE_S = 30.0
_LONGEST_S = 10 * 365 * 86_400.0  # "for good" has to fit into the tiers' clocks


@dataclass(frozen=True, slots=True)
class Kept:
    """One reading. `read_at` and `keep_until` are seconds since 1970 by our clock, `raw` is the body as it came."""

    raw: bytes
    read_at: float
    keep_until: float
    served_at: datetime
    headers: Mapping[str, str]

    @property
    def age_s(self) -> float:
        """Seconds since it was read."""
        return max(0.0, time.time() - self.read_at)

    def packed(self) -> bytes:
        """The bytes to store."""
        head = {
            "read_at": self.read_at,
            "keep_until": self.keep_until,
            "served_at": self.served_at.isoformat(),
            "headers": dict(self.headers),
            "bytes": len(self.raw),
        }
        return json.dumps(head).encode() + b"\n" + self.raw

    @classmethod
    def unpacked(cls, packed: bytes) -> "Kept | None":
        """The entry in `packed`; None for anything else that may lie there."""
        head, _, raw = packed.partition(b"\n")
        try:
            about = json.loads(head)
            served_at = datetime.fromisoformat(about["served_at"])
            kept = cls(raw, float(about["read_at"]), float(about["keep_until"]), served_at, dict(about["headers"]))
        except (ValueError, KeyError, TypeError):
            return None
        whole = about.get("bytes") == len(raw)
        return kept if whole and kept.keep_until > time.time() else None


def kept_reading(raw: bytes, served_at: datetime, headers: Mapping[str, str], policy: CachePolicy) -> Kept:
    """A reading of this moment, to be kept as long as `policy` may use it."""
    now = time.time()
    keep_s = max(policy.fresh_s, policy.stale_s)
    return Kept(raw, now, now + (keep_s if math.isfinite(keep_s) else _LONGEST_S), served_at, headers)


def cache_key(*world: str, path: str, params: Mapping[str, str]) -> str:
    """One key for one request. `world` is the service and all that must not share answers; credentials have no part."""
    whole = json.dumps([world, path, sorted(params.items())])
    return f"football:{hashlib.sha256(whole.encode()).hexdigest()}"


class Tier(Protocol):
    """What a store has to do. It may forget at any time."""

    async def get(self, key: str) -> Any:
        """The stored bytes, or None."""

    async def set(self, key: str, value: bytes, expire: float) -> Any:
        """Store for `expire` seconds."""

    async def close(self) -> None:
        """Let go of files and sockets."""


class Cache:
    """The tiers, nearest first: memory, then Redis when there is a `redis_url`, else the disk under `folder`.

    They are opened by the first request that may use them: live polling does not pay for their libraries.
    """

    def __init__(self, folder: Path | None, redis_url: str | None, stats: TransportStats) -> None:
        self._folder = folder
        self._redis_url = redis_url
        self._stats = stats
        self._tiers: dict[str, Tier] = {}
        self._failures: tuple[type[Exception], ...] = ()
        self._paused_until: dict[str, float] = {}

    async def read(self, key: str, fresh_s: float) -> Kept | None:
        """The newest entry; the first fresh one ends the search. The caller decides what a stale one is good for."""
        self._open()
        newest: Kept | None = None
        for name, tier in self._tiers.items():
            packed = await self._asked(name, partial(tier.get, key))
            kept = Kept.unpacked(packed) if isinstance(packed, bytes) else None
            if kept and (newest is None or kept.read_at > newest.read_at):
                newest = kept
            if newest is kept and kept and kept.age_s <= fresh_s:
                self._stats.cache_hits[name] += 1
                await self._store(key, kept, before=name)
                return kept
        self._stats.cache_misses += 1
        return newest

    async def write(self, key: str, kept: Kept) -> None:
        """Store in every tier."""
        await self._store(key, kept, before=None)

    async def close(self) -> None:
        """Close every tier."""
        for name, tier in self._tiers.items():
            self._paused_until.pop(name, None)
            await self._asked(name, tier.close)

    async def _store(self, key: str, kept: Kept, before: str | None) -> None:
        packed, keep_s = kept.packed(), kept.keep_until - time.time()
        for name, tier in self._tiers.items():
            if name == before or keep_s <= 0:
                return
            await self._asked(name, partial(tier.set, key, packed, expire=keep_s))

    async def _asked(self, name: str, call: Callable[[], Any]) -> Any:
        if time.monotonic() < self._paused_until.get(name, 0.0):
            return None
        try:
            return await call()
        except self._failures as error:
            self._paused_until[name] = time.monotonic() + PAUSE_S
            LOG.warning("The %s cache failed (%s), doing without for %g s.", name, type(error).__name__, PAUSE_S)
            return None

    def _open(self) -> None:
        if self._tiers:
            return
        tiers: dict[str, Tier] = {"memory": _Memory()}
        if self._redis_url:
            tiers["redis"], failure = _redis(self._redis_url)
            self._failures = (failure, OSError, TimeoutError)
        elif self._folder:
            tiers["disk"] = _Disk(self._folder)
            self._failures = (sqlite3.Error, OSError)
        self._tiers = tiers


class _Memory:
    """The last used entries. Bytes, so that nobody can change what others will read."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, bytes] = OrderedDict()

    async def get(self, key: str) -> bytes | None:
        if key in self._entries:
            self._entries.move_to_end(key)
        return self._entries.get(key)

    async def set(self, key: str, value: bytes, expire: float) -> None:
        self._entries[key] = value
        self._entries.move_to_end(key)
        if len(self._entries) > MEMORY_ENTRIES:
            self._entries.popitem(last=False)

    async def close(self) -> None:
        self._entries.clear()


class _Disk:
    """A file on a thread of its own: a write that has begun ends."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="answers-on-disk")
        self._opened: BlobStore | None = None

    async def get(self, key: str) -> bytes | None:
        return await self._run(lambda store: store.get(key))

    async def set(self, key: str, value: bytes, expire: float) -> None:
        await self._run(lambda store: store.set(key, value, expire))

    async def close(self) -> None:
        try:
            if self._opened is not None:
                await self._run(lambda store: store.close())
        finally:
            self._thread.shutdown()

    async def _run(self, act: Callable[[BlobStore], Found]) -> Found:
        return await asyncio.get_running_loop().run_in_executor(self._thread, lambda: act(self._store()))

    def _store(self) -> BlobStore:
        if self._opened is None:
            self._opened = BlobStore(self._folder, largest_bytes=DISK_BYTES, timeout_s=1.0)
        return self._opened


class _Redis:
    """A Redis, asked without retries: they would make a dead one cost seconds an answer. The pause is our reply."""

    def __init__(self, client: Any) -> None:
        self._client = client

    async def get(self, key: str) -> Any:
        return await self._client.get(key)

    async def set(self, key: str, value: bytes, expire: float) -> Any:
        return await self._client.set(key, value, px=max(1, int(1000 * expire)))

    async def close(self) -> None:
        await self._client.aclose()


def _redis(url: str) -> tuple[Tier, type[Exception]]:
    from redis.asyncio import BlockingConnectionPool, Redis
    from redis.asyncio.retry import Retry
    from redis.backoff import NoBackoff
    from redis.exceptions import RedisError

    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=REDIS_CONNECTIONS,
        timeout=REDIS_TIMEOUT_S,
        socket_timeout=REDIS_TIMEOUT_S,
        socket_connect_timeout=REDIS_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
    )
    return _Redis(Redis.from_pool(pool)), RedisError
