"""Sliding windows and connections: what may be on the wire now."""

import asyncio
import math
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from pyrate_limiter import AbstractBucket, InMemoryBucket, Rate, RateItem, SQLiteBucket

from football_assets.config import Service
from football_assets.errors import StorageError
from football_assets.transport.problems import SourceProblem, not_asked
from football_assets.transport.statistics import TransportStats

SECOND_S = 1.0
MINUTE_S = 60.0

# The provider counts arrivals, we count departures. One request may take longer to arrive than another (a new TLS
# connection against a warm one), so our windows are this much longer than the provider's.
_MARGIN = 0.02
_LEAST_MARGIN_S = 0.05

_ALL_PATHS = ""
_CLEAN_EVERY = 500


class _NoRoom(Exception):
    """The windows are full."""


class Window:
    """At most `limit` requests in any `length_s` seconds. `words` names it in messages."""

    def __init__(self, limit: int, length_s: float, words: str, *, file: Path | None, table: str) -> None:
        self.words = words
        self._limit = limit
        self._length_ms = round(1000 * (length_s + max(_LEAST_MARGIN_S, _MARGIN * length_s)))
        self._bucket = self._open(file, table)
        self._taken = 0

    def wait_s(self, ahead: int = 0) -> float:
        """Seconds until there is room, at the least, when `ahead` others come first."""
        rounds, place = divmod(ahead, self._limit)
        # The stamp that must leave the window before the request in this place fits.
        stamp = self._bucket.peek(self._limit - 1 - place)
        assert stamp is None or isinstance(stamp, RateItem)
        room_in_ms = 0 if stamp is None else stamp.timestamp + self._length_ms + 1 - self._now_ms()
        return (rounds * self._length_ms + max(0, room_in_ms)) / 1000

    def take(self) -> bool:
        """Stamp one request; False when another process was faster."""
        now = self._now_ms()
        if self._taken % _CLEAN_EVERY == 0:
            self._bucket.leak(now)
        self._taken += 1
        return bool(self._bucket.put(RateItem("request", now)))

    def close(self) -> None:
        """Close the file, if there is one."""
        self._bucket.close()

    def _now_ms(self) -> int:
        return int(self._bucket.now())  # type: ignore[no-untyped-call]

    def _open(self, file: Path | None, table: str) -> AbstractBucket:
        rates = [Rate(self._limit, self._length_ms)]
        if file is None:
            return InMemoryBucket(rates)
        file.parent.mkdir(parents=True, exist_ok=True)
        return SQLiteBucket.init_from_file(rates, table=table, db_path=str(file), use_file_lock=True)


class Gate:
    """Lets requests out: so many connections at once, and no more than the windows allow.

    With `folder` the windows are kept in a file there and hold across processes.
    """

    def __init__(self, name: str, service: Service, stats: TransportStats, folder: Path | None) -> None:
        self._stats = stats
        self._connections = asyncio.Semaphore(service.connections)
        self._file = folder / f"limits-{name}.sqlite" if folder else None
        self._queues: dict[str, asyncio.Lock] = {}
        self._queued: Counter[str] = Counter()
        with self._storage_errors():
            self._all = self._window(service.per_second, SECOND_S, "second", _ALL_PATHS)
            self._by_path = {
                path: self._window(limit, MINUTE_S, "minute", path)
                for path, limit in service.per_minute_by_path.items()
            }

    @asynccontextmanager
    async def slot(
        self, path: str, time_left_s: float, refused: Callable[[], SourceProblem | None]
    ) -> AsyncIterator[SourceProblem | None]:
        """Wait for a connection and room on `path`; gives the reason instead when it must not or cannot be had.

        `refused` is asked before anything is waited for or spent, and again whenever a wait is over.
        """
        with self._storage_errors():
            problem = await self._enter(path, asyncio.get_running_loop().time() + time_left_s, refused)
        try:
            yield problem
        finally:
            if problem is None:
                self._connections.release()

    def close(self) -> None:
        """Close the windows' file."""
        for window in (self._all, *self._by_path.values()):
            if window:
                window.close()

    async def _enter(
        self, path: str, until: float, refused: Callable[[], SourceProblem | None]
    ) -> SourceProblem | None:
        windows = [window for window in (self._by_path.get(path), self._all) if window]
        queue = path if path in self._by_path else _ALL_PATHS
        ahead = self._queued[queue]
        problem = refused() or (self._too_late(windows, until, ahead) if ahead else None)
        if problem:
            return problem
        if not windows:
            return await self._connect(refused, windows)
        self._queued[queue] += 1
        try:
            # One at a time from each queue: first come, first served, and a wait wakes one request instead of all.
            async with self._queues.setdefault(queue, asyncio.Lock()):
                return await self._first_in_queue(queue, windows, until, refused)
        finally:
            self._queued[queue] -= 1

    async def _first_in_queue(
        self, queue: str, windows: list[Window], until: float, refused: Callable[[], SourceProblem | None]
    ) -> SourceProblem | None:
        while True:
            try:
                return await self._connect(refused, windows)
            except _NoRoom:
                problem = refused() or self._too_late(windows, until)
            if problem:
                return problem
            wait_s = max(window.wait_s() for window in windows)
            self._stats.waited_for_limits_s += wait_s * self._queued[queue]
            await asyncio.sleep(wait_s)

    async def _connect(
        self, refused: Callable[[], SourceProblem | None], windows: list[Window]
    ) -> SourceProblem | None:
        """Take a connection, then stamp: a stamp must be the moment of departure, or the provider's window overruns."""
        await self._connections.acquire()
        going = False
        try:
            problem = refused()
            # With two windows, look at both before taking from one: a stamp cannot be given back.
            room = len(windows) < 2 or not any(window.wait_s() for window in windows)
            if not problem and not (room and all(window.take() for window in windows)):
                raise _NoRoom
            going = problem is None
        finally:
            if not going:
                self._connections.release()
        return problem

    def _too_late(self, windows: list[Window], until: float, ahead: int = 0) -> SourceProblem | None:
        now = asyncio.get_running_loop().time()
        for window in windows if math.isfinite(until) else ():
            if now + window.wait_s(ahead) > until:
                return not_asked(f"the limit of {window.words} leaves no room before the deadline")
        return None

    def _window(self, limit: int | None, length_s: float, unit: str, path: str) -> Window | None:
        if limit is None:
            return None
        words = f"{limit} a {unit}" + (f" on {path}" if path else "")
        table = "requests_" + re.sub(r"\W", "_", path or "all paths")
        return Window(limit, length_s, words, file=self._file, table=table)

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        """A limit that cannot be kept is not ignored: trouble with the file is a StorageError."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            to_do = "No request goes out without it. If it is damaged, remove it: the counts then start afresh."
            raise StorageError(f"keeping the request counts in {self._file}", str(error), to_do) from None
