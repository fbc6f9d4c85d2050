"""The board: which matches are shown and in what order."""

from collections.abc import Collection

import pandas as pd

from football_assets.soccer.codes import IN_PLAY, STATUS
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import ChanceColumns, MatchBoard
from football_assets.tables import conform, from_rows

ORDER = ("competition", "country", "competition_id", "status_id", "kickoff_at", "match_id")


SAID = {"state": "model_state", "reason": "model_reason", **{name: name for name in ChanceColumns.to_schema().columns}}


def match_board(
    flattened: pd.DataFrame, statuses: Collection[int] = IN_PLAY, predictions: pd.DataFrame | None = None
) -> pd.DataFrame:
    """MatchBoard: the matches in one of `statuses`, by competition, then status, then kickoff.

    Where those in play are wanted, a match whose status is in no table of ours is shown as well: it may be in play.
    Competitions of the same name stay apart; a match without a name comes last, not never. Without `predictions`
    (MatchPredictions) all that the model says is null.
    """
    shown = _is_one_of(flattened, statuses)
    if set(statuses) >= IN_PLAY:
        shown |= ~_is_one_of(flattened, STATUS)
    ordered = flattened[shown].sort_values(list(ORDER), na_position="last", kind="stable")
    said = from_rows(MatchPredictions, []) if predictions is None else predictions
    known = said.set_index("match_id")[list(SAID)].rename(columns=SAID).reindex(ordered["match_id"])
    known.index = ordered.index
    numbered = ordered.assign(position=pd.array(range(1, len(ordered) + 1), "Int64"))
    return conform(MatchBoard, pd.concat([numbered, known], axis=1))


def _is_one_of(flattened: pd.DataFrame, statuses: Collection[int]) -> "pd.Series[bool]":
    return flattened["status_id"].isin(list(statuses)).fillna(False).astype(bool)
