"""The models and their predictions: one walk through time gives both."""

from collections.abc import Iterator
from functools import partial
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.ncaa import model_files, predictions, rules
from football_assets.ncaa.game_model import walk_forward
from football_assets.ncaa.gate import gate_passed, judged_by
from football_assets.ncaa.market_model import market_forward
from football_assets.ncaa.schemas import Features, GamePredictions, Games, Lines, Model
from football_assets.ncaa.serving import Serving, nothing
from football_assets.warehouse.assets.remembering import unless_unchanged
from football_assets.warehouse.assets.steps import bound, checks_of, rules_of, table_out
from football_assets.warehouse.assets.tables import reads, result
from football_assets.warehouse.storage import lake_of

RULES = {
    Model: rules_of(Model, kept=rules.model_kept, gate=gate_passed),
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
@unless_unchanged(Model, GamePredictions, made_of=(Games, Lines, Features))
def game_predictions(
    games: pd.DataFrame, lines: pd.DataFrame, features: pd.DataFrame
) -> Iterator[dg.MaterializeResult[Any]]:
    """Predict each week by models fitted before its first kickoff; keep the newest models when they pass the gate."""
    serving, world = in_service(), lake_of("ncaa").root.parent
    walk = walk_forward(games, features)
    found = predictions.game_predictions(walk, games, lines, market_forward(walk.predictions, games, lines))
    decision = judged_by(found, features, None if serving is None else serving.predictions)
    if not decision.publish:
        walk = nothing(walk) if serving is None else serving.walk(walk, features)
        found = predictions.game_predictions(walk, games, lines, market_forward(walk.predictions, games, lines))
    files = {fitted.target: model_files.save(fitted, world) for fitted in walk.newest}
    kept = predictions.models(walk, found, files)
    if serving is not None and not decision.publish:
        kept = serving.models
    about = predictions.metadata(found)
    yield result(Model, (kept, about), bound(RULES[Model], gate={"decision": decision}))
    missing = {"gaps": walk.gaps}
    yield result(GamePredictions, (found, about), bound(RULES[GamePredictions], missing=missing))


def in_service() -> Serving | None:
    """The models and predictions of the last run; None before the first model."""
    lake = lake_of("ncaa")
    if not (lake.exists(Model) and lake.exists(GamePredictions)):
        return None
    models = lake.read(Model)
    load = partial(model_files.load, world=lake.root.parent)
    return Serving(models, lake.read(GamePredictions), load) if len(models) else None
