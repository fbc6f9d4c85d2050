"""What was known about each game at its kickoff."""

import pandas as pd

from football_assets.ncaa import features as known_at_kickoff
from football_assets.ncaa.assets.seasons import every_season
from football_assets.ncaa.schemas import Features, Games, TeamGames
from football_assets.warehouse.assets.tables import Built, asset_key, reads, table_asset


@table_asset(Features, deps=[asset_key(Games)], ins=reads(TeamGames))
def features(team_games: pd.DataFrame) -> Built:
    """One row per game: ratings, form, rest and place as known at kickoff, and no result of the game."""
    frame = known_at_kickoff.features(every_season(Games), team_games)
    return frame, {"seasons": int(frame["season"].nunique())}
