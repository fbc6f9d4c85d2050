"""What a box score leaves out and its other numbers tell well enough for a rating. Never shown, only learned from."""

import pandas as pd

# Plays of a side by the rest of its box score: least squares over the seasons 2008-2017. On 2018-2020 it explains 56 %
# of their variance; the yards a play that follow go with the true ones at 0.93.
PLAYS_BASE = 40.1
PLAYS_PER: dict[str, float] = {
    "yards": 0.0787,
    "yards_per_rush": -2.253,
    "third_down_pct": 0.0405,
    "possession_s": 0.006563,
    "turnovers": 0.676,
    "points_for": -0.1644,
}


def with_plays(team_games: pd.DataFrame) -> pd.DataFrame:
    """`team_games` with `plays` and `yards_per_play` estimated where the box score does not count passes.

    Whatever else is missing leaves them missing.
    """
    known = team_games[list(PLAYS_PER)].astype("float64")
    estimate = PLAYS_BASE + sum(known[name] * points for name, points in PLAYS_PER.items())
    plays = team_games["plays"].astype("float64")
    found = plays.fillna(estimate)
    each = team_games["yards_per_play"].astype("float64").fillna((known["yards"] / found).where(plays.isna()))
    return team_games.assign(plays=found, yards_per_play=each)
