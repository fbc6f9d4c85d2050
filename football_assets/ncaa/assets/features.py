"""What was known about each game at its kickoff."""

import pandas as pd

from football_assets.ncaa import features as known_at_kickoff
from football_assets.ncaa import peeking
from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.schemas import Features, Games, TeamGames
from football_assets.ncaa.season_schemas import (
    AdvancedStats,
    PpaGames,
    Rankings,
    Ratings,
    Recruiting,
    ReturningProduction,
    Talent,
    Teams,
    Weather,
)
from football_assets.tables import Verdict
from football_assets.warehouse.assets.tables import Built, reads, table_asset
from football_assets.warehouse.storage import lake_of

LISTS = (PpaGames, Talent, Recruiting, Ratings, ReturningProduction, Rankings, Teams, AdvancedStats, Weather)


def no_peeking(features: pd.DataFrame) -> Verdict:
    """No feature knows the future: neither moves with later results nor goes with the result like the result itself."""
    lake = lake_of("ncaa")
    lists = SeasonLists(*(lake.read(table) for table in LISTS))
    return peeking.no_peeking(features, lake.read(Games), lake.read(TeamGames), lists, known_at_kickoff.features)


@table_asset(Features, rules={"no_peeking": no_peeking}, ins=reads(Games, TeamGames, *LISTS))
def features(
    games: pd.DataFrame,
    team_games: pd.DataFrame,
    ppa_games: pd.DataFrame,
    talent: pd.DataFrame,
    recruiting: pd.DataFrame,
    ratings: pd.DataFrame,
    returning_production: pd.DataFrame,
    rankings: pd.DataFrame,
    teams: pd.DataFrame,
    advanced_stats: pd.DataFrame,
    weather: pd.DataFrame,
) -> Built:
    """One row per game: ratings, form, rest, place and weather as known at kickoff, and no result of the game."""
    lists = SeasonLists(
        ppa_games, talent, recruiting, ratings, returning_production, rankings, teams, advanced_stats, weather
    )
    frame = known_at_kickoff.features(games, team_games, lists)
    return frame, {"seasons": int(frame["season"].nunique())}
