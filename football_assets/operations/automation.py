"""The alerts, judged inside Dagster each half minute. Outside of it `football watchdog` judges the same."""

import dagster as dg

from football_assets.config import load_settings
from football_assets.operations.watchdog import Watchdog

EVERY_S = 30


@dg.sensor(
    name="alerts_sensor",
    minimum_interval_seconds=EVERY_S,
    default_status=dg.DefaultSensorStatus.RUNNING,
    description="Judges the health by the alert rules and tells the notification targets what is new; starts no run.",
)
def alerts_sensor(_context: dg.SensorEvaluationContext) -> dg.SkipReason:
    """Judge, tell, and say how many alerts last."""
    state = Watchdog(load_settings()).look()
    return dg.SkipReason("the watchdog is looking" if state is None else f"{len(state.open)} alerts last")


SENSORS = [alerts_sensor]
