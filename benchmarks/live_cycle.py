"""How long a live cycle takes, by strategy, against an emulator that answers each request after 240 ms on average.

    python -m benchmarks.live_cycle [--matches N] [--json FILE]

Three ways to the same rows, measured in one run: a plain client that asks one thing after another, the enrichment alone
by strategy, and the whole job with its checks and its publication. The emulator is a process of its own; its clock goes
forward by 30 s between cycles, so that there is something to change. The job is measured from the creation of its run
to its last check in this process, with runs and events in SQLite: waiting in the queue and the start of a run's process
are not in it. Cycles follow at once, so the minute's budget of odds is lifted.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp

MEAN_LATENCY_MS, CONNECTIONS, STEP_S, REPEATS = 240, 30, 30, 3
STARTS_AT = datetime(2026, 5, 16, 15, 0, tzinfo=UTC)  # a Saturday afternoon
QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
LIVE_SHARE = 0.33  # of a simulated day's matches that are in the live list then, at least


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_cycle", description=__doc__)
    parser.add_argument("--matches", type=int, default=49, help="live matches (default 49)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(arguments.matches)
        return
    with tempfile.TemporaryDirectory(prefix="live-cycle-") as folder, emulator(arguments.matches) as url:
        figures = measure(url, Path(folder), arguments.matches)
    report = json.dumps(figures, indent=2)
    print(report)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(report + "\n", encoding="utf-8")


def serve(matches: int) -> None:
    """The emulator of exactly so many live matches, until the process is ended."""
    from football_assets.emulators.clock import EmulatedClock
    from football_assets.emulators.faults import Faults
    from football_assets.emulators.server import run
    from football_assets.emulators.simulation.soccer import SimulatedMatches
    from football_assets.emulators.thesports import thesports_app

    a_day = min(2000, max(10, round(matches / LIVE_SHARE)))
    world = SimulatedMatches(1, around=STARTS_AT, matches_a_day=a_day)
    chosen = {row["id"] for row in world.live(STARTS_AT)[:matches]}
    if len(chosen) < matches:
        raise SystemExit(f"measuring {matches} matches: the simulation has {len(chosen)} at once. Ask for fewer.")
    everything = world.live
    world.live = lambda at: [row for row in everything(at) if row["id"] in chosen]  # type: ignore[method-assign]
    app = thesports_app(
        world, EmulatedClock(STARTS_AT), Faults.parse([f"latency={MEAN_LATENCY_MS}:{MEAN_LATENCY_MS / 3}"])
    )
    asyncio.run(run(app, 0, ready=lambda url: print(url, flush=True)))


@contextmanager
def emulator(matches: int) -> Iterator[str]:
    """The emulator in a process of its own; gives its address."""
    command = [sys.executable, "-m", "benchmarks.live_cycle", "--serve", "--matches", str(matches)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait()


def measure(url: str, folder: Path, matches: int) -> dict[str, Any]:
    os.environ |= {
        "FOOTBALL_THESPORTS_URL": url,
        "FOOTBALL_THESPORTS__CONNECTIONS": str(CONNECTIONS),
        "FOOTBALL_THESPORTS__PER_MINUTE_BY_PATH": "{}",
        "FOOTBALL_LIVE__DEADLINE_S": "120",
        "THESPORTS_USER": "benchmark",
        "THESPORTS_SECRET": "benchmark",
    }
    enrichment = measure_enrichment(url, folder / "enrichment")
    job = measure_job(url, folder / "job")
    sequential_s, sequential_requests = asyncio.run(one_after_another(url))
    return {
        "matches": matches,
        "mean_latency_ms": MEAN_LATENCY_MS,
        "connections": CONNECTIONS,
        "cycle_measured": "whole job in one process, from the creation of the run to its last check",
        **job,
        **enrichment,
        "sequential_s": sequential_s,
        "requests_sequential": sequential_requests,
        "sequential_to_full": round(sequential_s / enrichment["enrich_full_s"], 1),
        "sequential_to_delta": round(sequential_s / enrichment["enrich_delta_s"], 1),
        "peak_rss_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def measure_enrichment(url: str, home: Path) -> dict[str, Any]:
    """Live list and enrichment, in seconds and requests: everything with no name known, then what changed."""
    full_s, full = enrich_once(home, "full")
    deltas = []
    for _ in range(REPEATS):
        forward(url)
        deltas.append(enrich_once(home, "delta"))
    return {
        "enrich_full_s": full_s,
        "enrich_delta_s": median(seconds for seconds, _ in deltas),
        "requests_full": full,
        "requests_delta": round(statistics.median(requests for _, requests in deltas)),
    }


def enrich_once(home: Path, strategy: str) -> tuple[float, int]:
    from football_assets.providers import Connection
    from football_assets.soccer.client import TheSports
    from football_assets.soccer.cycle import enrich
    from football_assets.soccer.live import live_rows
    from football_assets.soccer.schemas import EnrichedMatches, LiveMatches, OddsQuotes
    from football_assets.tables import from_rows
    from football_assets.warehouse.lake import Lake

    settings = settings_of(home, strategy)
    connection = Connection("soccer", settings, deadline_s=120)
    lake = Lake(settings.folder, connection.source)
    began = time.perf_counter()
    try:
        reading = connection.run(lambda transport: TheSports(transport).live())
        live = from_rows(LiveMatches, live_rows(reading.value[0], reading.served_at))
        found = connection.run(lambda transport: enrich(transport, live, lake, settings))
    finally:
        connection.close()
    took_s = time.perf_counter() - began
    if found.about["gaps"]:
        raise SystemExit(f"measuring {strategy}: {found.about['gaps'][0]}. Nothing was measured.")
    lake.write(EnrichedMatches, found.matches)
    lake.write(OddsQuotes, found.quotes)
    return round(took_s, 3), sum(found.about["reading"]["requests"].values())


def measure_job(url: str, home: Path) -> dict[str, Any]:
    """The whole cycle: cold, with names cached, and with changes alone."""
    cold = run_job(home, "full")
    forward(url)
    cached = run_job(home, "full")
    deltas = []
    for _ in range(REPEATS):
        forward(url)
        deltas.append(run_job(home, "delta"))
    return {
        "full_s": cold[0],
        "cached_s": cached[0],
        "delta_s": median(seconds for seconds, _, _ in deltas),
        "events_per_cycle": deltas[-1][1],
        "event_log_bytes_per_cycle": deltas[-1][2],
    }


def run_job(home: Path, strategy: str) -> tuple[float, int, int]:
    """(seconds from the run's creation to its last check, events, bytes of events)."""
    from dagster import DagsterEventType, DagsterInstance, execute_job, reconstructable
    from dagster._serdes import serialize_value

    from football_assets.operations.dagster_home import prepare_dagster_home

    settings = settings_of(home, strategy)
    with DagsterInstance.from_config(str(prepare_dagster_home(settings))) as instance:
        began = time.time()
        outcome = execute_job(reconstructable(live_cycle), instance=instance, run_config=QUIET)
        if not outcome.success:
            raise SystemExit(f"measuring the {strategy} cycle: the run failed. Nothing was measured.")
        entries = instance.all_logs(outcome.run_id)
    checks = [
        entry.timestamp
        for entry in entries
        if entry.dagster_event and entry.dagster_event.event_type is DagsterEventType.ASSET_CHECK_EVALUATION
    ]
    return round(max(checks) - began, 3), len(entries), sum(len(serialize_value(entry)) for entry in entries)


def live_cycle() -> Any:
    """The job, as `execute_job` wants it named."""
    from football_assets.definitions import defs

    return defs.resolve_job_def("live_cycle")


async def one_after_another(url: str) -> tuple[float, int]:
    """The old design: live list, then for each match its detail, odds, teams and competition, each waited for."""
    auth = {"user": "benchmark", "secret": "benchmark"}
    requests = 0
    known: set[tuple[str, str]] = set()

    async with aiohttp.ClientSession() as session:

        async def ask(path: str, **params: str) -> Any:
            nonlocal requests
            requests += 1
            async with session.get(f"{url}/{path}", params={**params, **auth}) as response:
                return (await response.json())["results"]

        began = time.perf_counter()
        for match in await ask("match/detail_live"):
            (detail,) = await ask("match/recent/list", uuid=match["id"])
            await ask("odds/history", uuid=match["id"])
            for path, name in (
                ("team/additional/list", "home_team_id"),
                ("team/additional/list", "away_team_id"),
                ("competition/additional/list", "competition_id"),
            ):
                if (path, detail[name]) not in known:
                    known.add((path, detail[name]))
                    await ask(path, uuid=detail[name])
        await ask("country/list")
        return round(time.perf_counter() - began, 3), requests


def settings_of(home: Path, strategy: str) -> Any:
    from football_assets.config import load_settings

    os.environ |= {"FOOTBALL_HOME": str(home), "FOOTBALL_LIVE__STRATEGY": strategy}
    return load_settings()


def forward(url: str) -> None:
    """Put the emulator's clock forward."""
    root = url.removesuffix("/v1/football")
    with urllib.request.urlopen(f"{root}/__emulator__/stats") as answer:
        now = datetime.fromisoformat(json.load(answer)["now"])
    body = json.dumps({"at": (now + timedelta(seconds=STEP_S)).isoformat()}).encode()
    urllib.request.urlopen(urllib.request.Request(f"{root}/__emulator__/clock", body)).close()


def median(values: Iterator[float]) -> float:
    return round(statistics.median(values), 3)


if __name__ == "__main__":
    main()
