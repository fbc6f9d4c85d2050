"""The records of the FBS teams."""

import pandas as pd

from football_assets.ncaa import records, rules
from football_assets.ncaa.schemas import TeamGames, TeamRecords
from football_assets.warehouse.assets.tables import Built, reads, table_asset


@table_asset(TeamRecords, rules={"add_up": rules.records_add_up}, ins=reads(TeamGames))
def team_records(team_games: pd.DataFrame) -> Built:
    """One row per season and FBS team: won, lost and tied, by place and kind of game, and against the spread."""
    frame = records.team_records(team_games)
    return frame, {"seasons": int(frame["season"].nunique()), "teams": int(frame["team_id"].nunique())}
