"""When the college football tables are renewed: once a day, for the running season."""

import dagster as dg
from dagster._utils.schedules import is_valid_cron_string

from football_assets.config import load_settings, now_utc
from football_assets.errors import ConfigError
from football_assets.ncaa.client import LISTS
from football_assets.operations.assets.workers import step_executor
from football_assets.sections import Ncaa

PARTITION = "dagster/partition"
# A run that was interrupted goes on with the steps that were not done, twice at most.
RESUMED = {"dagster/max_retries": "2"}
RAW = dg.AssetSelection.assets(
    *(
        dg.AssetKey(["ncaa", name])
        for name in ("games", "score_corrections", "lines", "team_stats", "player_stats", *LISTS)
    )
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
    executor_def=step_executor(load_settings()),
)

ncaa_seasons = dg.define_asset_job(
    "ncaa_seasons",
    selection=SELECTION,
    description="The same for the seasons that the run names: one partition, or a range in one run.",
    executor_def=step_executor(load_settings()),
)


ncaa_history = dg.define_asset_job(
    "ncaa_history",
    selection=RAW,
    description="Collect seasons without renewing anything else: what the daily run learns from.",
    executor_def=step_executor(load_settings()),
)


def cron_of(settings: Ncaa) -> str:
    """The cron line, UTC: `daily`, `weekly` (Mondays) or `monthly` (the first) at `at_utc`, or the one that is set.

    Raises ConfigError for a line that no clock can follow.
    """
    if settings.schedule == "cron":
        line = settings.cron or ""
        if not is_valid_cron_string(line):
            raise ConfigError(
                "ncaa.cron", value=line, allowed="five cron fields such as 0 6 * 8-12 *", origin="settings"
            )
        return line
    hour, minute = (int(part) for part in settings.at_utc.split(":"))
    days = {"daily": "* * *", "weekly": "* * 1", "monthly": "1 * *"}
    return f"{minute} {hour} {days[settings.schedule]}"


_settings = load_settings().ncaa


@dg.schedule(
    name="ncaa_schedule",
    cron_schedule=cron_of(_settings),
    job=ncaa_daily,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def ncaa_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for the season that is running at the tick, whenever this code was loaded."""
    season = str(load_settings().running_season(context.scheduled_execution_time))
    return dg.RunRequest(
        run_key=f"{context.scheduled_execution_time:%Y-%m-%dT%H:%M}", tags={PARTITION: season, **RESUMED}
    )


JOBS = [ncaa_daily, ncaa_seasons, ncaa_history]
SCHEDULES = [ncaa_schedule]
SENSORS: list[dg.SensorDefinition] = []
