"""Jobs of the code location one after another in one process, at a clock of their own: what the drill and soaks need.

It reads one JSON object a line and answers each with one line:

    {"do": "run", "job": "live_cycle", "at": "2026-11-01T05:30:00Z"}    a run of a job; `at` sets this process's clock
    {"do": "tick", "at": ...}                                          what the schedule would do then: a run or none
    {"do": "ticks", "since": ..., "until": ...}                        how often each schedule ticks between
    {"do": "end"}

The clock runs on from `at`. Moving it needs the package time-machine; without it `at` is refused.
"""

import json
import re
import sys
import time
from collections.abc import Iterable
from datetime import datetime
from importlib import import_module
from itertools import takewhile
from typing import Any, TextIO

import dagster as dg
from dagster._utils.schedules import schedule_execution_time_iterator

from football_assets.rooms import part

# What our own errors are called where Dagster quotes them.
_OURS = re.compile(r"^football_assets\.errors\.\w+: ")
_DAGSTER = re.compile(r"^dagster\.")


class JobWorker:
    """Runs jobs of the code location on the instance of DAGSTER_HOME."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self._instance = instance
        self._definitions: dg.Definitions = import_module("football_assets.definitions").defs
        self._travelling: Any = None

    def run(self, job: str, tags: dict[str, str] | None = None) -> dict[str, Any]:
        """One run; what a person would be told of it."""
        started = time.perf_counter()
        definition = self._definitions.resolve_job_def(job)
        done = definition.execute_in_process(instance=self._instance, raise_on_error=False, tags=tags)
        return {
            "ok": done.success,
            "run_id": done.run_id,
            "seconds": round(time.perf_counter() - started, 3),
            "errors": _errors(done.all_events),
            "warnings": _warnings(done.get_asset_check_evaluations()),
        }

    def tick(self) -> dict[str, Any]:
        """What the schedule of the live cycle does now."""
        automation = part("soccer", "automation")
        asked = automation.request_or_skip(self._instance)
        if isinstance(asked, dg.SkipReason):
            return {"ok": None, "skipped": asked.skip_message}
        return self.run(automation.JOB)

    def ticks(self, since: datetime, until: datetime) -> dict[str, int]:
        """How often each schedule ticks from an instant on and before another, by Dagster's own reckoning."""
        found = {}
        for schedule in self._definitions.schedules or []:
            if not isinstance(schedule, dg.ScheduleDefinition):
                continue
            zone = schedule.execution_timezone or "UTC"
            instants = schedule_execution_time_iterator(since.timestamp(), schedule.cron_schedule, zone)
            found[schedule.name] = sum(1 for _ in takewhile(lambda at: at < until, instants))
        return found

    def move_clock(self, at: str | None) -> None:
        """Let this process believe that it is `at`; None gives it the machine's clock again."""
        if self._travelling is not None:
            self._travelling.stop()
            self._travelling = None
        if at is not None:
            import time_machine

            self._travelling = time_machine.travel(datetime.fromisoformat(at), tick=True)
            self._travelling.start()

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carry out one order."""
        if "at" in order:
            self.move_clock(order["at"])
        if order["do"] == "run":
            return self.run(order["job"], order.get("tags"))
        if order["do"] == "tick":
            return self.tick()
        if order["do"] == "ticks":
            since, until = (datetime.fromisoformat(order[name]) for name in ("since", "until"))
            return {"ok": True, "ticks": self.ticks(since, until)}
        raise ValueError(f"no such order: {order['do']!r}")


def serve(orders: Iterable[str], answers: TextIO) -> None:
    """Carry out orders until one says end."""
    with dg.DagsterInstance.get() as instance:
        worker = JobWorker(instance)
        _say(answers, {"ready": True})
        for line in orders:
            order = json.loads(line)
            if order["do"] == "end":
                return
            try:
                answer = worker.obey(order)
            except Exception as error:  # noqa: BLE001 - the one who asked judges it
                answer = {"ok": False, "errors": [f"{type(error).__name__}: {error}"], "warnings": [], "broke": True}
            _say(answers, answer)


def _say(answers: TextIO, answer: dict[str, Any]) -> None:
    answers.write(json.dumps(answer) + "\n")
    answers.flush()


def _errors(events: Iterable[dg.DagsterEvent]) -> list[str]:
    """The reason of each failed step in our own words: the first error in the chain that is not Dagster's."""
    found = []
    for event in events:
        if not event.is_step_failure:
            continue
        error = event.step_failure_data.error
        while error is not None and _DAGSTER.match(error.message) and error.cause is not None:
            error = error.cause
        if error is not None:
            found.append(_OURS.sub("", error.message.strip()))
    return found


def _warnings(judged: Iterable[dg.AssetCheckEvaluation]) -> list[str]:
    """The checks that did not pass, as a command shows them."""
    return [
        f"{each.asset_key.to_user_string()}: {each.check_name}: {each.description}"
        for each in judged
        if not each.passed
    ]


if __name__ == "__main__":
    serve(sys.stdin, sys.stdout)
