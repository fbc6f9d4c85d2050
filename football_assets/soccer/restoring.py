"""The soccer tables of a world as a past cycle showed them, rebuilt from the history into the lake.

What the history tells is written row by row as it was, quotes and predictions too. What it does not tell is not known
any more and is not carried over from another time: where predictions were not kept yet every match says so, and when
its detail and odds were read is null. Links of teams and finished seasons only grow and stay as they are.
"""

from datetime import datetime
from pathlib import Path

import pandas as pd

from football_assets.config import load_settings
from football_assets.soccer.board import match_board
from football_assets.soccer.changes import LOGGED, microseconds
from football_assets.soccer.history import History
from football_assets.soccer.keeping import corrections_frame
from football_assets.soccer.match_predictions import match_predictions, match_rows
from football_assets.soccer.past_quotes import past_enriched, past_quotes
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import (
    Corrections,
    EnrichedMatches,
    LiveMatches,
    MatchBoard,
    MatchSummary,
    OddsQuotes,
)
from football_assets.soccer.summary import match_summary
from football_assets.soccer.team_links import Identified
from football_assets.states import Source
from football_assets.tables import columns, conform, from_arrow
from football_assets.warehouse.lake import Lake

NOT_KEPT = "restored from a history that does not have what the model said then"


def write_past(home: Path, source: Source, instant: datetime) -> datetime:
    """Write the soccer tables of the newest cycle at or before an instant; returns when that cycle was.

    Raises StorageError when no kept day has one, or something cannot be read or written.
    """
    history, lake = History(home, source), Lake(home, source)
    past = history.cycle(*history.cycle_at(instant))  # what the fast lane saw is in no table of a cycle
    flattened = past.flattened
    predictions = past.predictions
    if predictions.empty:
        nobody = Identified({}, {}, pd.DataFrame())
        predictions = match_predictions(match_rows(flattened), NOT_KEPT, nobody)
    live = conform(LiveMatches, flattened[[each.name for each in columns(LiveMatches)]])
    for name, table in LOGGED.items():
        lake.write(table, past.tables[name])
    lake.write(LiveMatches, live)
    lake.write(MatchPredictions, predictions)
    lake.write(MatchBoard, match_board(flattened, predictions=predictions))
    lake.write(MatchSummary, match_summary(flattened))
    lake.write(Corrections, _corrections(history, past.observed_at))
    quotes = past_quotes(history, past)
    lake.write(OddsQuotes, from_arrow(quotes))
    lake.write(EnrichedMatches, past_enriched(past, quotes, load_settings().live.early_minutes))
    return past.observed_at


def _corrections(history: History, observed_at: datetime) -> pd.DataFrame:
    until_us = microseconds(observed_at)
    days = [day for day in history.days() if day <= observed_at.date()]
    rows = (row for day in days for log in history.logs(day) for row in log.corrections())
    return corrections_frame(row for row in rows if row["observed_at"] <= until_us)
