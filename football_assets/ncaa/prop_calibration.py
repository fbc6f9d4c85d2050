"""How often the chances of player props came true, by tenths, in a season that the models had not learned from."""

import numpy as np
import pandas as pd

from football_assets.ncaa.player_backtest import backtest
from football_assets.ncaa.player_games import player_games
from football_assets.ncaa.prop_schemas import PropCalibration
from football_assets.ncaa.props import FEWEST_GRADED, Bucket, Side
from football_assets.tables import from_rows

BUCKETS = 10


def graded_season(games: pd.DataFrame) -> int | None:
    """The newest season that is over and has one before it to learn from; None without one.

    A season with a later one is over, whatever games of it were called off.
    """
    seasons = sorted(int(each) for each in games["season"].unique())
    over = seasons[1:-1]
    if len(seasons) > 1 and games.loc[games["season"] == seasons[-1], "is_completed"].astype(bool).all():
        over.append(seasons[-1])
    return over[-1] if over else None


def prop_calibration(games: pd.DataFrame, player_stats: pd.DataFrame, made_of: str) -> pd.DataFrame:
    """`PropCalibration` out of all games and box scores; empty when no season can be graded.

    `made_of` is the digest of the seasons and of the code, which is kept beside the counts.
    """
    season = graded_season(games)
    if season is None:
        return from_rows(PropCalibration, [])
    before = games["season"] <= season
    stats = player_stats[player_stats["season"] <= season]
    return counted(backtest(player_games(games[before], stats), [season]), season, made_of)


def counted(rows: pd.DataFrame, season: int, made_of: str) -> pd.DataFrame:
    """`PropCalibration` out of graded projections: `stat_type`, `p_over`, `line`, `actual`."""
    if rows.empty:
        return from_rows(PropCalibration, [])
    told = rows[rows["actual"].notna() & (rows["actual"] != rows["line"])]
    tenth = np.clip((told["p_over"].to_numpy(dtype=float) * BUCKETS).astype(int), 0, BUCKETS - 1)
    judged = told.assign(bucket=tenth, came_true=(told["actual"] > told["line"]).astype(float))
    found = judged.groupby(["stat_type", "bucket"], as_index=False).agg(
        graded=("came_true", "size"), said=("p_over", "mean"), observed=("came_true", "mean")
    )
    rows_of = found.assign(season=season, made_of=made_of).to_dict("records")
    return from_rows(PropCalibration, [{str(name): value for name, value in row.items()} for row in rows_of])


def bucket_of(calibration: pd.DataFrame, stat_type: str, side: Side, p: float) -> Bucket | None:
    """The tenth that a side's chance falls into; None when too few of it were graded."""
    p_over = p if side == "over" else 1.0 - p
    tenth = min(max(int(p_over * BUCKETS), 0), BUCKETS - 1)
    found = calibration[(calibration["stat_type"] == stat_type) & (calibration["bucket"] == tenth)]
    if found.empty or int(found["graded"].iloc[0]) < FEWEST_GRADED:
        return None
    row = found.iloc[0]
    low, high = tenth / BUCKETS, (tenth + 1) / BUCKETS
    said, observed = float(row["said"]), float(row["observed"])
    if side == "under":
        low, high, said, observed = 1 - high, 1 - low, 1 - said, 1 - observed
    return Bucket(low, high, int(row["graded"]), said, observed)
