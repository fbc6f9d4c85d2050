"""Cached reads: latency at a steady rate, and what the cache saves on a trace of reads against reading each time.

    python -m benchmarks.serving_reads [--rate 500] [--seconds 10] [--json F]

Needs a published home (`make run`). The server runs in a process of its own.
"""

import argparse
import asyncio
import random
import statistics
import time
from pathlib import Path

import aiohttp

from benchmarks.serving_process import hold_still, read, ready, server, tell
from football_assets.config import load_settings
from football_assets.rooms import load_declarations
from football_assets.serving.published import Published

PATHS = (
    "/v1/soccer/matches?live=true&limit=50",
    "/v1/ncaaf/predictions?limit=50",
    "/v1/ncaaf/standings?limit=50",
    "/v1/ncaaf/rankings?limit=25",
    "/v1/ncaaf/games?week=3&limit=50",
)
TRACE = 10_000


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--rate", type=int, default=500)
    arguments.add_argument("--seconds", type=float, default=10)
    arguments.add_argument("--json", type=Path)
    asked = arguments.parse_args()
    with server() as url:
        found = asyncio.run(measured(url, asked.rate, asked.seconds))
    tell(found, asked.json)


async def measured(url: str, rate: int, seconds: float) -> dict[str, float]:
    async with aiohttp.ClientSession(headers={"Accept-Encoding": "identity"}) as session:
        await ready(session, url)
        for path in PATHS:
            await read(session, url + path)
        hold_still()
        steady = await at_rate(session, url, rate, seconds)
        before = (await read(session, f"{url}/v1/cache/stats"))["data"]
        rng = random.Random(1)
        # Few addresses get most reads, as on a board that many keep open.
        weights = [1 / (n + 1) for n in range(len(PATHS))]
        cached = [await timed(session, url + path) for path in rng.choices(PATHS, weights, k=TRACE)]
        after = (await read(session, f"{url}/v1/cache/stats"))["data"]
    made = after["misses"] - before["misses"]
    uncached = reference()
    return {
        "rate_per_s": rate,
        "p50_ms": round(statistics.median(steady), 3),
        "p99_ms": round(sorted(steady)[int(len(steady) * 0.99)], 3),
        "trace_reads": TRACE,
        "trace_p50_ms": round(statistics.median(cached), 3),
        "uncached_p50_ms": round(uncached, 3),
        "p50_below_pct": round(100 * (1 - statistics.median(cached) / uncached), 1),
        "table_reads_below_pct": round(100 * (1 - made / TRACE), 2),
        "hit_rate_pct": round(100 * (1 - made / (after["reads"] - before["reads"])), 2),
    }


async def timed(session: aiohttp.ClientSession, address: str) -> float:
    began = time.perf_counter()
    async with session.get(address) as answer:
        await answer.read()
    return 1000 * (time.perf_counter() - began)


async def at_rate(session: aiohttp.ClientSession, url: str, rate: int, seconds: float) -> list[float]:
    """Latencies of reads that start at fixed instants, whether or not the ones before are answered."""
    begin, took, waiting = time.perf_counter(), [], set()
    for number in range(int(rate * seconds)):
        wait = begin + number / rate - time.perf_counter()
        if wait > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(timed(session, url + PATHS[number % len(PATHS)]))
        waiting.add(task)
        task.add_done_callback(lambda done: (waiting.discard(done), took.append(done.result())))
    while waiting:
        await asyncio.gather(*waiting)
    return took


def reference() -> float:
    """Median ms of the same reads without any cache: the tables read from the database for each request."""
    load_declarations()
    from football_assets.ncaa.ledger_schemas import GamePredictions
    from football_assets.ncaa.schemas import Games, TeamRecords
    from football_assets.ncaa.season_schemas import Rankings
    from football_assets.serving.rows import records, to_bytes
    from football_assets.soccer.schemas import FlattenedMatches

    took = []
    tables = (
        ("soccer", FlattenedMatches),
        *(("ncaa", each) for each in (GamePredictions, TeamRecords, Rankings, Games)),
    )
    for _ in range(3):
        for domain, table in tables:
            began = time.perf_counter()
            frame = Published(load_settings()).view(domain, table)[table]
            to_bytes(records(frame.head(50)))
            took.append(1000 * (time.perf_counter() - began))
    return statistics.median(took)


if __name__ == "__main__":
    main()
