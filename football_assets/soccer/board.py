"""The board: which matches are shown and in what order."""

from collections.abc import Collection

import pandas as pd

from football_assets.soccer.codes import IN_PLAY
from football_assets.soccer.schemas import MatchBoard
from football_assets.tables import conform

ORDER = ("competition", "country", "competition_id", "status_id", "kickoff_at", "match_id")


def match_board(flattened: pd.DataFrame, statuses: Collection[int] = IN_PLAY) -> pd.DataFrame:
    """MatchBoard: the matches in one of `statuses`, by competition, then status, then kickoff.

    Competitions of the same name stay apart; a match without a name comes last, not never.
    """
    shown = flattened[flattened["status_id"].isin(list(statuses)).fillna(False).astype(bool)]
    ordered = shown.sort_values(list(ORDER), na_position="last", kind="stable")
    return conform(MatchBoard, ordered.assign(position=pd.array(range(1, len(ordered) + 1), "Int64")))
