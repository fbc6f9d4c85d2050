"""How the models would have done: every game of some seasons predicted from earlier games, judged beside the lines."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from football_assets.ncaa.features import features
from football_assets.ncaa.game_model import walk_forward
from football_assets.ncaa.gate import PROVIDER_ELO, Decision, Score, decide, elo_predictions, score
from football_assets.ncaa.market_model import MARKET_FAMILY, market_forward
from football_assets.ncaa.predictions import game_predictions
from football_assets.ncaa.preseason import SeasonLists

# Seasons before the first judged one that ratings and models learn from.
HISTORY_SEASONS = 9
COLUMNS = (
    "game_id",
    "season",
    "week",
    "kickoff_at",
    "family",
    "p_home",
    "margin_mean",
    "margin_sd",
    "total_mean",
    "total_sd",
    "trained_through",
)


@dataclass(frozen=True)
class Backtest:
    """What a backtest gave.

    `predictions`: one row a game and family, with `COLUMNS`. `judged`: FBS-v-FBS games with a closing spread, by name
    of the family or baseline, with the outcome. `scores`: name -> figures on the games that all of them have.
    """

    predictions: pd.DataFrame
    judged: dict[str, pd.DataFrame]
    scores: dict[str, Score]
    by_season: dict[int, dict[str, Score]]
    decision: Decision


def run(
    games: pd.DataFrame,
    team_games: pd.DataFrame,
    lines: pd.DataFrame,
    lists: SeasonLists,
    seasons: range,
    labels: pd.DataFrame | None = None,
) -> Backtest:
    """Predict the seasons by walking forward and judge both families.

    `labels`: games that the models are fitted on instead, with other results (see `permuted`).
    """
    known = features(games, team_games, lists)
    walk = walk_forward(games if labels is None else labels, known)
    walk.predictions = walk.predictions[walk.predictions["game_id"].isin(games["game_id"])]
    aware = market_forward(walk.predictions, games if labels is None else labels, lines)
    everything = game_predictions(walk, games, lines, aware)
    chosen = everything[everything["season"].isin(seasons)].reset_index(drop=True)
    judged = _judged(everything, games, known, lines, set(seasons))
    shared = _shared(judged)
    scores = {name: score(rows[rows["game_id"].isin(shared)]) for name, rows in judged.items()}
    by_season = {
        season: {
            name: score(rows[rows["game_id"].isin(shared) & (rows["season"] == season)])
            for name, rows in judged.items()
        }
        for season in seasons
    }
    return Backtest(chosen, judged, scores, by_season, decide(scores["no_market"], scores["elo"]))


def permuted(games: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The games with the scores of completed ones dealt out anew: nothing can be learned from them."""
    over = (games["is_completed"].astype(bool) & games["home_points"].notna()).to_numpy(bool)
    places = np.flatnonzero(over)
    order = np.random.default_rng(seed).permutation(places)
    found = games.copy()
    for column in ("home_points", "away_points"):
        values = games[column].to_numpy(dtype="float64", na_value=np.nan).copy()
        values[places] = values[order]
        found[column] = pd.array(values, dtype="Int64")
    return found


def _judged(
    everything: pd.DataFrame, games: pd.DataFrame, known: pd.DataFrame, lines: pd.DataFrame, seasons: set[int]
) -> dict[str, pd.DataFrame]:
    rows = everything[everything["is_fbs_game"].astype(bool) & everything["margin"].notna()]
    closing = lines.groupby("game_id")["spread"].median().dropna().index
    ours = rows[rows["family"] == "no_market"]
    found = {
        "no_market": ours,
        MARKET_FAMILY: rows[rows["family"] == MARKET_FAMILY],
        "elo": elo_predictions(ours, known),
        "provider_elo": elo_predictions(ours, known, PROVIDER_ELO),
    }
    return {name: each[each["season"].isin(seasons) & each["game_id"].isin(closing)] for name, each in found.items()}


def _shared(judged: dict[str, pd.DataFrame]) -> set[int]:
    """Games that every family and baseline with any game has."""
    found = [set(rows["game_id"]) for rows in judged.values() if len(rows)]
    return set.intersection(*found) if found else set()
