"""The models and their predictions: one walk gives both, the gate decides, the ledger has the last word."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.ncaa import model_registry, predictions, rules
from football_assets.ncaa.assets.model_registry import in_service, judged, load, said_before_kickoff
from football_assets.ncaa.assets.pictures import of_models, of_predictions
from football_assets.ncaa.game_model import walk_forward
from football_assets.ncaa.gate import gate_passed, judged_by
from football_assets.ncaa.ledger_schemas import GamePredictions, Models
from football_assets.ncaa.market_model import market_forward
from football_assets.ncaa.schemas import Features, Games, Lines
from football_assets.ncaa.serving import goes_on
from football_assets.warehouse.assets.remembering import unless_unchanged
from football_assets.warehouse.assets.steps import bound, checks_of, rules_of, table_out
from football_assets.warehouse.assets.tables import BESIDE_LIVE, reads, result

RULES = {
    Models: rules_of(Models, kept=rules.model_kept, gate=gate_passed, loads=model_registry.loads),
    GamePredictions: rules_of(
        GamePredictions, learned_before=rules.learned_before_kickoff, missing=rules.predictions_missing
    ),
}


@dg.multi_asset(
    pool=BESIDE_LIVE,
    name="game_predictions",
    ins=reads(Games, Lines, Features),
    outs={
        "models": table_out(Models, kinds=frozenset({"scikitlearn"})),
        "game_predictions": table_out(GamePredictions, kinds=frozenset({"scikitlearn"})),
    },
    check_specs=checks_of(RULES),
)
@unless_unchanged(Models, GamePredictions, made_of=(Games, Lines, Features))
def game_predictions(
    games: pd.DataFrame, lines: pd.DataFrame, features: pd.DataFrame
) -> Iterator[dg.MaterializeResult[Any]]:
    """Predict each week by models fitted before its first kickoff; keep the newest models when they pass the gate."""
    serving, new = in_service(), walk_forward(games, features)
    found = predictions.game_predictions(new, games, lines)
    decision = judged_by(found, features, None if serving is None else serving.predictions)
    walk = new if decision.publish else goes_on(serving, new, features)
    aware = market_forward(walk.predictions, games, lines)
    shown = predictions.game_predictions(walk, games, lines, aware, said_before_kickoff(games))
    about = predictions.metadata(shown)
    known: dict[str, dict[str, Any]] = {"gate": {"decision": decision}, "loads": {"load": load}}
    kept = judged(new, found, games, features, decision)
    yield result(Models, (kept, of_models(walk.newest) | about), bound(RULES[Models], **known))
    missing = {"gaps": walk.gaps}
    yield result(
        GamePredictions, (shown, of_predictions(shown) | about), bound(RULES[GamePredictions], missing=missing)
    )
