"""The live part of the product's code location, and pruning at the accelerated pace.

The assets, the job, its schedule and the alerts are the product's. Dagster's records carry the machine's time, so their
retention is given in that time: `HOURS_KEPT` accelerated hours instead of days, removed by the product's own `prune`
once an accelerated hour instead of once a day.
"""

import os
from typing import Any

import dagster as dg

from football_assets import definitions
from football_assets.config import now_utc
from football_assets.operations import automation as operations
from football_assets.operations.assets.dagster_history import Retention, overdue, prune
from football_assets.soccer import automation

HOURS_KEPT, DAY_S, HOUR_S = 2, 86_400, 3_600
SPEED = float(os.environ.get("SOAK_SPEED", "60"))


@dg.op
def remove_the_past(context: dg.OpExecutionContext) -> None:
    """Every record, of a failed cycle too, that is older than the accelerated retention."""
    kept: Any = HOURS_KEPT * HOUR_S / SPEED / DAY_S
    retention = Retention(kept, kept)
    done = prune(context.instance, automation.JOB, retention, now_utc())
    left = overdue(context.instance, automation.JOB, retention, now_utc())
    context.log.info(f"removed {done.runs} runs and {done.failed_runs} failed ones, {left} left")


@dg.job(executor_def=dg.in_process_executor)
def soak_pruning() -> None:
    remove_the_past()


hourly = dg.ScheduleDefinition(
    job=soak_pruning, cron_schedule="0 * * * *", default_status=dg.DefaultScheduleStatus.RUNNING
)
defs = dg.Definitions(
    assets=definitions.defs.assets,
    resources=definitions.defs.resources,
    executor=definitions.defs.executor,
    jobs=[automation.live_cycle, automation.soccer_maintenance, soak_pruning],
    schedules=[each for each in automation.SCHEDULES if each.name in ("live_schedule", "soccer_maintenance_schedule")]
    + [hourly],
    sensors=operations.SENSORS,
)
