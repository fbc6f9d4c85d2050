"""Dagster's own daemon whose scheduler lives faster: its clock and its waits, nothing else.

    python -m benchmarks.soak_daemon SPEED dagster-daemon-arguments...

Queue, launcher, sensors, run monitoring and heartbeats keep the machine's time. With SOAK_IDLE=1 the worker of a cycle
reports that its run began and succeeded, with as many events as a cycle has, and does nothing else.
"""

import os
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

MINUTE_S = 60
EVENTS = 40


def main() -> None:
    from dagster._daemon import daemon
    from dagster._daemon.cli import run_command
    from dagster._scheduler import scheduler

    speed = float(sys.argv.pop(1))
    clock = fast_clock(scheduler.get_current_datetime, speed)
    scheduler.get_current_datetime = clock  # type: ignore[assignment]
    scheduler.get_current_timestamp = lambda: clock().timestamp()  # type: ignore[assignment]
    loop = scheduler.execute_scheduler_iteration_loop

    def quickly(context: Any, logger: Any, catchup: int, retries: int, ending: threading.Event, *rest: Any) -> Any:
        return loop(context, logger, catchup, retries, ShortWaits(ending, speed), *rest)  # type: ignore[arg-type]

    daemon.execute_scheduler_iteration_loop = quickly  # type: ignore[assignment]
    if os.environ.get("SOAK_IDLE") == "1":
        from football_assets import warm_launcher

        code = warm_launcher.Code
        warm_launcher.Code = lambda executable, preload, _work, payload: code(  # type: ignore[assignment,misc]
            executable, preload, "benchmarks.soak_daemon:succeed", payload
        )
    run_command(prog_name="dagster-daemon run")


def succeed(payload: dict[str, Any], wait_for_go: Callable[[], bool]) -> int:
    """In the worker: the events of a cycle that did nothing; any other run, the pruning, is done."""
    from dagster import DagsterEvent, DagsterEventType, DagsterInstance
    from dagster._core.instance import InstanceRef
    from dagster._serdes import deserialize_value

    from benchmarks.live_platform import LIVE_JOB
    from football_assets.warm_launcher import work

    with DagsterInstance.from_ref(deserialize_value(payload["instance"], InstanceRef)) as instance:
        run = instance.get_run_by_id(payload["run_id"])
        if run is not None and run.job_name != LIVE_JOB:
            return work(payload, wait_for_go)
        if not wait_for_go() or run is None:
            return 0
        begun, done = (
            DagsterEvent(event_type_value=kind.value, job_name=run.job_name)
            for kind in (DagsterEventType.RUN_START, DagsterEventType.RUN_SUCCESS)
        )
        instance.report_dagster_event(begun, run_id=run.run_id)
        for number in range(EVENTS):
            instance.report_engine_event(f"event {number} of a cycle that does nothing", run)
        instance.report_dagster_event(done, run_id=run.run_id)
    return 0


def fast_clock(now: Callable[[], datetime], speed: float) -> Callable[[], datetime]:
    """A clock that reads as now at its start and then goes `speed` times as fast."""
    first, began = now(), time.monotonic()
    return lambda: first + timedelta(seconds=(time.monotonic() - began) * speed)


class ShortWaits:
    """An event that is waited for in the fast clock's seconds."""

    def __init__(self, event: threading.Event, speed: float) -> None:
        self._event, self._speed = event, speed

    def wait(self, seconds: float) -> bool:
        return self._event.wait(seconds / self._speed)

    def is_set(self) -> bool:
        return self._event.is_set()


if __name__ == "__main__":
    main()
