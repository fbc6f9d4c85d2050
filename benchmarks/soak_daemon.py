"""Dagster's own daemon whose scheduler lives faster: its clock and its waits, nothing else.

    python -m benchmarks.soak_daemon SPEED dagster-daemon-arguments...

Queue, launcher, sensors, run monitoring and heartbeats keep the machine's time.
"""

import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

MINUTE_S = 60


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
    run_command(prog_name="dagster-daemon run")


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
