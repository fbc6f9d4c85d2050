"""What people read: probabilities, expected margin and total, fair odds, and the market's numbers beside."""

from typing import Any

import numpy as np
import pandas as pd

from football_assets.ncaa import game_model
from football_assets.ncaa.features import CALLED_OFF_AFTER
from football_assets.ncaa.game_model import FAMILY, Walk, p_home
from football_assets.ncaa.ledger_schemas import GamePredictions
from football_assets.ncaa.market import market
from football_assets.ncaa.market_model import MARKET_FAMILY
from football_assets.tables import conform

SHOWN_OF_GAME = (
    "game_id",
    "season",
    "week",
    "season_type",
    "kickoff_at",
    "is_kickoff_tbd",
    "home_team",
    "away_team",
    "is_neutral_site",
    "is_completed",
)


def game_predictions(
    walk: Walk,
    games: pd.DataFrame,
    lines: pd.DataFrame,
    market_aware: pd.DataFrame | None = None,
    said: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """`game_predictions` out of a walk: one row a game and family that has a prediction, in the order of kickoffs.

    Args:
        walk: Predictions of the family `no_market`.
        games: The table `games`.
        lines: The table `lines`.
        market_aware: Predictions of that family in the same columns as the walk's.
        said: What the ledger has of games, as `ledger.last_said` gives it. Of a game that has kicked off it is shown
            as it was said, whatever the walk says now.
    """
    read_at = games["fetched_at"].max()
    about = games[[*SHOWN_OF_GAME, "home_classification", "away_classification", "home_points", "away_points"]]
    families = {FAMILY: walk.predictions, MARKET_FAMILY: market_aware}
    told = [frame.assign(family=family) for family, frame in families.items() if frame is not None]
    found = pd.concat(told, ignore_index=True)
    chance = p_home(found["margin_mean"].to_numpy(), found["margin_sd"].to_numpy())
    found = found.assign(p_home=chance, predicted_at=read_at, is_said=False)
    if said is not None and len(said):
        found = _as_said(found, said[said["kickoff_at"] <= read_at])
    found = found.merge(about, on="game_id").merge(market(lines), on="game_id", how="left")
    over, chance = found["is_completed"].astype(bool), found["p_home"].to_numpy(np.float64)
    has_begun, is_said = found["kickoff_at"] <= read_at, found["is_said"].astype(bool)
    found = found.assign(
        home_fair_moneyline=fair_moneyline(chance),
        away_fair_moneyline=fair_moneyline(1.0 - chance),
        is_fbs_game=(found["home_classification"] == "fbs") & (found["away_classification"] == "fbs"),
        state=np.select([is_said, has_begun], ["said", "replayed"], "open"),
        is_replay=has_begun & ~is_said,
        margin=(found["home_points"] - found["away_points"]).where(over),
        total=(found["home_points"] + found["away_points"]).where(over),
    )
    return conform(GamePredictions, found.sort_values(["kickoff_at", "game_id", "family"], ignore_index=True))


def _as_said(found: pd.DataFrame, said: pd.DataFrame) -> pd.DataFrame:
    """The predictions with those of the ledger in their place."""
    rows = said.assign(predicted_at=said["said_at"], is_said=True)[list(found.columns)]
    told = pd.MultiIndex.from_frame(found[["game_id", "family"]])
    return pd.concat(
        [found[~told.isin(pd.MultiIndex.from_frame(rows[["game_id", "family"]]))], rows], ignore_index=True
    )


def fair_moneyline(chance: "np.typing.NDArray[np.float64]") -> "np.typing.NDArray[np.float64]":
    """American odds at which a bet with this chance of winning neither gains nor loses: 0.6 -> -150, 0.4 -> +150."""
    odds = chance / (1.0 - chance)
    return np.where(chance >= 0.5, -100.0 * odds, 100.0 / odds)


def metrics(
    predictions: pd.DataFrame, target: game_model.Target, family: str = FAMILY
) -> dict[str, float | int | None]:
    """How the predictions of FBS-v-FBS games did, beside the market on the games that have a line.

    Keys: evaluated_games, mae, brier, log_loss (margin only), market_games, mae_beside_market, market_mae; a mean
    over no game is None.
    """
    ours = predictions[predictions["family"] == family]
    judged = ours[ours["is_fbs_game"].astype(bool) & ours[target].notna()]
    actual = judged[target].astype("float64")
    misses = (actual - judged[f"{target}_mean"]).abs()
    line = -judged["market_spread"] if target == "margin" else judged["market_total"]
    quoted = line.notna()
    found: dict[str, float | int | None] = {
        "evaluated_games": len(judged),
        "mae": _mean(misses),
        "market_games": int(quoted.sum()),
        "mae_beside_market": _mean(misses[quoted]),
        "market_mae": _mean((actual - line)[quoted].abs()),
    }
    if target == "margin":
        won, chance = (actual > 0).astype("float64"), judged["p_home"]
        found["brier"] = _mean((chance - won) ** 2)
        found["log_loss"] = _mean(-np.log(chance.where(won == 1.0, 1.0 - chance)))
    return found


def metadata(predictions: pd.DataFrame) -> dict[str, Any]:
    """The figures that the asset shows: how many, the training window, and how the margins did beside the market."""
    window = predictions["trained_through"]
    found = {f"margin_{name}": value for name, value in metrics(predictions, "margin").items()}
    found |= {f"total_{name}": value for name, value in metrics(predictions, "total").items()}
    about: dict[str, Any] = {name: value for name, value in found.items() if value is not None}
    if len(predictions):
        about["trained_from_to"] = f"{window.min().isoformat()} .. {window.max().isoformat()}"
        about["open_games"] = int((~predictions["is_completed"].astype(bool)).sum())
    return about


def coming_week(predictions: pd.DataFrame, as_of: pd.Timestamp | None = None) -> pd.DataFrame:
    """The predicted games of the earliest week that is not finished at `as_of`; empty when every week is.

    A game that was not played two days after its kickoff holds no week open. `as_of` is the provider's clock when
    the games were read last; without it, the newest `predicted_at`.
    """
    if predictions.empty:
        return predictions
    moment = predictions["predicted_at"].max() if as_of is None else as_of
    still = ~predictions["is_completed"].astype(bool) & (predictions["kickoff_at"] > moment - CALLED_OFF_AFTER)
    if not still.any():
        return predictions.head(0)
    first = predictions[still].sort_values(["kickoff_at", "game_id"]).iloc[0]
    return week_of(predictions, int(first["season"]), int(first["week"]), str(first["season_type"]))


def week_of(
    predictions: pd.DataFrame, season: int, week: int | None = None, season_type: str | None = None
) -> pd.DataFrame:
    """The predictions of one season, week and season type, in the order of kickoffs; None takes all."""
    chosen = predictions["season"] == season
    if week is not None:
        chosen &= predictions["week"] == week
    if season_type is not None:
        chosen &= predictions["season_type"] == season_type
    return predictions[chosen].sort_values(["kickoff_at", "game_id"], ignore_index=True)


def _mean(values: "pd.Series[float]") -> float | None:
    return float(values.mean()) if len(values) else None
