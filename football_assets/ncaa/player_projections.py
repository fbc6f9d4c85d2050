"""What the players of the coming games may do: a distribution each, told by its mean, spread and quantiles."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.player_backtest import QUANTILES, half_point, own_games
from football_assets.ncaa.player_distributions import against
from football_assets.ncaa.player_games import STATS, open_rows, player_games
from football_assets.ncaa.player_model import Projected, project

COLUMNS = (
    *("game_id", "player_id", "stat_type", "season", "week", "kickoff_at", "player", "team_id", "team", "opponent_id"),
    *("mean", "sd", *QUANTILES, "line", "p_over", "p_under", "p_push", "n_games", "n_learned", "learned_through"),
)


def player_projections(games: pd.DataFrame, player_stats: pd.DataFrame, coming: pd.DataFrame) -> pd.DataFrame:
    """One row per game, player and stat of the coming games, out of `games` and `player_stats` of all seasons.

    `coming` names the games (`game_id`). A team's squad is everyone with a line in one of its latest two games of the
    season; whether a player takes part is not known, so a projection holds if he does. A player with under four
    earlier games, or without a role of late, has no row. Columns: `COLUMNS`; `line` is the median of the player's
    earlier games at a half point, `learned_through` the last season that the model learned from.
    """
    logs = player_games(games, player_stats)
    rows = open_rows(games, logs, coming)
    if rows.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    seasons = sorted(set(rows["season"]))
    whole = pd.concat([logs, rows], ignore_index=True)
    found = [_told(each) for each in project(whole, seasons, open_only=True)]
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=list(COLUMNS))


def _told(projected: Projected) -> pd.DataFrame:
    found, step = projected.found, STATS[projected.stat_type].step
    own = own_games(projected.whole, projected.stat_type).loc[projected.logs.index]
    line = half_point(_numbers(own["median"]), step)
    over, under, push = against(found, line)
    rows = projected.logs.assign(
        stat_type=projected.stat_type,
        mean=found.mean(),
        sd=found.sd(),
        **{name: found.quantile(level) for name, level in QUANTILES.items()},
        line=line,
        p_over=over,
        p_under=under,
        p_push=push,
        n_games=_numbers(projected.known["games"]).astype(np.int64),
        n_learned=projected.model.n_rows,
        learned_through=max(projected.model.seasons),
    )
    return rows[list(COLUMNS)]


def _numbers(values: "pd.Series[float]") -> npt.NDArray[np.float64]:
    return np.array(values, dtype=np.float64)
