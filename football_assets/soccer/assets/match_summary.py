"""The counts of live matches."""

import pandas as pd

from football_assets.soccer import summary
from football_assets.soccer.schemas import FlattenedMatches, MatchSummary
from football_assets.warehouse.assets.tables import Built, reads, table_asset


@table_asset(MatchSummary, ins=reads(FlattenedMatches))
def match_summary(flattened_matches: pd.DataFrame) -> Built:
    """One row a count of live matches: all of them, and by status, competition and weather."""
    frame = summary.match_summary(flattened_matches)
    whole = frame.iloc[0]
    return frame, {"matches": int(whole["matches"]), "in_play": int(whole["in_play"])}
