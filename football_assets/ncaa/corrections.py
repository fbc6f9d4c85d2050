"""Scores that the provider changed after it had called a game over: kept as facts, never forgotten."""

from datetime import datetime

import pandas as pd

from football_assets.ncaa.season_schemas import ScoreCorrections
from football_assets.tables import from_rows

FIELDS = ("home_points", "away_points")


def corrections(before: pd.DataFrame, now: pd.DataFrame, kept: pd.DataFrame, seen_at: datetime) -> pd.DataFrame:
    """Every correction of a season: those `kept`, and what differs between two readings of its games.

    A game counts once it was over with a score in the reading before. `before`, `now` are `games`; all of one season.
    What was kept last time, because the run broke off before the games were written, is not kept twice.
    """
    over = before[before["is_completed"].fillna(False).astype(bool)]
    pairs = over.merge(now, on="game_id", suffixes=("_old", "_new"))
    found = []
    for field in FIELDS:
        old, new = pairs[f"{field}_old"], pairs[f"{field}_new"]
        changed = pairs[old.notna() & ((old != new).fillna(True).astype(bool))]
        for row in changed.to_dict("records"):
            about = {"game_id": row["game_id"], "season": row["season_new"], "field": field}
            teams = {"home_team": row["home_team_new"], "away_team": row["away_team_new"]}
            points = {"old": _whole(row[f"{field}_old"]), "new": _whole(row[f"{field}_new"])}
            found.append({**about, **teams, **points, "seen_at": seen_at})
    fresh = from_rows(ScoreCorrections, [row for row in found if not _is_last(row, kept)])
    return pd.concat([kept, fresh], ignore_index=True)


def _is_last(row: dict[str, object], kept: pd.DataFrame) -> bool:
    of_this = kept[(kept["game_id"] == row["game_id"]) & (kept["field"] == row["field"])].sort_values("seen_at")
    if of_this.empty:
        return False
    last = of_this.iloc[-1]
    return (_whole(last["old"]), _whole(last["new"])) == (row["old"], row["new"])


def _whole(value: object) -> int | None:
    return None if pd.isna(value) else int(str(value))  # type: ignore[call-overload]
