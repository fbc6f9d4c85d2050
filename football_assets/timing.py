"""How long the parts of a cycle take, as numbers that Dagster keeps with each table and plots over time."""

import resource
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

# The tag of a run that says when the tick that asked for it was due.
TICK_TAG = "football/tick_at"


class Phases:
    """Seconds by phase, in the order of their beginning."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def measured(self, phase: str) -> Iterator[None]:
        """Add what happens inside to a phase, such as `flatten_s`, whether or not it succeeds."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[phase] = round(self.seconds.get(phase, 0.0) + time.perf_counter() - began, 4)

    def only(self, *phases: str) -> dict[str, float]:
        """Some of the phases."""
        return {phase: self.seconds[phase] for phase in phases}


def peak_rss_mb() -> float:
    """The most memory that this process has held, in megabytes of 1,000,000 bytes."""
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6, 1)


def after_tick(name: str, tags: Mapping[str, str], now: datetime) -> dict[str, float]:
    """Seconds from the tick that asked for a run until `now`, under a name; nothing for a run started by hand."""
    tick_at = tags.get(TICK_TAG)
    return {name: round((now - datetime.fromisoformat(tick_at)).total_seconds(), 3)} if tick_at else {}
