"""The betting lines."""

import dagster as dg

from football_assets.ncaa.assets.seasons import BY_SEASON, ask, collect
from football_assets.ncaa.schemas import Lines
from football_assets.tables import from_rows
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.tables import Built, table_asset


@table_asset(Lines, **BY_SEASON)
def lines(context: dg.AssetExecutionContext, college_football: ProviderConnection) -> Built:
    """One row per game and bookmaker: the last line the provider kept, which is the close once the game has begun."""
    found, about = collect(
        context, college_football, lambda season: ask(college_football, lambda college: college.lines(season))
    )
    frame = from_rows(Lines, found.rows)
    return frame, {**about, "games": frame["game_id"].nunique(), "bookmakers": frame["provider"].nunique()}
