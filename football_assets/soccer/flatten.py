"""Flattening: the live list and what is known of each match, side by side in one row with every price worked out."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from football_assets.soccer.codes import is_in_play
from football_assets.soccer.odds import price_columns_of
from football_assets.soccer.schemas import EnrichedMatches, FlattenedMatches, LiveMatches
from football_assets.states import DataState
from football_assets.tables import Table, from_rows, to_arrow

Row = Mapping[str, Any]

_NOT_ENRICHED = "not among the enriched matches"
NOTHING_KNOWN = {
    f"{part}_{word}": value
    for part in ("detail", "odds", "names")
    for word, value in (("state", DataState.MISSING), ("gap", _NOT_ENRICHED))
}


def flatten(live: pd.DataFrame, enriched: pd.DataFrame) -> pd.DataFrame:
    """FlattenedMatches: every match of `live` once, in its order, whether or not anything else is known of it."""
    known = {row["match_id"]: row for row in rows_of(EnrichedMatches, enriched)}
    rows = [flat_row(row, known.get(row["match_id"], NOTHING_KNOWN)) for row in rows_of(LiveMatches, live)]
    return from_rows(FlattenedMatches, rows)


def flat_row(live: Row, enriched: Row) -> dict[str, Any]:
    """One match: the live list's row over what enrichment knows, with prices in each form."""
    status_id, home, away = live.get("status_id"), live.get("home_score"), live.get("away_score")
    score_text = None if home is None or away is None else f"{home}-{away}"
    prices = price_columns_of(enriched, status_id, enriched.get("kickoff_at"), live["fetched_at"], score_text)
    line = prices.get("handicap_line")
    return {
        **enriched,
        **live,
        **prices,
        "home_spread": None if line is None else 0.0 - line,
        "is_in_play": is_in_play(status_id),
    }


def rows_of(table: type[Table], frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows of a frame as plain Python values, None where unknown."""
    return list(to_arrow(table, frame).to_pylist())
