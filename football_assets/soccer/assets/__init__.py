"""The soccer assets, one file for each step of the cycle."""

from football_assets.soccer.assets.corrections import corrections
from football_assets.soccer.assets.enriched import enrichment
from football_assets.soccer.assets.historical_matches import historical_matches
from football_assets.soccer.assets.history import dagster_history, soccer_history
from football_assets.soccer.assets.live import live_list
from football_assets.soccer.assets.matches import match_tables
from football_assets.soccer.assets.soccer_model import soccer_model

ASSETS = [
    live_list,
    enrichment,
    match_tables,
    corrections,
    soccer_history,
    dagster_history,
    historical_matches,
    soccer_model,
]
