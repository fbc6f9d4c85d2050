"""The soccer assets, one file for each step of the cycle."""

from football_assets.soccer.assets.enriched import enrichment
from football_assets.soccer.assets.flattened_matches import flattened_matches
from football_assets.soccer.assets.live import live_list
from football_assets.soccer.assets.match_board import match_board
from football_assets.soccer.assets.match_summary import match_summary

ASSETS = [live_list, enrichment, flattened_matches, match_board, match_summary]
