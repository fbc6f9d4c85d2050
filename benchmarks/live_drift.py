"""How regularly live cycles start: a day of 1,440 ticks of Dagster's own scheduler, minutes apart, evaluated at once.

    python -m benchmarks.live_drift [--ticks 1440] [--json FILE]

The scheduler's iteration, the schedule's evaluation in a real code server, the run's creation, the queue and the launch
are the product's. Accelerated are two things: the minutes between ticks are not waited for, and a launched run counts
as done at once instead of being executed. What the daemon does between two ticks is done between them here too, and
not counted. A tick is due on the minute, so the time from one start to the next is 60 s
plus what the later tick took longer from its being due until its run was launched: that difference is the drift. The
wait for the minute itself is measured apart, as the lateness of the same wait over 50 ms.
"""

import argparse
import json
import logging
import statistics
import tempfile
import threading
import time
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

from benchmarks.live_platform import LIVE_JOB, platform, settings_variables

TICKS, WAITS, WAIT_S = 1440, 200, 0.05
FIRST = datetime(2026, 5, 16, 0, 0, tzinfo=UTC)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.live_drift",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--ticks", type=int, default=TICKS, help=f"minutes (default {TICKS})")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="live-drift-") as folder:
        figures = measured(Path(folder), arguments.ticks)
    report = json.dumps(figures, indent=2)
    print(report)
    if arguments.json:
        arguments.json.parent.mkdir(parents=True, exist_ok=True)
        arguments.json.write_text(report + "\n", encoding="utf-8")


def measured(home: Path, ticks: int) -> dict[str, Any]:
    from dagster import RunsFilter
    from dagster._core.workspace.context import WorkspaceProcessContext
    from dagster._core.workspace.load_target import WorkspaceFileTarget
    from dagster._daemon.daemon import SchedulerDaemon  # noqa: F401 - the scheduler can be imported after it only
    from dagster._scheduler.scheduler import launch_scheduled_runs

    nowhere = settings_variables("http://127.0.0.1:9/v1/football", home, "auto")
    with platform({**nowhere, "FOOTBALL_LIVE__INTERVAL_S": "60"}, home, daemon=False) as running:
        instance = running.instance
        launched = launch_nothing(instance)
        between_ticks = instance.run_coordinator.between_ticks
        between_ticks.soon = lambda: None
        with WorkspaceProcessContext(instance, WorkspaceFileTarget([str(home / "workspace.yaml")])) as workspace:
            log, known, latencies = logging.getLogger("live_drift"), {}, []
            for tick in range(ticks + 1):
                due = FIRST + timedelta(minutes=tick, milliseconds=1)
                launched.clear()
                began = time.perf_counter()
                for problem in launch_scheduled_runs(workspace, log, due, iteration_times=known):
                    if problem:
                        raise SystemExit(f"measuring tick {tick}: {problem}. Nothing was measured.")
                if tick and len(launched) != 1:  # the first one only begins the schedule
                    raise SystemExit(f"measuring tick {tick}: {len(launched)} cycles were launched instead of one.")
                latencies += [at - began for at in launched]
                between_ticks.do()
        runs = instance.get_runs_count(RunsFilter(job_name=LIVE_JOB))
    drifts = [abs(later - earlier) for earlier, later in pairwise(latencies)]
    return {
        "ticks": ticks,
        "cycles": runs,
        "tick_to_launch_ms": percentiles(latencies),
        "start_to_start_drift_ms": percentiles(drifts),
        "wait_lateness_ms": percentiles([lateness() for _ in range(WAITS)]),
    }


def launch_nothing(instance: Any) -> list[float]:
    """Replace the launcher by one that notes the time and says the run went well; gives what it notes."""
    from dagster import DagsterEvent, DagsterEventType

    from football_assets.warm_launcher import WarmRunLauncher

    noted: list[float] = []

    class Noting(WarmRunLauncher):
        def is_warm(self, run: Any) -> bool:
            return True

        def launch_run(self, context: Any) -> None:
            noted.append(time.perf_counter())
            run = context.dagster_run
            done = DagsterEvent(DagsterEventType.PIPELINE_SUCCESS.value, run.job_name)
            self._instance.report_dagster_event(done, run.run_id)

    launcher = Noting()
    launcher.register_instance(instance)
    instance._run_launcher = launcher
    return noted


def lateness() -> float:
    """How late the scheduler's wait ends."""
    began = time.perf_counter()
    threading.Event().wait(WAIT_S)
    return time.perf_counter() - began - WAIT_S


def percentiles(seconds: list[float]) -> dict[str, float]:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    found = {"p50": cuts[49], "p90": cuts[89], "p99": cuts[98], "max": max(seconds)}
    return {name: round(value * 1000, 1) for name, value in found.items()}


if __name__ == "__main__":
    main()
