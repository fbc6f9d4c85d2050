"""Pictures in the metadata of assets, as the UI shows them."""

from collections.abc import Iterable

import dagster as dg
import pandas as pd

from football_assets.ncaa import plots
from football_assets.ncaa.game_model import Fitted
from football_assets.ncaa.quality import Measured

Pictures = dict[str, dg.MarkdownMetadataValue]


def of_predictions(predictions: pd.DataFrame) -> Pictures:
    """Calibration and misses by week of the families on completed games between FBS sides."""
    judged = predictions[predictions["is_fbs_game"].astype(bool) & predictions["margin"].notna()]
    told = {str(family): frame for family, frame in judged.groupby("family", sort=False)}
    if not told:
        return {}
    return {
        "calibration": _shown(plots.calibration(told), "calibration"),
        "misses_by_week": _shown(plots.misses_by_week(told), "misses by week"),
    }


def of_models(newest: Iterable[Fitted]) -> Pictures:
    """What each newest model rests on."""
    return {
        f"{fitted.target}_rests_on": _shown(
            plots.importance(
                plots.weights_of(fitted.pipeline, fitted.inputs),
                f"points of the {fitted.target} for one standard deviation of the input",
            ),
            f"what the {fitted.target} rests on",
        )
        for fitted in newest
    }


def of_quality(measured: Iterable[Measured], least: float) -> Pictures:
    """Score and parts of each table."""
    rows = [{"table": each.table, "score": each.score, **each.parts} for each in measured]
    return {"parts": _shown(plots.quality(rows, least), "data quality by table")}


def _shown(picture: bytes, title: str) -> dg.MarkdownMetadataValue:
    return dg.MetadataValue.md(plots.markdown(picture, title))
