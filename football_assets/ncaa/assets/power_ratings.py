"""How strong each team is, and how the season may end: the open games played 10,000 times from these ratings."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.ncaa import power_ratings as rating
from football_assets.ncaa import season_outlook as outlook
from football_assets.ncaa.projection_schemas import PowerRatings, SeasonOutlook
from football_assets.ncaa.schemas import Games
from football_assets.warehouse.assets.remembering import unless_unchanged
from football_assets.warehouse.assets.steps import checks_of, rules_of, table_out
from football_assets.warehouse.assets.tables import BESIDE_LIVE, reads, result

RULES = {
    PowerRatings: rules_of(PowerRatings),
    SeasonOutlook: rules_of(SeasonOutlook, shares=outlook.shares_add_up),
}


@dg.multi_asset(
    pool=BESIDE_LIVE,
    name="ncaa__power_ratings",
    ins=reads(Games),
    outs={"power_ratings": table_out(PowerRatings), "season_outlook": table_out(SeasonOutlook)},
    check_specs=checks_of(RULES),
)
@unless_unchanged(PowerRatings, SeasonOutlook, made_of=(Games,))
def power_ratings(games: pd.DataFrame) -> Iterator[dg.MaterializeResult[Any]]:
    """Rate every team of the newest season by all results, and simulate the games that are still to be played."""
    known = rating.newest(games)
    rated = rating.power_ratings(known)
    about = {"season": known.season, "home_edge": known.home_edge, "game_sd": known.game_sd}
    yield result(PowerRatings, (rated, about), RULES[PowerRatings])
    ends = outlook.season_outlook(games, known)
    open_games = int(ends["open_games"].sum())
    about = {"season": known.season, "simulations": outlook.SIMULATIONS, "open_games_by_team": open_games}
    yield result(SeasonOutlook, (ends, about), RULES[SeasonOutlook])
