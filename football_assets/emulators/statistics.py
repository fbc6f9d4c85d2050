"""What an emulator was asked: counted by path in real time, so that a client's manners can be proven."""

import time
from asyncio import BaseTransport, Transport
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

WINDOW_S = 60.0


@dataclass(slots=True)
class Window:
    """Requests of the last 60 s, oldest first."""

    times: deque[float] = field(default_factory=deque)

    def count(self, now: float) -> int:
        """How many requests lie less than 60 s before `now`."""
        while self.times and now - self.times[0] >= WINDOW_S:
            self.times.popleft()
        return len(self.times)

    def add(self, now: float) -> None:
        """Enter a request made at `now`."""
        self.times.append(now)


@dataclass(slots=True)
class PathCounts:
    """What was asked on one path."""

    requests: int = 0
    served: int = 0
    violations: int = 0
    peak_per_minute: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    asked: Counter[str] = field(default_factory=Counter)
    window: Window = field(default_factory=Window)
    first_at: datetime | None = None
    last_at: datetime | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON; `distinct` are different questions, `repeats` those asked again, instants are real UTC."""
        return {
            "requests": self.requests,
            "served": self.served,
            "violations": self.violations,
            "peak_per_minute": self.peak_per_minute,
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "distinct": len(self.asked),
            "repeats": self.requests - len(self.asked),
            "first_at": self.first_at.isoformat() if self.first_at else None,
            "last_at": self.last_at.isoformat() if self.last_at else None,
        }


class Statistics:
    """Counts since the start or the last reset.

    `limits` are requests a minute by path; each request beyond them in the 60 s before it is a violation.
    Times are real, whatever the emulated clock says.
    """

    def __init__(self, limits: Mapping[str, int], *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.monotonic = monotonic
        self._limits = limits
        self._connections: WeakSet[BaseTransport] = WeakSet()
        self._in_flight = 0
        self.reset()

    def reset(self) -> None:
        """Forget everything but what is being answered right now."""
        self._paths: dict[str, PathCounts] = {}
        self._peak_in_flight = self._in_flight
        self._peak_connections = self._open_connections()

    def arrived(self, path: str, question: str, transport: Transport | None) -> int:
        """Count a request; returns how often this question has been asked, this time included."""
        counts = self._paths.setdefault(path, PathCounts())
        counts.requests += 1
        counts.asked[question] += 1
        counts.last_at = datetime.now(UTC)
        counts.first_at = counts.first_at or counts.last_at
        now = self.monotonic()
        counts.window.add(now)
        in_window = counts.window.count(now)
        counts.peak_per_minute = max(counts.peak_per_minute, in_window)
        counts.violations += path in self._limits and in_window > self._limits[path]
        self._in_flight += 1
        self._peak_in_flight = max(self._peak_in_flight, self._in_flight)
        if transport is not None:
            self._connections.add(transport)
        self._peak_connections = max(self._peak_connections, self._open_connections())
        return counts.asked[question]

    def answered(self, path: str, status: int) -> None:
        """Count an answer that was ready to send."""
        counts = self._paths.setdefault(path, PathCounts())
        counts.served += 1
        counts.statuses[status] += 1

    def left(self) -> None:
        """One request less in flight, answered or not."""
        self._in_flight -= 1

    def as_dict(self) -> dict[str, Any]:
        """All counts as JSON, totals first."""
        paths = {path: counts.as_dict() for path, counts in sorted(self._paths.items())}
        return {
            "requests": sum(counts["requests"] for counts in paths.values()),
            "violations": sum(counts["violations"] for counts in paths.values()),
            "in_flight": self._in_flight,
            "peak_in_flight": self._peak_in_flight,
            "connections": self._open_connections(),
            "peak_connections": self._peak_connections,
            "limits_per_minute": dict(self._limits),
            "paths": paths,
        }

    def _open_connections(self) -> int:
        return sum(not transport.is_closing() for transport in self._connections)
