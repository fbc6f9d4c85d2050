"""The soccer model from a command: past results read and learned from, unless that was done lately."""

from collections.abc import Mapping

from football_assets.config import load_settings, now_utc
from football_assets.operations.jobs import JobOutcome, run_job
from football_assets.providers import provider
from football_assets.soccer.prediction_schemas import SoccerModel
from football_assets.warehouse.lake import Lake

JOB = "soccer_model_daily"
STEPS = 2
# The schedule renews it daily; a second run of the same morning need not.
FRESH_S = 20 * 3600
ADDRESS = "FOOTBALL_THESPORTS_URL"


def learn(env: Mapping[str, str]) -> JobOutcome | None:
    """Renew the model that serves live matches; None when it is younger than a day.

    `env`: variables set for the job beside the environment, such as the emulators' addresses.
    """
    settings = load_settings()
    if ADDRESS in env:
        settings = settings.model_copy(update={"thesports_url": env[ADDRESS]})
    path = Lake(settings.folder, provider("soccer", settings).source()).path(SoccerModel)
    if path.exists() and now_utc().timestamp() - path.stat().st_mtime < FRESH_S:
        return None
    return run_job(JOB, env=env, steps=STEPS)
