"""Results and prices of past seasons, a partition a season."""

import warnings

import dagster as dg

from football_assets.config import load_settings, now_utc
from football_assets.providers import run_async
from football_assets.soccer.football_data import FIRST_SEASON
from football_assets.soccer.past_seasons import read_seasons, season_of, wanted_seasons
from football_assets.soccer.prediction_schemas import HistoricalMatches
from football_assets.warehouse.assets.tables import Built, asset_key, table_asset
from football_assets.warehouse.storage import lake_of

# Several seasons in one run need a backfill policy, which Dagster has called beta since 2023.
warnings.filterwarnings("ignore", message="Parameter `backfill_policy`", category=dg.BetaWarning)

# One more than is running: in August the next one begins, and the code may have been loaded long before.
SEASONS = dg.StaticPartitionsDefinition([str(year) for year in range(FIRST_SEASON, season_of(now_utc()) + 2)])


@table_asset(
    HistoricalMatches,
    kinds={"csv"},
    partitions_def=SEASONS,
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def historical_matches(context: dg.AssetExecutionContext) -> Built:
    """Read the season files; those of older seasons that the lake lacks come along, once."""
    lake, now = lake_of("soccer"), now_utc()
    asked = {int(key) for key in context.partition_keys}
    kept = {int(season) for season in lake.seasons(HistoricalMatches)}
    seasons = sorted(asked | ({*wanted_seasons(max(asked), lake.source)} - kept))
    found = run_async(read_seasons(load_settings(), lake, seasons, now))
    for season in set(seasons) - asked:
        context.log_event(dg.AssetMaterialization(asset_key(HistoricalMatches), partition=str(season)))
    return found.frame, {"seasons": ", ".join(map(str, seasons)), "source": lake.source.value, **found.about}
