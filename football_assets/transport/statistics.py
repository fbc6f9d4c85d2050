"""What a transport did, counted."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class TransportStats:
    """Counts of one transport since it was opened.

    `requests` are HTTP tries by path, retries included. `outcomes` are results after retries by path: ok, unavailable,
    rejected, changed, or `held back` where a limit left no room; answers from the cache and coalesced callers are not
    among them. `bytes_read` is after decompression. `waited_for_limits_s` adds up the waits of all requests.
    """

    requests: Counter[str] = field(default_factory=Counter)
    outcomes: dict[str, Counter[str]] = field(default_factory=dict)
    retries: int = 0
    cache_hits: Counter[str] = field(default_factory=Counter)
    cache_misses: int = 0
    stale_served: int = 0
    coalesced: int = 0
    bytes_read: int = 0
    in_flight: int = 0
    peak_in_flight: int = 0
    waited_for_limits_s: float = 0.0

    def started(self, path: str) -> None:
        """A try goes out."""
        self.requests[path] += 1
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)

    def ended(self) -> None:
        """A try is over, however it went."""
        self.in_flight -= 1

    def settled(self, path: str, outcome: str) -> None:
        """A request ended after its last try."""
        self.outcomes.setdefault(path, Counter())[outcome] += 1

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON types; `cache_hits` by tier."""
        return {
            "requests": dict(self.requests),
            "outcomes": {path: dict(counts) for path, counts in self.outcomes.items()},
            "retries": self.retries,
            "cache_hits": dict(self.cache_hits),
            "cache_misses": self.cache_misses,
            "stale_served": self.stale_served,
            "coalesced": self.coalesced,
            "bytes_read": self.bytes_read,
            "peak_in_flight": self.peak_in_flight,
            "waited_for_limits_s": round(self.waited_for_limits_s, 3),
        }
