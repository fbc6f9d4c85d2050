"""Each game from both benches."""

from football_assets.ncaa import rules
from football_assets.ncaa.assets.seasons import every_season
from football_assets.ncaa.schemas import Games, Lines, TeamGames, TeamStats
from football_assets.ncaa.team_games import one_row_per_team
from football_assets.warehouse.assets.tables import Built, asset_key, table_asset

RULES = {"mirror": rules.benches_mirror, "wins_equal_losses": rules.wins_equal_losses}


@table_asset(TeamGames, rules=RULES, deps=[asset_key(table) for table in (Games, Lines, TeamStats)])
def team_games() -> Built:
    """One row per game and bench, with result, box score and what the market asked of the team."""
    frame = one_row_per_team(every_season(Games), every_season(Lines), every_season(TeamStats))
    return frame, {"seasons": int(frame["season"].nunique()), "games": int(frame["game_id"].nunique())}
