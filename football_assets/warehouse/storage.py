"""How Dagster keeps assets: each in the lake of the world that its provider belongs to."""

import dagster as dg
import pandas as pd

from football_assets.config import load_settings
from football_assets.providers import Domain, provider
from football_assets.tables import REGISTER, Table
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.versions import is_compared, write_if_changed


def lake_of(domain: Domain) -> Lake:
    """The lake that this run writes and reads for a pipeline."""
    settings = load_settings()
    return Lake(settings.folder, provider(domain, settings).source())


def table_of(key: dg.AssetKey) -> type[Table]:
    """The declaration behind an asset key such as `soccer/match_board`."""
    domain, name = key.path
    return REGISTER[domain, name]


class LakeStorage(dg.ConfigurableIOManager):
    """Stores an asset's frame as Parquet; a table kept by season becomes one file a season of the run."""

    def handle_output(self, context: dg.OutputContext, obj: pd.DataFrame) -> None:
        """Write the frame; several seasons in one run are split by the column `season`."""
        table = table_of(context.asset_key)
        lake = lake_of(table.about().domain)
        write = write_if_changed if is_compared(table) else Lake.write
        if not table.about().by_season:
            write(lake, table, obj)
            return
        for season in sorted({*context.asset_partition_keys, *obj["season"].astype(str)}):
            write(lake, table, obj[obj["season"] == int(season)], season)

    def load_input(self, context: dg.InputContext) -> pd.DataFrame:
        """Read the frame; every season present, unless the reader depends on exactly one of them."""
        table = table_of(context.asset_key)
        lake = lake_of(table.about().domain)
        # The run's own partition says nothing here: a reader that is not kept by season depends on all of them.
        seasons = context.asset_partition_keys if context.has_asset_partitions else []
        if table.about().by_season and len(seasons) == 1:
            return lake.read(table, seasons[0])
        return lake.read(table)
