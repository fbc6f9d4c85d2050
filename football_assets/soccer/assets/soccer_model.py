"""What the model knows of every match of the past, and the model that serves live ones: one walk through time."""

import base64
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.soccer import model_files
from football_assets.soccer.model_pictures import calibration_png, one_against_rest
from football_assets.soccer.prediction_schemas import HistoricalMatches, SoccerFeatures, SoccerModel
from football_assets.soccer.training import Trained, model_kept, reported, train
from football_assets.warehouse.assets.steps import checks_of, given, rules_of, table_out
from football_assets.warehouse.assets.tables import BESIDE_LIVE, reads, result
from football_assets.warehouse.storage import lake_of

RULES = {
    SoccerFeatures: rules_of(SoccerFeatures),
    SoccerModel: rules_of(SoccerModel, kept=given(model_kept, problem=None)),
}


@dg.multi_asset(
    pool=BESIDE_LIVE,
    name="soccer_model",
    ins=reads(HistoricalMatches),
    outs={"soccer_features": table_out(SoccerFeatures), "soccer_model": table_out(SoccerModel)},
    check_specs=checks_of(RULES),
)
def soccer_model(historical_matches: pd.DataFrame) -> Iterator[dg.MaterializeResult[Any]]:
    """Learn from all kept seasons, say how good that was on seasons not seen, and keep the newest model."""
    lake = lake_of("soccer")
    trained = train(historical_matches)
    made = None if isinstance(trained.model, str) else model_files.save(trained.model, lake.world)
    if made is not None:
        lake.share(made[1], kind=f"{model_files.FOLDER}/{model_files.PREFIX}-", kept=model_files.KEPT_FILES)
    yield result(SoccerFeatures, trained.features, RULES[SoccerFeatures])
    table, about = reported(trained, made)
    problem = trained.model if isinstance(trained.model, str) else None
    rules = rules_of(SoccerModel, kept=given(model_kept, problem=problem))
    yield result(SoccerModel, (table, {**about, "calibration": _picture(trained)}), rules)


def _picture(trained: Trained) -> dg.MetadataValue[Any]:
    """The newest reported season's calibration, drawn for the asset's page."""
    if not len(trained.outcomes):
        return dg.MetadataValue.text("no season has enough matches to draw")
    drawn = calibration_png({"1X2": one_against_rest(trained.chances, trained.outcomes)}, "newest season, not seen")
    return dg.MetadataValue.md(f"![calibration](data:image/png;base64,{base64.b64encode(drawn).decode()})")
