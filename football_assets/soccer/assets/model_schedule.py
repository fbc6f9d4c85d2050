"""When past results are read and the model is renewed: every morning, and at once while there is no model.

Never in the live cycle, which only reads what is kept.
"""

from datetime import datetime

import dagster as dg

from football_assets.config import load_settings, now_utc
from football_assets.errors import FootballError
from football_assets.soccer.past_seasons import require_same_world, season_of
from football_assets.soccer.prediction_schemas import HistoricalMatches, SoccerFeatures, SoccerModel
from football_assets.warehouse.assets.tables import asset_key
from football_assets.warehouse.storage import lake_of

JOB = "soccer_model_daily"
PARTITION = "dagster/partition"
# A run that was interrupted goes on with the steps that were not done, twice at most.
RESUMED = {"dagster/max_retries": "2"}
FIRST_LOOK_S = 120
SELECTION = dg.AssetSelection.assets(*(asset_key(each) for each in (HistoricalMatches, SoccerFeatures, SoccerModel)))


def tags_of(at: datetime) -> dict[str, str]:
    """The running season's partition."""
    return {PARTITION: str(season_of(at))}


# The partition is a tag of the job, so that `dagster job execute -j soccer_model_daily` runs as typed.
soccer_model_daily = dg.define_asset_job(
    JOB,
    selection=SELECTION,
    description="Read the running season's results (older ones when missing), learn from all, keep the newest model.",
    tags=tags_of(now_utc()),
    executor_def=dg.in_process_executor,
)


@dg.schedule(
    name="soccer_model_schedule",
    cron_schedule="0 5 * * *",
    job=soccer_model_daily,
    execution_timezone="UTC",
    default_status=dg.DefaultScheduleStatus.RUNNING,
)
def soccer_model_schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest:
    """Ask for the season that is running at the tick, whenever this code was loaded."""
    at = context.scheduled_execution_time
    return dg.RunRequest(run_key=f"{at:%Y-%m-%dT%H:%M}", tags={**tags_of(at), **RESUMED})


@dg.sensor(
    name="soccer_first_model_sensor",
    job=soccer_model_daily,
    minimum_interval_seconds=FIRST_LOOK_S,
    default_status=dg.DefaultSensorStatus.RUNNING,
)
def soccer_first_model_sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
    """Ask for the first model of a world, once a day until there is one; the schedule renews it."""
    try:
        lake = lake_of("soccer")
        if lake.exists(SoccerModel):
            return dg.SkipReason("there is a model; soccer_model_schedule renews it")
        if not lake.root.exists():
            return dg.SkipReason("no live cycle has run yet")
        require_same_world(load_settings(), lake.source)
    except FootballError as error:
        return dg.SkipReason(str(error))
    return dg.RunRequest(run_key=f"first-{lake.source.value}-{now_utc():%Y-%m-%d}", tags=tags_of(now_utc()))
