"""The games as the provider lists them."""

import dagster as dg

from football_assets.ncaa import rules
from football_assets.ncaa.assets.seasons import BY_SEASON, collect
from football_assets.ncaa.client import CollegeFootball
from football_assets.ncaa.schemas import Games
from football_assets.ncaa.team_games import mark_duplicates
from football_assets.tables import from_rows
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.tables import Built, table_asset

RULES = {
    "line_scores": rules.line_scores_add_up,
    "scores": rules.completed_games_have_points,
    "listed_once": rules.listed_once,
}


@table_asset(Games, rules=RULES, **BY_SEASON)
def games(context: dg.AssetExecutionContext, college_football: ProviderConnection) -> Built:
    """One row per game with an FBS side, played or scheduled; a game listed under two ids is marked."""
    found, about = collect(
        context, lambda season: college_football.run(lambda transport: CollegeFootball(transport).games(season))
    )
    frame = mark_duplicates(from_rows(Games, found.rows))
    return frame, {**about, "completed": int(frame["is_completed"].sum()), "source": college_football.source.value}
