"""Reading the live list through an outage, and what Dagster is told of it."""

from datetime import timedelta
from typing import Any

import dagster as dg

from football_assets.config import now_utc
from football_assets.soccer.client import Reading, TheSports
from football_assets.soccer.models import LiveMatch
from football_assets.soccer.outage import Alert, Outage
from football_assets.soccer.schemas import LiveMatches
from football_assets.states import Source
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.tables import asset_key

# Set by Dagster on the runs that a schedule or a sensor started.
STARTED_BY = ("dagster/schedule_name", "dagster/sensor_name")


def read_live(context: dg.AssetExecutionContext, thesports: ProviderConnection) -> Reading[tuple[list[LiveMatch], int]]:
    """The live list. Raises SourceError when it cannot be read; a run that the clock started waits for due probes."""
    outage = Outage.kept(thesports.settings)
    is_scheduled = any(tag in context.run.tags for tag in STARTED_BY)
    until = now_utc() + timedelta(seconds=thesports.settings.live.interval_s if is_scheduled else 0)

    def read(probe: bool) -> Reading[tuple[list[LiveMatch], int]]:
        thesports.connection.close()  # each try has the whole time of a cycle
        return thesports.run(lambda transport: TheSports(transport).live(probe=probe))

    try:
        return outage.attempt(read, until)
    finally:
        for event, alert in outage.events:
            # Reported at once: what a step only logs is lost when it fails.
            about = {"event": event, "run_id": context.run.run_id, **_told(alert)}
            context.instance.report_runless_asset_event(dg.AssetObservation(asset_key(LiveMatches), metadata=about))


def skew_s(world: Source, reading: Reading[Any]) -> float | None:
    """How far the provider's clock is ahead of ours when its answer has just come; None for an emulator's."""
    return (reading.served_at - now_utc()).total_seconds() if world is Source.REAL else None


def _told(alert: Alert) -> dict[str, Any]:
    return {name: value for name, value in alert.model_dump(mode="json").items() if value is not None}
