"""How long a live cycle takes through a real daemon, from its tick to its last check, beside a client that waits.

    python -m benchmarks.live_cycle [--matches N] [--runs 20] [--strategies full,cached,delta] [--json FILE]

An emulator answers each request after 240 ms on average; emulator, code server and daemon are processes of their own on
this machine, Dagster's records lie in SQLite. The product's own sensor starts a cycle every 10 s; between two of them
the emulator's clock goes forward by 30 s, so that there is something to change. The minute's budget of odds is lifted,
because cycles follow so closely. Measured are cycles that ask everything and know no name (`full`), the same with names
at hand (`cached`), and those that ask what changed (`delta`). The first cycle of each imports the code and is left out.

A cycle's time is from its tick, as Dagster recorded it, to its last check, as Dagster recorded that. `launch`: from the
tick to the beginning of the first step; the other phases are what the assets tell of themselves in their metadata;
`dagster` is the rest: steps, events, and files of the lake. `sequential` is the old design, a client that asks one
thing after another, against the same emulator.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.live_platform import (
    CONNECTIONS,
    MEAN_LATENCY_MS,
    Cycle,
    Platform,
    emulator,
    forward,
    platform,
    settings_variables,
)

RUNS, STEP_S = 20, 30
STRATEGIES = {"full": "full", "cached": "full", "delta": "delta"}
PHASES = ("list_s", "enrich_s", "flatten_s", "predict_s", "board_s", "history_s", "publish_s", "checks_s")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.live_cycle",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--matches", type=int, default=49, help="live matches (default 49)")
    parser.add_argument("--runs", type=int, default=RUNS, help="cycles of each strategy (default 20)")
    parser.add_argument("--strategies", default=",".join(STRATEGIES), help="which of full,cached,delta (default all)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    wanted = arguments.strategies.split(",")
    with tempfile.TemporaryDirectory(prefix="live-cycle-") as folder, emulator(arguments.matches) as url:
        measured = {name: measure(name, url, Path(folder) / name, arguments.runs) for name in wanted}
        sequential_s, requests = asyncio.run(one_after_another(url))
    figures = {
        "matches": arguments.matches,
        "mean_latency_ms": MEAN_LATENCY_MS,
        "connections": CONNECTIONS,
        "runs": arguments.runs,
        **summary(measured),
        "sequential_s": sequential_s,
        "requests_sequential": requests,
        **ratios(measured, sequential_s),
        "phases_s": {name: phases_of(cycles) for name, cycles in measured.items()},
        "every_s": {name: [round(cycle.total_s, 3) for cycle in cycles] for name, cycles in measured.items()},
    }
    report = json.dumps(figures, indent=2)
    print(report)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(report + "\n", encoding="utf-8")


def measure(name: str, url: str, home: Path, runs: int) -> list[Cycle]:
    """Cycles of one strategy, each with something to change."""

    def between() -> None:
        forward(url, STEP_S)
        if name == "full":
            forget(home)

    with platform(settings_variables(url, home, STRATEGIES[name]), home) as running:
        running.next_cycle(between)  # imports the code, and gives the others something to go on from
        return [told(name, running, between) for _ in range(runs)]


def told(name: str, running: Platform, between: Any) -> Cycle:
    cycle = running.next_cycle(between)
    found = cycle.told["soccer/flattened_matches"]["gaps"]
    if found:
        raise SystemExit(f"measuring {name}: {found[0]}. Nothing was measured.")
    return cycle


def forget(home: Path) -> None:
    """Nothing is known any more: neither names nor the previous cycle."""
    for cache in home.glob("*/cache"):
        shutil.rmtree(cache)
    for table in home.glob("*/lake/soccer/enriched_matches.parquet"):
        table.unlink()


def summary(measured: dict[str, list[Cycle]]) -> dict[str, Any]:
    """Medians by strategy."""
    found: dict[str, Any] = {}
    for name, cycles in measured.items():
        found[f"{name}_s"] = median(cycle.total_s for cycle in cycles)
        found[f"enrich_{name}_s"] = median(enrichment_s(cycle) for cycle in cycles)
        found[f"requests_{name}"] = round(statistics.median(requests_of(cycle) for cycle in cycles))
        found[f"checks_{name}"] = sum(kind == "ASSET_CHECK_EVALUATION" for kind in kinds(cycles[-1]))
        found[f"events_{name}"] = len(cycles[-1].entries)
    peaks = [cycle.told["warehouse/soccer"]["peak_rss_mb"] for cycles in measured.values() for cycle in cycles]
    return {**found, "peak_rss_mb": max(peaks)}


def ratios(measured: dict[str, list[Cycle]], sequential_s: float) -> dict[str, float]:
    """How many times faster than asking one thing after another."""
    return {
        f"sequential_to_{part}{name}": round(sequential_s / median(map(seconds, cycles)), 1)
        for name, cycles in measured.items()
        for part, seconds in (("enrich_", enrichment_s), ("", lambda cycle: cycle.total_s))
    }


def enrichment_s(cycle: Cycle) -> float:
    """The live list and all that is asked of its matches, as the sequential client does."""
    seconds: float = cycle.told["soccer/live_matches"]["list_s"] + cycle.told["soccer/enriched_matches"]["enrich_s"]
    return seconds


def requests_of(cycle: Cycle) -> int:
    return sum(cycle.told["soccer/enriched_matches"]["reading"]["requests"].values())


def kinds(cycle: Cycle) -> list[str]:
    return [entry.dagster_event.event_type_value for entry in cycle.entries if entry.dagster_event]


def phases_of(cycles: list[Cycle]) -> dict[str, float]:
    """The phases of the cycle in the middle, what they add up to, and its whole."""
    middle = sorted(cycles, key=lambda cycle: cycle.total_s)[(len(cycles) - 1) // 2]
    found = {name: round(seconds, 3) for name, seconds in phases(middle).items()}
    return {**found, "sum_s": round(sum(found.values()), 3), "total_s": round(middle.total_s, 3)}


def phases(cycle: Cycle) -> dict[str, float]:
    """One cycle's phases in seconds."""
    found = {"launch_s": cycle.first("STEP_START") - cycle.tick_at}
    found |= {name: sum(about.get(name, 0.0) for about in cycle.told.values()) for name in PHASES}
    return {**found, "dagster_s": cycle.total_s - sum(found.values())}


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


def median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


if __name__ == "__main__":
    main()
