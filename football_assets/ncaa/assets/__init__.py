"""The college football assets, one file a table; model and predictions come out of one walk through time."""

from football_assets.ncaa.assets.features import features
from football_assets.ncaa.assets.game_predictions import game_predictions
from football_assets.ncaa.assets.games import games
from football_assets.ncaa.assets.ledger import ledger
from football_assets.ncaa.assets.lines import lines
from football_assets.ncaa.assets.player_projections import player_projections
from football_assets.ncaa.assets.player_stats import player_stats
from football_assets.ncaa.assets.power_ratings import power_ratings
from football_assets.ncaa.assets.prop_calibration import prop_calibration_asset
from football_assets.ncaa.assets.quality import data_quality
from football_assets.ncaa.assets.season_lists import SEASON_LISTS, venues
from football_assets.ncaa.assets.team_games import team_games
from football_assets.ncaa.assets.team_records import team_records
from football_assets.ncaa.assets.team_stats import team_stats

ASSETS = [
    games,
    lines,
    team_stats,
    player_stats,
    *SEASON_LISTS,
    venues,
    team_games,
    team_records,
    features,
    game_predictions,
    ledger,
    power_ratings,
    player_projections,
    prop_calibration_asset,
    data_quality,
]
