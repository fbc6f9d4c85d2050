"""What was known about each game at its kickoff."""

import pandas as pd

from football_assets.ncaa import features as known_at_kickoff
from football_assets.ncaa.schemas import Features, Games, TeamGames
from football_assets.warehouse.assets.tables import Built, reads, table_asset


@table_asset(Features, ins=reads(Games, TeamGames))
def features(games: pd.DataFrame, team_games: pd.DataFrame) -> Built:
    """One row per game: ratings, form, rest and place as known at kickoff, and no result of the game."""
    frame = known_at_kickoff.features(games, team_games)
    return frame, {"seasons": int(frame["season"].nunique())}
