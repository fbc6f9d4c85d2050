"""How good the college football tables are: the last step before publication."""

import dagster as dg

from football_assets.config import load_settings, now_utc
from football_assets.ncaa import quality, quality_rules
from football_assets.ncaa.assets.pictures import of_quality
from football_assets.ncaa.assets.seasons import provider_clock
from football_assets.ncaa.quality_inputs import stored
from football_assets.ncaa.quality_schemas import DataQuality
from football_assets.ncaa.schemas import Games
from football_assets.tables import from_arrow, from_rows
from football_assets.warehouse.assets.tables import Built, asset_key, table_asset
from football_assets.warehouse.publication import published_tables
from football_assets.warehouse.storage import lake_of
from football_assets.warehouse.versions import whole_version

JUDGED = [table for table in published_tables("ncaa") if table is not DataQuality]
RULES = {"nulls": quality_rules.few_nulls, "sound": quality_rules.sound}


@table_asset(DataQuality, rules=RULES, deps=[asset_key(table) for table in JUDGED])
def data_quality(context: dg.AssetExecutionContext) -> Built:
    """One row per table and run in which its quality moved: completeness, validity, consistency, freshness, score."""
    lake, settings = lake_of("ncaa"), load_settings()
    tables = stored(lake, JUDGED)
    now = provider_clock(from_arrow(tables[Games].newest))
    measured = quality.measure(tables, now, settings.quality, settings.ncaa.interval)
    contents = {table.table_name(): whole_version(lake, table) or "" for table in tables}
    kept = lake.read(DataQuality) if lake.exists(DataQuality) else from_rows(DataQuality, [])
    frame = quality.history(measured, kept, contents, context.run.run_id, now_utc())
    if frame is kept:
        return frame, {**quality.metadata(measured), "unchanged": True}
    return frame, of_quality(measured, settings.quality.min_data_quality_score) | quality.metadata(measured)
