"""What the players of the coming games may do: a distribution each, told by its mean, spread and quantiles."""

from collections.abc import MutableMapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.features import CALLED_OFF_AFTER, playable
from football_assets.ncaa.player_backtest import QUANTILES, half_point
from football_assets.ncaa.player_distributions import against
from football_assets.ncaa.player_forecasts import texts
from football_assets.ncaa.player_games import STATS, open_rows, player_games, value_of
from football_assets.ncaa.player_model import PlayerModel, Projected, project
from football_assets.ncaa.projection_schemas import INSUFFICIENT, PROJECTED, PlayerProjections
from football_assets.tables import SHOWN_ROWS, Verdict, conform, from_rows

COPIED = ("game_id", "player_id", "season", "week", "kickoff_at", "player", "team_id", "team", "opponent_id")


def coming_games(games: pd.DataFrame) -> pd.DataFrame:
    """The games of the earliest week with one still to be played, those that are over left out.

    A game that was not played two days after its kickoff holds no week open.
    """
    listed = playable(games)
    is_open = ~listed["is_completed"].astype(bool) & (
        listed["kickoff_at"] > games["fetched_at"].max() - CALLED_OFF_AFTER
    )
    still: pd.DataFrame = listed[is_open]
    if still.empty:
        return still
    first = still.sort_values(["kickoff_at", "game_id"]).iloc[0]
    week = ["season", "season_type", "week"]
    of_week = (still[week] == first[week]).all(axis=1).to_numpy(bool)
    return still.loc[of_week].reset_index(drop=True)


def player_projections(
    games: pd.DataFrame,
    player_stats: pd.DataFrame,
    coming: pd.DataFrame,
    fitted: MutableMapping[str, PlayerModel | None] | None = None,
) -> pd.DataFrame:
    """`player_projections`: one row per game, player and stat of the coming games, out of all seasons.

    Args:
        games: The table `games`.
        player_stats: The table `player_stats`.
        coming: The games to project (`game_id`), all of one season.
        fitted: Models by stat that were fitted before for that season; those that it lacks are entered.

    A team's squad is everyone with a line in one of its latest two games of the season; whether a player takes part is
    not known, so a projection holds if he does. Who has the role of a stat and too little behind him has a row that
    says why there is no projection.
    """
    logs = player_games(games, player_stats)
    rows = open_rows(games, logs, coming)
    if rows.empty:
        return from_rows(PlayerProjections, [])
    whole = pd.concat([logs, rows], ignore_index=True)
    walked = project(whole, sorted(set(rows["season"])), open_only=True, fitted=fitted)
    parts = [part for each in walked for part in (_told(each), _untold(each)) if len(part)]
    if not parts:
        return from_rows(PlayerProjections, [])
    found = pd.concat([conform(PlayerProjections, part) for part in parts], ignore_index=True)
    return found.sort_values(["kickoff_at", "game_id", "team_id", "player_id", "stat_type"], ignore_index=True)


def squads_known(projections: pd.DataFrame, coming: pd.DataFrame) -> Verdict:
    """Warns about coming games of which no player is known: neither side has a box score of the season."""
    missing = coming[~coming["game_id"].isin(projections["game_id"])]
    rows: list[dict[str, Any]] = [
        {"game_id": int(row["game_id"]), "home_team": str(row["home_team"]), "away_team": str(row["away_team"])}
        for row in missing.head(SHOWN_ROWS).to_dict("records")
    ]
    says = f"{len(missing)} of {len(coming)} coming games have no player"
    return Verdict(missing.empty, says, "warn", {"games": len(coming), "without_players": len(missing)}, tuple(rows))


def counted(found: pd.DataFrame) -> dict[str, int]:
    """Rows by state."""
    return {str(state): int(rows) for state, rows in found["state"].value_counts().items()}


def _told(projected: Projected) -> pd.DataFrame:
    found, model = projected.found, projected.model
    if found is None or model is None:
        return projected.logs.head(0)
    stat = STATS[projected.stat_type]
    medians = value_of(projected.whole, stat).groupby(projected.whole["player_id"]).median()
    line = half_point(_numbers(projected.logs["player_id"].map(medians)), stat.step)
    over, under, _ = against(found, line)
    return projected.logs[list(COPIED)].assign(
        stat_type=projected.stat_type,
        state=PROJECTED,
        reason=None,
        mean=found.mean(),
        sd=found.sd(),
        **{name: found.quantile(level) for name, level in QUANTILES.items()},
        line=line,
        p_over=over,
        p_under=under,
        n_games=_numbers(projected.known["games"]).astype(np.int64),
        n_learned=model.n_rows,
        learned_through=max(model.seasons),
        distribution=texts(found),
    )


def _untold(projected: Projected) -> pd.DataFrame:
    """The rows without a projection: every number of it is unknown."""
    rows = projected.gaps[[*COPIED, "reason", "games"]].rename(columns={"games": "n_games"})
    rows = rows.assign(stat_type=projected.stat_type, state=INSUFFICIENT, n_games=rows["n_games"].fillna(0))
    blank = ("mean", "sd", *QUANTILES, "line", "p_over", "p_under", "n_learned", "learned_through", "distribution")
    return rows.assign(**dict.fromkeys(blank, None))


def _numbers(values: "pd.Series[float]") -> npt.NDArray[np.float64]:
    return np.array(values, dtype=np.float64)
