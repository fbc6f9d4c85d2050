"""The models and their predictions: one walk through time gives both."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.ncaa import model_files, predictions, rules
from football_assets.ncaa.assets.outputs import bound, checks_of, rules_of, table_out
from football_assets.ncaa.game_model import walk_forward
from football_assets.ncaa.schemas import Features, GamePredictions, Games, Lines, Model
from football_assets.warehouse.assets.tables import reads, result
from football_assets.warehouse.storage import lake_of

RULES = {
    Model: rules_of(Model, kept=rules.model_kept),
    GamePredictions: rules_of(
        GamePredictions, learned_before=rules.learned_before_kickoff, missing=rules.predictions_missing
    ),
}


@dg.multi_asset(
    name="game_predictions",
    ins=reads(Games, Lines, Features),
    outs={
        "model": table_out(Model, kinds=frozenset({"scikitlearn"})),
        "game_predictions": table_out(GamePredictions, kinds=frozenset({"scikitlearn"})),
    },
    check_specs=checks_of(RULES),
)
def game_predictions(
    games: pd.DataFrame, lines: pd.DataFrame, features: pd.DataFrame
) -> Iterator[dg.MaterializeResult[Any]]:
    """Predict each week by models fitted before its first kickoff; keep the newest models."""
    walk = walk_forward(games, features)
    found = predictions.game_predictions(walk, games, lines)
    files = {fitted.target: model_files.save(fitted, lake_of("ncaa").root.parent) for fitted in walk.newest}
    about = predictions.metadata(found)
    yield result(Model, (predictions.models(walk, found, files), about), RULES[Model])
    missing = {"gaps": walk.gaps}
    yield result(GamePredictions, (found, about), bound(RULES[GamePredictions], missing=missing))
