"""When the college football tables are renewed: once a day, for the running season."""

import dagster as dg

from football_assets.config import load_settings, now_utc

PARTITION = "dagster/partition"
RAW = dg.AssetSelection.assets(
    *(dg.AssetKey(["ncaa", name]) for name in ("games", "lines", "team_stats", "player_stats"))
)
SELECTION = dg.AssetSelection.groups("ncaa") | dg.AssetSelection.assets(
    dg.AssetKey(["warehouse", "ncaa"]), dg.AssetKey(["warehouse", "backup"])
)

# The partition is a tag of the job, so that `dagster job execute -j ncaa_daily` runs as typed.
ncaa_daily = dg.define_asset_job(
    "ncaa_daily",
    selection=SELECTION,
    description="Collect the running season, then renew records, features, models and predictions; publish; back up.",
    tags={PARTITION: str(load_settings().running_season(now_utc()))},
    executor_def=dg.in_process_executor,
)

ncaa_seasons = dg.define_asset_job(
    "ncaa_seasons",
    selection=SELECTION,
    description="The same for the seasons that the run names: one partition, or a range in one run.",
    executor_def=dg.in_process_executor,
)


ncaa_history = dg.define_asset_job(
    "ncaa_history",
    selection=RAW,
    description="Collect seasons without renewing anything else: what the daily run learns from.",
    executor_def=dg.in_process_executor,
)


def cron_of(schedule: str, at_utc: str) -> str:
    """The cron line of `daily`, `weekly` (Mondays) or `monthly` (the first) at `HH:MM` UTC."""
    hour, minute = (int(part) for part in at_utc.split(":"))
    days = {"daily": "* * *", "weekly": "* * 1", "monthly": "1 * *"}
    return f"{minute} {hour} {days[schedule]}"


_settings = load_settings().ncaa


@dg.schedule(
    name="ncaa_schedule",
    cron_schedule=cron_of(_settings.schedule, _settings.at_utc),
    job=ncaa_daily,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def ncaa_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for the season that is running at the tick, whenever this code was loaded."""
    season = str(load_settings().running_season(context.scheduled_execution_time))
    return dg.RunRequest(run_key=f"{context.scheduled_execution_time:%Y-%m-%d}", tags={PARTITION: season})


JOBS = [ncaa_daily, ncaa_seasons, ncaa_history]
SCHEDULES = [ncaa_schedule]
SENSORS: list[dg.SensorDefinition] = []
