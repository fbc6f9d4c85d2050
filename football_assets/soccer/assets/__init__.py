"""The soccer assets, one file for each step of the cycle."""

from football_assets.soccer.assets.corrections import corrections
from football_assets.soccer.assets.enriched import enrichment
from football_assets.soccer.assets.history import soccer_history
from football_assets.soccer.assets.live import live_list
from football_assets.soccer.assets.matches import match_tables

ASSETS = [live_list, enrichment, match_tables, corrections, soccer_history]
