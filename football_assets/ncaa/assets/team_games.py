"""Each game from both benches."""

import pandas as pd

from football_assets.ncaa import rules
from football_assets.ncaa.schemas import Games, Lines, TeamGames, TeamStats
from football_assets.ncaa.team_games import one_row_per_team
from football_assets.warehouse.assets.tables import Built, reads, table_asset

RULES = {"mirror": rules.benches_mirror, "wins_equal_losses": rules.wins_equal_losses}


@table_asset(TeamGames, rules=RULES, ins=reads(Games, Lines, TeamStats))
def team_games(games: pd.DataFrame, lines: pd.DataFrame, team_stats: pd.DataFrame) -> Built:
    """One row per game and bench, with result, box score and what the market asked of the team."""
    frame = one_row_per_team(games, lines, team_stats)
    return frame, {"seasons": int(frame["season"].nunique()), "games": int(frame["game_id"].nunique())}
