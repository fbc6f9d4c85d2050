"""Connections and sliding windows: what may be on the wire now."""

import asyncio
import math
import re
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from football_assets.errors import StorageError
from football_assets.sections import Service
from football_assets.transport.problems import SourceProblem, not_asked
from football_assets.transport.shared_windows import CountsAway, SharedCalls, SharedWindow
from football_assets.transport.statistics import TransportStats
from football_assets.transport.windows import Calls, Window, margin_ms

SECOND_S = 1.0
MINUTE_S = 60.0

_ALL_PATHS = ""


class _NoRoom(Exception):
    """The windows are full."""


class Counted(Protocol):
    """A window of requests, wherever it is kept: `Window` in a file, `SharedWindow` in a Redis."""

    words: str
    limit: int

    def wait_s(self, ahead: int = 0) -> float:
        """Seconds until there is room, at the least, when `ahead` others come first."""

    def count(self) -> int:
        """How many requests are in the window."""

    def ended(self, call: Any, *, answered: bool) -> None:
        """A request is over: from here it counts for one window more."""


@dataclass(slots=True)
class Turn:
    """One request's leave to go out, or the `problem` that keeps it here. Say `answered` when its answer came."""

    problem: SourceProblem | None = None
    answered: bool = False
    entered: list[tuple[Counted, Any]] = field(default_factory=list)


class Gate:
    """Lets requests out: so many connections at once, and no more than the windows allow.

    With `folder` the windows are kept in a file there and hold across processes, with `shared` in a Redis and across
    machines. A limit by path is the provider's, who counts arrivals; the one a second is our own manners and counts
    departures.
    """

    def __init__(
        self,
        name: str,
        service: Service,
        stats: TransportStats,
        folder: Path | None,
        shared: SharedCalls | None = None,
    ) -> None:
        self._stats = stats
        self._connections = asyncio.Semaphore(service.connections)
        self._file = folder / f"limits-{name}.sqlite" if folder and shared is None else None
        self._queues: dict[str, asyncio.Lock] = {}
        self._queued: Counter[str] = Counter()
        self._timeout_s = service.timeout_s
        is_limited = service.per_second or service.per_minute_by_path
        with self._storage_errors():
            self._calls: Any = shared or Calls(self._file if is_limited else None)
            self._all = self._window(service.per_second, SECOND_S, "second", _ALL_PATHS)
            self._by_path = {
                path: self._window(limit, MINUTE_S, "minute", path)
                for path, limit in service.per_minute_by_path.items()
            }

    @asynccontextmanager
    async def slot(
        self, path: str, time_left_s: float, refused: Callable[[], SourceProblem | None]
    ) -> AsyncIterator[Turn]:
        """Wait for a connection and room on `path`; the turn has a problem when it must not or cannot be had.

        `refused` is asked before anything is waited for or spent, and again whenever a wait is over.
        """
        with self._storage_errors():
            try:
                turn = await self._enter(path, asyncio.get_running_loop().time() + time_left_s, refused)
            except CountsAway as away:
                to_do = "No request goes out without them: start the Redis of FOOTBALL_REDIS_URL."
                turn = Turn(not_asked(f"the shared counts of requests cannot be reached ({away})", to_do))
        try:
            yield turn
        finally:
            if turn.problem is None:
                self._connections.release()
                self._over(turn)

    def close(self) -> None:
        """Close the windows' file."""
        self._calls.close()

    def _over(self, turn: Turn) -> None:
        # What cannot be entered here stays counted as under way, longer than it has to be.
        with suppress(sqlite3.Error, CountsAway):
            for window, call in turn.entered:
                window.ended(call, answered=turn.answered)

    async def _enter(self, path: str, until: float, refused: Callable[[], SourceProblem | None]) -> Turn:
        windows = [window for window in (self._by_path.get(path), self._all) if window]
        queue = path if path in self._by_path else _ALL_PATHS
        ahead = self._queued[queue]
        problem = refused() or (self._too_late(windows, until, ahead) if ahead else None)
        if problem:
            return Turn(problem)
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
        self, queue: str, windows: list[Counted], until: float, refused: Callable[[], SourceProblem | None]
    ) -> Turn:
        while True:
            try:
                return await self._connect(refused, windows)
            except _NoRoom:
                problem = refused() or self._too_late(windows, until)
            if problem:
                return Turn(problem)
            wait_s = max(window.wait_s() for window in windows)
            self._stats.waited_for_limits_s += wait_s * self._queued[queue]
            await asyncio.sleep(wait_s)

    async def _connect(self, refused: Callable[[], SourceProblem | None], windows: list[Counted]) -> Turn:
        """Take a connection, then enter the windows: who waits for a connection must not take their room."""
        await self._connections.acquire()
        going = False
        try:
            turn = Turn(refused())
            if turn.problem is None and windows:
                entered = self._calls.take(windows)
                if entered is None:
                    raise _NoRoom
                turn.entered = entered
            going = turn.problem is None
        finally:
            if not going:
                self._connections.release()
        return turn

    def _too_late(self, windows: list[Counted], until: float, ahead: int = 0) -> SourceProblem | None:
        now = asyncio.get_running_loop().time()
        for window in windows if math.isfinite(until) else ():
            if now + window.wait_s(ahead) > until:
                problem = not_asked(f"the limit of {window.words} leaves no room before the deadline")
                return replace(problem, held_back=True)
        return None

    def _window(self, limit: int | None, length_s: float, unit: str, path: str) -> Counted | None:
        if limit is None:
            return None
        words = f"{limit} a {unit}" + (f" on {path}" if path else "")
        table = "calls_" + re.sub(r"\W", "_", path or "all paths")
        late_s, by_arrival = self._timeout_s, bool(path)
        if isinstance(self._calls, SharedCalls):
            lengths = {"length_ms": margin_ms(length_s), "late_ms": round(1000 * late_s)}
            return SharedWindow(self._calls, table, limit, words, by_arrival=by_arrival, **lengths)
        return Window(self._calls, table, limit, length_s, words, longest_try_s=late_s, by_arrival=by_arrival)

    @contextmanager
    def _storage_errors(self) -> Iterator[None]:
        """A limit that cannot be kept is not ignored: trouble with the file is a StorageError."""
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            to_do = "No request goes out without it. If it is damaged, remove it: the counts then start afresh."
            raise StorageError(f"keeping the request counts in {self._file}", str(error), to_do) from None
