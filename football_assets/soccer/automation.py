"""When the live cycle runs: every 60 seconds, one at a time; and when its history is looked after: every night."""

import gc
from datetime import datetime

import dagster as dg

from football_assets.config import load_settings, now_utc
from football_assets.operations import memory
from football_assets.operations.assets.between_ticks import BetweenTicks
from football_assets.soccer.assets import model_schedule
from football_assets.soccer.delta import LOOKS_BACK_S
from football_assets.soccer.odds_between import INTERVAL_S, look_between, looked_at, wanted
from football_assets.soccer.outage import Outage
from football_assets.timing import TICK_TAG

JOB = "live_cycle"
MAINTENANCE = "soccer_maintenance"
LIVE_TAG = {"football/live": "true"}
MINUTE_S = 60
# What a cycle does is told by its events; the same once more in a log file would be 17 KB each minute.
QUIET = {"loggers": {"console": {"config": {"log_level": "ERROR"}}}}
UNFINISHED = [
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]

live_cycle = dg.define_asset_job(
    JOB,
    selection=(dg.AssetSelection.groups("soccer") - model_schedule.SELECTION)
    | dg.AssetSelection.assets(dg.AssetKey(["warehouse", "soccer"])),
    description="Read the live list, enrich, flatten, judge and publish: one cycle.",
    # A cycle that hangs would keep the only live place; run monitoring ends it after this many seconds.
    tags={**LIVE_TAG, "dagster/max_runtime": "300"},
    executor_def=dg.in_process_executor,
)

soccer_maintenance = dg.define_asset_job(
    MAINTENANCE,
    selection=dg.AssetSelection.assets(
        dg.AssetKey(["warehouse", "soccer_history"]), dg.AssetKey(["warehouse", "dagster_history"])
    ),
    description="Compact the days of the history that are over; remove those, and records of cycles, past retention.",
    executor_def=dg.in_process_executor,
)
maintenance_schedule = dg.ScheduleDefinition(
    name="soccer_maintenance_schedule",
    job=soccer_maintenance,
    cron_schedule="30 0 * * *",
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)

# For the process that judges the ticks, the code server; by then the cycle that was asked for is over.
TIDIED_AFTER_S = 20.0
after_tick = BetweenTicks(gc.collect, memory.give_back, after_s=TIDIED_AFTER_S)


def request_or_skip(instance: dg.DagsterInstance, tick_at: datetime | None = None) -> dg.RunRequest | dg.SkipReason:
    """A run, unless the previous cycle has not ended, or the provider is down and no probe of it is due.

    Cycles never pile up, and an hour's outage makes few runs. The run carries when its tick was due.
    """
    unfinished = instance.get_runs(dg.RunsFilter(job_name=JOB, statuses=UNFINISHED), limit=1)
    if unfinished:
        run = unfinished[0]
        return dg.SkipReason(f"cycle {run.run_id[:8]} is still {run.status.value.lower()}")
    waiting = Outage.kept(load_settings()).skip_reason()
    due = {} if tick_at is None else {TICK_TAG: tick_at.isoformat()}
    return dg.SkipReason(waiting) if waiting else dg.RunRequest(tags={**LIVE_TAG, **due}, run_config=QUIET)


def cron_of(interval_s: int) -> str | None:
    """The cron line of an interval; None when it is not a whole number of minutes that divides the hour."""
    minutes, rest = divmod(interval_s, MINUTE_S)
    if rest or not 1 <= minutes <= 30 or MINUTE_S % minutes:
        return None
    return "* * * * *" if minutes == 1 else f"*/{minutes} * * * *"


def _schedules(cron: str | None) -> list[dg.ScheduleDefinition]:
    if cron is None:
        return []

    @dg.schedule(
        name="live_schedule", cron_schedule=cron, job=live_cycle, default_status=dg.DefaultScheduleStatus.RUNNING
    )
    def live_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """Start a cycle each interval, unless one is under way."""
        after_tick.soon()
        return request_or_skip(context.instance, context.scheduled_execution_time)

    return [live_schedule]


def _sensors(interval_s: int, cron: str | None) -> list[dg.SensorDefinition]:
    """A cron line cannot say `every 20 seconds`: then a sensor keeps the time."""
    if cron is not None:
        return []

    @dg.sensor(
        name="live_sensor",
        job=live_cycle,
        minimum_interval_seconds=interval_s,
        default_status=dg.DefaultSensorStatus.RUNNING,
    )
    def live_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        """Start a cycle each interval, unless one is under way."""
        after_tick.soon()
        return request_or_skip(context.instance, now_utc())

    return [live_sensor]


def odds_lookers(interval_s: int) -> list[dg.SensorDefinition]:
    """Cycles that are close enough need nobody who looks at the odds feeds between them."""
    if interval_s <= LOOKS_BACK_S:
        return []

    @dg.sensor(
        name="odds_between_sensor",
        minimum_interval_seconds=INTERVAL_S,
        default_status=dg.DefaultSensorStatus.RUNNING,
        description="Looks at the provider's odds feeds between two cycles, so that the next one misses no quote.",
    )
    def odds_between_sensor() -> dg.SkipReason:
        """Look once, where a cycle does not do so anyway; there is never a run to start."""
        settings = load_settings()
        beside = cron_of(interval_s) is not None and not wanted(looked_at(settings), interval_s, now_utc())
        return dg.SkipReason("a cycle asks the same" if beside else look_between(settings))

    return [odds_between_sensor]


_interval_s = load_settings().live.interval_s
JOBS = [live_cycle, soccer_maintenance, model_schedule.soccer_model_daily]
SCHEDULES = [*_schedules(cron_of(_interval_s)), maintenance_schedule, model_schedule.soccer_model_schedule]
SENSORS = [
    *_sensors(_interval_s, cron_of(_interval_s)),
    *odds_lookers(_interval_s),
    model_schedule.soccer_first_model_sensor,
]
