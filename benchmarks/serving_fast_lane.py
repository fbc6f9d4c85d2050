"""The fast lane: from a change at the emulated provider to a client of the stream.

    python -m benchmarks.serving_fast_lane [--changes 20] [--interval 2] [--json F]

Provider, server and client run in this process over a small world that is removed afterwards; a change is made at a
random instant between two looks. Each look is entered into the change log before it is passed on.
"""

import argparse
import asyncio
import os
import random
import statistics
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks.serving_process import tell
from football_assets.client import AsyncFootball
from football_assets.config import load_settings
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.server import serving
from football_assets.emulators.thesports import thesports_app
from football_assets.soccer.fast_lane import FastLane
from football_assets.soccer.history import History
from football_assets.states import Source
from football_assets_tests.emulated import served
from football_assets_tests.emulated.test_fast_lane import Matches

KEY = "m001"


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--changes", type=int, default=20)
    arguments.add_argument("--interval", type=float, default=2)
    arguments.add_argument("--json", type=Path)
    asked = arguments.parse_args()
    found = measured(asked.changes, asked.interval)
    tell(found, asked.json, width=22)


def measured(changes: int, interval_s: float) -> dict[str, Any]:
    source = Matches(**{KEY: (0, 0)})
    loop, stop, up, at = asyncio.new_event_loop(), asyncio.Event(), threading.Event(), {}

    async def provide() -> None:
        app = thesports_app(source, EmulatedClock(served.AT, 1.0), Faults.parse(()))
        async with serving(app) as url:
            at["url"] = url
            up.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(provide(),))
    thread.start()
    up.wait(10)
    with tempfile.TemporaryDirectory() as folder:
        lane = load_settings().fast_lane.model_copy(update={"enabled": True, "interval_s": interval_s})
        more = {"home": Path(folder), "thesports_url": at["url"], "fast_lane": lane}
        settings = load_settings().model_copy(update=more)
        rows = served.soccer_rows()
        served.put(settings.folder, "soccer", rows)
        served.keep(settings.folder, rows)
        with served.Served(settings, looker=lambda: FastLane(settings)).running() as server:
            took = asyncio.run(changed(server.url, source, changes, interval_s))
        (log,) = History(settings.folder, Source.SIMULATED).logs(served.AT.date())
        entered = len(log.looks.entries())
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    ordered = sorted(took)
    return {
        "changes": changes,
        "interval_s": interval_s,
        "looks_in_change_log": entered,
        "p50_s": round(statistics.median(ordered), 3),
        "p95_s": round(ordered[int(len(ordered) * 0.95)], 3),
        "max_s": round(ordered[-1], 3),
        "allowed_p95_s": interval_s + 1,
        "load_average": round(os.getloadavg()[0], 1),
    }


async def changed(url: str, source: Any, changes: int, interval_s: float) -> list[float]:
    """Seconds from each change until the client has it."""
    rng, took = random.Random(1), []
    async with AsyncFootball(url) as football:
        events = football.follow("soccer.matches", keys=[KEY])
        await anext(events)
        await asyncio.sleep(2 * interval_s)
        for score in range(10, 10 + changes):
            await asyncio.sleep(rng.uniform(0, interval_s))
            source.scores[KEY] = (score, 0)
            began = time.monotonic()
            while (await asyncio.wait_for(anext(events), 60)).data.get("home_score") != score:
                pass
            took.append(time.monotonic() - began)
        await events.aclose()
    return took


if __name__ == "__main__":
    main()
