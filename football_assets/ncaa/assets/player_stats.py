"""The player box scores."""

import dagster as dg

from football_assets.ncaa.assets.seasons import BY_SEASON, ask, collect, weeks_to_ask
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.tables import from_rows
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.tables import Built, asset_key, table_asset


@table_asset(PlayerStats, deps=[asset_key(Games)], **BY_SEASON)
def player_stats(context: dg.AssetExecutionContext, college_football: ProviderConnection) -> Built:
    """One row per game, team and player; one call for each week in which a game is over."""
    found, about = collect(
        context,
        college_football,
        lambda season: ask(college_football, lambda college: college.player_stats(season, weeks_to_ask(season))),
    )
    frame = from_rows(PlayerStats, found.rows)
    return frame, {**about, "players": frame["player_id"].nunique()}
