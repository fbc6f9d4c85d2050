"""The account behind a College Football Data key: who may ask, what is left this month, what has been asked."""

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from football_assets.emulators.sources import Row

HIGHEST_TIER = 6
FREE_OF_CHARGE = frozenset({"info", "info/usage"})
MOST_REMEMBERED_CALLS = 10_000
BEARER = "Bearer "
NO_BEARER = 'Unauthorized. Did you forget to add "Bearer " before your key?'


class Refused(Exception):
    """A request that is not answered: HTTP status and message."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


@dataclass
class Account:
    """One key, its tier (0 free, 1-6 paid) and monthly calls, counted by the emulated clock.

    `key` None accepts every key. A month begins on the 1st at 00:00 UTC; going back in time finds the month's count
    as it was left.
    """

    now: Callable[[], datetime]
    key: str | None = None
    monthly_limit: int = 1000
    tier: int = 0
    _used: Counter[tuple[int, int]] = field(default_factory=Counter)
    _calls: deque[tuple[datetime, str]] = field(default_factory=lambda: deque(maxlen=MOST_REMEMBERED_CALLS))

    def __post_init__(self) -> None:
        if not 0 <= self.tier <= HIGHEST_TIER or self.monthly_limit < 0:
            raise ValueError(
                f"setting up the account: tier {self.tier}, {self.monthly_limit} calls a month. "
                f"Use a tier from 0 to {HIGHEST_TIER} and no negative limit."
            )

    @property
    def remaining(self) -> int:
        """Calls left in the emulated month."""
        return max(self.monthly_limit - self._used[self._month], 0)

    def authenticate(self, authorization: str) -> None:
        """Refuse (401) a missing or wrong `Authorization` header."""
        if not authorization.startswith(BEARER) or not authorization.removeprefix(BEARER).strip():
            raise Refused(401, NO_BEARER)
        if self.key is not None and authorization.removeprefix(BEARER) != self.key:
            raise Refused(401, "Unauthorized")

    def admit(self, path: str, tier: int) -> None:
        """Refuse a call beyond the quota (429) or above the key's tier (401)."""
        if path not in FREE_OF_CHARGE and not self.remaining:
            raise Refused(429, "Monthly call quota exceeded.")
        if self.tier < tier:
            raise Refused(401, f"Unauthorized. This endpoint requires a Patreon subscription at Tier {tier} or higher.")

    @contextmanager
    def charged(self, path: str) -> Iterator[None]:
        """Reserve a call while it is answered; one that fails is given back."""
        if path in FREE_OF_CHARGE:
            yield
            return
        month = self._month
        self._used[month] += 1
        try:
            yield
        except BaseException:
            self._used[month] -= 1
            raise
        self._calls.append((self.now(), f"/{path}"))

    def info(self) -> Row:
        """The UserInfo object."""
        return {
            "patronLevel": self.tier,
            "tierName": f"Tier {self.tier}" if self.tier else "Free",
            "monthlyLimit": self.monthly_limit,
            "remainingCalls": self.remaining,
            "usedCalls": self.monthly_limit - self.remaining,
            "resetAt": _text(self._resets_at),
            "sharedPool": True,
            "products": ["cfb", "cbb"],
            "features": {
                "adjustedMetrics": self.tier >= 1,
                "weather": self.tier >= 1,
                "scoreboard": self.tier >= 1,
                "livePlayByPlay": self.tier >= 2,
                "graphQl": self.tier >= 3,
            },
        }

    def usage(self, days: int, limit: int, api: str) -> Row:
        """The UserUsage object of the last `days`, its lists at most `limit` long; basketball is never asked here."""
        end = self.now()
        start = end - timedelta(days=days)
        calls = [] if api == "cbb" else [call for call in self._calls if start <= call[0] < end]
        counts = Counter(endpoint for _, endpoint in calls)
        last_used = dict(sorted((endpoint, at) for at, endpoint in calls))
        return {
            "window": {"start": _text(start), "end": _text(end)},
            "api": api,
            "totals": {
                "requests": len(calls),
                "cfbRequests": len(calls),
                "cbbRequests": 0,
                "uniqueEndpoints": len(counts),
            },
            "topEndpoints": [
                {"api": "cfb", "endpoint": endpoint, "requests": count, "lastUsedAt": _text(last_used[endpoint])}
                for endpoint, count in counts.most_common(limit)
            ],
            "recentRequests": [
                {"api": "cfb", "endpoint": endpoint, "requestedAt": _text(at)}
                for at, endpoint in sorted(calls, reverse=True)[:limit]
            ],
        }

    @property
    def _month(self) -> tuple[int, int]:
        now = self.now()
        return now.year, now.month

    @property
    def _resets_at(self) -> datetime:
        year, month = self._month
        return datetime(year + month // 12, month % 12 + 1, 1, tzinfo=UTC)


def _text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
