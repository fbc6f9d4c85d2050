"""What a live cycle costs by the number of live matches: time of each phase, requests, memory.

    python -m benchmarks.live_sizes [--sizes 49,111,340,1000,5000] [--cycles 3] [--json FILE]

Each cycle is the whole job in a process forked from one that has the code imported, as in the product, with the
product's own limits: 25 s a cycle, 120 odds a minute. So the first cycles of a large list do not know everything; what
was not asked is listed, and keeps its last odds. The first cycle asks everything, the others what changed; told are the
first and the median of the others. The emulator answers after 240 ms on average; beyond 500 matches it serves the same
ones several times under other ids.
"""

import argparse
import json
import multiprocessing
import os
import statistics
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.live_cycle import PHASES
from benchmarks.live_platform import LIVE_JOB, emulator, forward, settings_variables

SIZES, CYCLES, STEP_S = "49,111,340,1000,5000", 3, 40
QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
PRODUCT = ("FOOTBALL_LIVE__DEADLINE_S", "FOOTBALL_THESPORTS__PER_MINUTE_BY_PATH")  # as the product sets them


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.live_sizes",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--sizes", default=SIZES, help=f"numbers of live matches (default {SIZES})")
    parser.add_argument("--cycles", type=int, default=CYCLES, help="cycles after the first (default 3)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    figures = []
    for size in map(int, arguments.sizes.split(",")):
        with tempfile.TemporaryDirectory(prefix="live-sizes-") as folder, emulator(size) as url:
            figures.append(measured(size, url, Path(folder), arguments.cycles))
        print(json.dumps(figures[-1], indent=2), flush=True)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measured(matches: int, url: str, home: Path, cycles: int) -> dict[str, Any]:
    """The cost of one size."""
    with environment(url, home):
        job = live_job()
        first = forked_cycle(job)
        later = []
        for _ in range(cycles):
            forward(url, STEP_S)
            later.append(forked_cycle(job))
    delta = {name: round(statistics.median(each[name] for each in later), 3) for name in first}
    return {
        "matches": matches,
        "flatten_ms_a_match": round(
            statistics.median(each["flatten_s"] for each in (first, *later)) / matches * 1000, 3
        ),
        "peak_rss_mb": max(each["peak_rss_mb"] for each in (first, *later)),
        "full": first,
        "delta": delta,
    }


@contextmanager
def environment(url: str, home: Path) -> Iterator[None]:
    """The settings of a size; Dagster's records lie beside its tables."""
    from football_assets.config import load_settings
    from football_assets.operations.dagster_home import prepare_dagster_home

    before = dict(os.environ)
    variables = settings_variables(url, home, "auto")
    os.environ.update({name: value for name, value in variables.items() if name not in PRODUCT})
    os.environ["DAGSTER_HOME"] = str(prepare_dagster_home(load_settings()))
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def live_job() -> Any:
    """The job with everything imported that its processes need."""
    from football_assets.definitions import defs
    from football_assets.tables import prepare

    prepare()
    return defs.resolve_job_def(LIVE_JOB)


def forked_cycle(job: Any) -> dict[str, float]:
    """One cycle in a process of its own, and what its tables tell."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_run, args=(job, theirs))
    process.start()
    theirs.close()
    try:
        found: dict[str, float] = ours.recv()
    except EOFError:
        raise SystemExit("measuring a cycle: its run failed. Nothing was measured.") from None
    finally:
        process.join()
    return found


def _run(job: Any, answer: Any) -> None:
    from dagster import DagsterInstance

    began = time.perf_counter()
    with DagsterInstance.get() as instance:
        outcome = job.execute_in_process(instance=instance, raise_on_error=False, run_config=QUIET)
    took_s = time.perf_counter() - began
    if outcome.success:
        answer.send(_figures(outcome.get_asset_materialization_events(), took_s))
    answer.close()


def _figures(events: Iterable[Any], took_s: float) -> dict[str, float]:
    told = {
        event.asset_key.path[-1]: {name: value.value for name, value in event.materialization.metadata.items()}
        for event in events
    }
    phases = {name: round(sum(about.get(name, 0.0) for about in told.values()), 3) for name in PHASES}
    reading = told["enriched_matches"]["reading"]
    return {
        **phases,
        "dagster_s": round(took_s - sum(phases.values()), 3),
        "run_s": round(took_s, 3),
        "requests": sum(reading["requests"].values()),
        "odds_asked": reading["requests"].get("odds/history", 0),
        "gaps": len(told["flattened_matches"]["gaps"]),
        "peak_rss_mb": told["soccer"]["peak_rss_mb"],
    }


if __name__ == "__main__":
    main()
