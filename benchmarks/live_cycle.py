"""How long a live cycle takes through a real daemon, from its tick to its last check, beside a client that waits.

    python -m benchmarks.live_cycle [--matches N] [--runs 20] [--json FILE] [--part]

An emulator answers each request after 240 ms on average; emulator, code server and daemon are processes of their own
on this machine, Dagster's records lie in SQLite. The product's own sensor starts a cycle every 10 s. The minute's
budget of odds is lifted, because cycles follow so closely. Measured in turn are a cycle that knows nothing (`full`),
one that asks everything with names at hand, because the previous cycle is too old to go on from (`cached`), and one
that asks what changed in the last 30 s (`delta`). The first cycle imports the code and is left out.

With `--part` the cycles in FILE count as well, so that 20 of each can be measured in several short sittings: four times
`--runs 5 --part`, four minutes each.

A cycle's time is from its tick, as Dagster recorded it, to its last check, as Dagster recorded that. `launch`: from the
tick to the beginning of the first step; the other phases are what the assets tell of themselves in their metadata;
`dagster` is the rest: steps, events, and files of the lake. `sequential` is the old design, a client that asks one
thing after another, against the same emulator; it is measured once in each sitting.
"""

import argparse
import asyncio
import json
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import aiohttp

from benchmarks.live_platform import (
    CONNECTIONS,
    MEAN_LATENCY_MS,
    Cycle,
    emulator,
    forward,
    platform,
    settings_variables,
)

RUNS = 20
# The emulator's clock goes forward by so much before a cycle: what is older than the limit is not gone on from.
LIMIT_S, CHANGES_S, TOO_OLD_S = 60, 30, 90
STRATEGIES = {"full": "full", "cached": "full", "delta": "delta"}
PHASES = ("list_s", "enrich_s", "flatten_s", "predict_s", "board_s", "history_s", "publish_s", "checks_s")
Figures = dict[str, Any]


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
    parser.add_argument("--part", action="store_true", help="add to what the file holds")
    arguments = parser.parse_args()
    if arguments.part and arguments.json is None:
        parser.error("--part adds to a file: name it with --json")
    wanted = arguments.strategies.split(",")
    earlier = kept(arguments.json, arguments.matches) if arguments.part else {}
    with tempfile.TemporaryDirectory(prefix="live-cycle-") as folder, emulator(arguments.matches) as url:
        measured = measure(wanted, url, Path(folder), arguments.runs)
        sequential_s, requests = asyncio.run(one_after_another(url))
    cycles = {name: [*earlier.get("cycles", {}).get(name, []), *measured[name]] for name in wanted}
    waited = [*earlier.get("sequential_every_s", []), sequential_s]
    figures = {
        "matches": arguments.matches,
        "mean_latency_ms": MEAN_LATENCY_MS,
        "connections": CONNECTIONS,
        "runs": min(map(len, cycles.values())),
        **summary(cycles),
        "sequential_s": median(waited),
        "requests_sequential": requests,
        **ratios(cycles, median(waited)),
        "phases_s": {name: phases_of(each) for name, each in cycles.items()},
        "every_s": {name: [cycle["total_s"] for cycle in each] for name, each in cycles.items()},
        "sequential_every_s": waited,
    }
    print(json.dumps(figures, indent=2))
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps({**figures, "cycles": cycles}, indent=2) + "\n", encoding="utf-8")


def kept(path: Path, matches: int) -> Figures:
    """What earlier sittings measured; nothing before the first."""
    if not path.exists():
        return {}
    found: Figures = json.loads(path.read_text(encoding="utf-8"))
    if "cycles" not in found or found["matches"] != matches:
        raise SystemExit(f"adding to {path}: it holds no cycles of {matches} matches. Name another file.")
    return found


def measure(wanted: Sequence[str], url: str, home: Path, runs: int) -> dict[str, list[Figures]]:
    """Cycles of each strategy in turn, each with something to change."""
    variables = {**settings_variables(url, home, "auto"), "FOOTBALL_LIVE__DELTA_LIMIT_S": str(LIMIT_S)}
    order = [*wanted] * runs
    found: dict[str, list[Figures]] = {name: [] for name in wanted}
    with platform(variables, home) as running:
        running.next_cycle(lambda: prepare(order[0], url, home))  # imports the code
        for name, following in zip(order, [*order[1:], order[0]], strict=True):
            cycle = running.next_cycle(lambda name=following: prepare(name, url, home))  # type: ignore[misc]
            found[name].append(figures_of(name, cycle))
    return found


def prepare(name: str, url: str, home: Path) -> None:
    """Before the tick of a cycle of a strategy: the clock goes forward; of `full` nothing is known any more."""
    forward(url, CHANGES_S if name == "delta" else TOO_OLD_S)
    if name == "full":
        for cache in home.glob("*/cache"):
            shutil.rmtree(cache)
        for table in home.glob("*/lake/soccer/enriched_matches.parquet"):
            table.unlink()


def figures_of(name: str, cycle: Cycle) -> Figures:
    """What a cycle took. One that was not whole, or not of that strategy, measures nothing."""
    gaps, enriched = cycle.told["soccer/flattened_matches"]["gaps"], cycle.told["soccer/enriched_matches"]
    if gaps:
        raise SystemExit(f"measuring {name}: {gaps[0]}. Nothing was measured.")
    if enriched["strategy"] != STRATEGIES[name]:
        raise SystemExit(f"measuring {name}: the cycle was {enriched['strategy']}. Nothing was measured.")
    kinds = [entry.dagster_event.event_type_value for entry in cycle.entries if entry.dagster_event]
    return {
        "total_s": round(cycle.total_s, 3),
        # The live list and all that is asked of its matches, as the sequential client does.
        "enrich_s": cycle.told["soccer/live_matches"]["list_s"] + enriched["enrich_s"],
        "requests": sum(enriched["reading"]["requests"].values()),
        "checks": kinds.count("ASSET_CHECK_EVALUATION"),
        "events": len(cycle.entries),
        "peak_rss_mb": cycle.told["warehouse/soccer"]["peak_rss_mb"],
        "phases_s": {phase: round(seconds, 3) for phase, seconds in phases(cycle).items()},
    }


def summary(measured: dict[str, list[Figures]]) -> Figures:
    """Medians by strategy."""
    found: Figures = {}
    for name, cycles in measured.items():
        found[f"{name}_s"] = median(cycle["total_s"] for cycle in cycles)
        found[f"enrich_{name}_s"] = median(cycle["enrich_s"] for cycle in cycles)
        found[f"requests_{name}"] = round(statistics.median(cycle["requests"] for cycle in cycles))
        found[f"checks_{name}"] = cycles[-1]["checks"]
        found[f"events_{name}"] = cycles[-1]["events"]
    return {**found, "peak_rss_mb": max(cycle["peak_rss_mb"] for cycles in measured.values() for cycle in cycles)}


def ratios(measured: dict[str, list[Figures]], sequential_s: float) -> dict[str, float]:
    """How many times faster than asking one thing after another."""
    return {
        f"sequential_to_{part}{name}": round(sequential_s / median(cycle[what] for cycle in cycles), 1)
        for name, cycles in measured.items()
        for part, what in (("enrich_", "enrich_s"), ("", "total_s"))
    }


def phases_of(cycles: list[Figures]) -> dict[str, float]:
    """The phases of the cycle in the middle, what they add up to, and its whole."""
    middle = sorted(cycles, key=lambda cycle: float(cycle["total_s"]))[(len(cycles) - 1) // 2]
    return {**middle["phases_s"], "sum_s": round(sum(middle["phases_s"].values()), 3), "total_s": middle["total_s"]}


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
