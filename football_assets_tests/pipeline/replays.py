"""Recorded hours through the real asset graph, cycle by cycle, a minute of theirs for each.

The clock stands while a cycle reads and goes on by a minute before the next, so that figures are always the same. A
cycle takes a second or more: that is sixty times as fast as the world, at most.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.recorded_days import RecordedDay
from football_assets.emulators.recorded_rewind import RewoundPoll
from football_assets.emulators.recorded_stream import RecordedStream
from football_assets.emulators.server import DESK
from football_assets.emulators.sources import MatchSource
from football_assets.emulators.thesports import thesports_app
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread

MINUTE = timedelta(minutes=1)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]  # year, month, day, hour, minute, second


@dataclass(frozen=True)
class Replay:
    """Recorded hours: where they come from, where a short replay begins, and the whole of them."""

    source: Callable[[Path], MatchSource]
    begins: datetime
    first: datetime
    minutes: int


REPLAYS = {
    # A goal is taken back at 17:06; from 17:30:17 on everything is as captured.
    "poll": Replay(RewoundPoll, utc(2025, 5, 28, 17, 3, 17), utc(2025, 5, 28, 15, 0, 17), 152),
    "stream": Replay(RecordedStream, utc(2025, 4, 29, 1, 44, 0), utc(2025, 4, 29, 1, 32, 0), 87),
    "divisions": Replay(
        lambda folder: RecordedDay(folder, date(2024, 10, 5)),
        utc(2024, 10, 5, 14, 44, 0),
        utc(2024, 10, 5, 10, 29, 0),
        690,
    ),
    "world": Replay(
        lambda folder: RecordedDay(folder, date(2024, 9, 28), world=True),
        utc(2024, 9, 28, 14, 44, 0),
        utc(2024, 9, 28, 0, 0, 0),
        1440,
    ),
}


@dataclass(frozen=True)
class Cycle:
    """What one cycle did: rows told to the history, new quotes and corrections, requests by path, rows of tables."""

    at: datetime
    succeeded: bool
    rows_told: int
    new_quotes: int
    new_corrections: int
    requests: Counter[str]
    matches: int
    in_play: int
    violations: int
    seconds: float


class Player:
    """A replay in progress against its emulator; `source` can be asked what is true."""

    def __init__(self, replay: Replay, recordings: Path, home: Path, begins: datetime) -> None:
        self.source = replay.source(recordings)
        self.at = begins
        self._home = home
        self._clock = EmulatedClock(begins, 0)
        self._app = thesports_app(self.source, self._clock)
        self._server = EmulatorInThread(self._app)
        self.source.live(begins)  # read before the first cycle's time runs

    @contextmanager
    def running(self) -> Iterator[str]:
        """Serve; gives the address."""
        with self._server.running():
            yield self._server.url

    def play(self, run_cycle: Callable[[], Any], cycles: int) -> list[Cycle]:
        """Run so many cycles, a minute apart."""
        return [self._cycle(run_cycle) for _ in range(cycles)]

    def _cycle(self, run_cycle: Callable[[], Any]) -> Cycle:
        statistics = self._app[DESK].statistics
        statistics.reset()
        self._clock.set(self.at)
        # A minute has passed: what the cycle before asked counts no longer.
        for file in self._home.rglob("limits-*.sqlite*"):
            file.unlink()
        began = time.perf_counter()
        result = run_cycle()
        seconds = time.perf_counter() - began
        kept, board = (metadata_of(result, name) for name in ("corrections", "match_board"))
        counts = statistics.as_dict()
        cycle = Cycle(
            at=self.at,
            succeeded=result.success,
            rows_told=kept.get("rows_told", -1),
            new_quotes=kept.get("new_quotes", -1),
            new_corrections=kept.get("new_corrections", -1),
            requests=Counter({path: each["requests"] for path, each in counts["paths"].items()}),
            matches=metadata_of(result, "flattened_matches").get("dagster/row_count", -1),
            in_play=board.get("dagster/row_count", -1),
            violations=counts["violations"],
            seconds=seconds,
        )
        self.at += MINUTE
        return cycle


def metadata_of(result: Any, name: str) -> dict[str, Any]:
    """The metadata with which a table was materialized in a run; {} when it was not."""
    for event in result.get_asset_materialization_events():
        if event.asset_key.path[-1] == name:
            return {key: value.value for key, value in event.materialization.metadata.items()}
    return {}
