"""The board of matches in play."""

import pandas as pd

from football_assets.soccer import board
from football_assets.soccer.schemas import FlattenedMatches, MatchBoard
from football_assets.warehouse.assets.tables import Built, reads, table_asset


@table_asset(MatchBoard, ins=reads(FlattenedMatches))
def match_board(flattened_matches: pd.DataFrame) -> Built:
    """One row a match in play (statuses 2 to 7), in the order of the board: competition, status, kickoff."""
    frame = board.match_board(flattened_matches)
    return frame, {"of_live_matches": len(flattened_matches), "competitions": int(frame["competition_id"].nunique())}
