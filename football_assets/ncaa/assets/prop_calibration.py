"""How often the chances of player props came true in the newest season that is over; graded once a season."""

import pandas as pd

from football_assets.ncaa.assets.player_projections import learned_from
from football_assets.ncaa.prop_calibration import graded_season, prop_calibration
from football_assets.ncaa.prop_schemas import PropCalibration
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.warehouse.assets.tables import reads, table_asset
from football_assets.warehouse.storage import lake_of


@table_asset(PropCalibration, ins=reads(Games, PlayerStats), kinds={"scikitlearn"})
def prop_calibration_asset(games: pd.DataFrame, player_stats: pd.DataFrame) -> pd.DataFrame:
    """Project the newest season that is over by models of the seasons before it, and count what came true."""
    season, lake = graded_season(games), lake_of("ncaa")
    made_of = learned_from((season or 0) + 1)
    before = lake.read(PropCalibration) if lake.exists(PropCalibration) else None
    if before is not None and len(before) and set(before["made_of"]) == {made_of}:
        return before
    return prop_calibration(games, player_stats, made_of)
