"""Fitted player models between runs: those of a season learn from earlier seasons only, so one fit serves all of it."""

import json
from copy import copy
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from football_assets.errors import StorageError
from football_assets.ncaa import model_files
from football_assets.ncaa.player_counts import Curves
from football_assets.ncaa.player_games import STATS
from football_assets.ncaa.player_history import INPUTS
from football_assets.ncaa.player_model import Averaged, PlayerModel, Shape, Shapes
from football_assets.ncaa.projection_schemas import PlayerModels
from football_assets.tables import Verdict, from_rows

KIND = "players"
Fits = dict[str, PlayerModel | None]


def kept(table: pd.DataFrame, season: int, made_of: str, world: Path) -> tuple[Fits, str | None]:
    """The models of a season that were fitted from exactly this, and why they cannot be used, if so.

    `table` is `player_models`. A file that does not verify is not used: the models are to be fitted anew.
    """
    rows = table[(table["season"] == season) & (table["made_of"] == made_of)]
    if rows.empty:
        return {}, None
    try:
        content = model_files.load(str(rows["file"].iloc[0]), str(rows["sha256"].iloc[0]), world)
    except StorageError as error:
        return {}, str(error)
    return {name: _model(name, about) for name, about in content.items()}, None


def store(fits: Fits, season: int, made_of: str, code: str, world: Path) -> pd.DataFrame:
    """Write the models as one file; gives `player_models`. Stats without a model are noted in the file only."""
    file, digest = model_files.write({name: _content(each) for name, each in fits.items()}, world, KIND, str(season))
    rows = [
        {
            "stat_type": name,
            "season": season,
            "learned_from": min(model.seasons),
            "learned_through": max(model.seasons),
            "n_rows": model.n_rows,
            "features": json.dumps(INPUTS),
            "unseen_miss": model.unseen_miss,
            "made_of": made_of,
            "code_version": code,
            "file": file,
            "sha256": digest,
        }
        for name, model in fits.items()
        if model is not None
    ]
    return from_rows(PlayerModels, rows)


def verified(models: pd.DataFrame, problem: str | None) -> Verdict:
    """Warns when the kept models did not verify; they were then fitted anew."""
    says = f"{len(models)} models" if problem is None else f"fitted anew: {problem}"
    return Verdict(problem is None, says, "warn", {"models": len(models)})


def _content(model: PlayerModel | None) -> dict[str, Any] | None:
    if model is None:
        return None
    return {
        "expect": [_felled(each) for each in model.expect.members],
        "spread": None if model.spread is None else _felled(model.spread),
        **_told(model.shape),
        "seasons": list(model.seasons),
        "n_rows": model.n_rows,
        "unseen_miss": model.unseen_miss,
    }


def _told(shape: Curves | Shapes) -> dict[str, Any]:
    if isinstance(shape, Curves):
        return {"curves": dict(vars(shape))}
    return {"cuts": shape.cuts, "shapes": [{"centers": each.centers, "table": each.table} for each in shape.shapes]}


def _model(name: str, about: dict[str, Any] | None) -> PlayerModel | None:
    if about is None:
        return None
    shape: Curves | Shapes
    if "curves" in about:
        shape = Curves(**{each: np.asarray(values) for each, values in about["curves"].items()})
    else:
        shapes = tuple(Shape(np.asarray(each["centers"]), np.asarray(each["table"])) for each in about["shapes"])
        shape = Shapes(np.asarray(about["cuts"]), shapes)
    seasons = tuple(int(each) for each in about["seasons"])
    expect = Averaged(tuple(_grown_again(each) for each in about["expect"]))
    spread = None if about["spread"] is None else _grown_again(about["spread"])
    return PlayerModel(STATS[name], expect, spread, shape, seasons, about["n_rows"], about["unseen_miss"])


def _felled(trees: Any) -> dict[str, Any]:
    """Boosted trees with the nodes of all of them in one array: thousands of small ones take seconds to read."""
    rest = copy(trees)
    nodes = [each.nodes for (each,) in trees._predictors]
    rest._predictors = []
    return {"rest": rest, "nodes": np.concatenate(nodes), "counts": np.array([len(each) for each in nodes])}


def _grown_again(content: dict[str, Any]) -> Any:
    from sklearn.ensemble._hist_gradient_boosting.predictor import TreePredictor

    trees, ends = content["rest"], np.cumsum(content["counts"])
    no_categories = np.zeros((0, 8), dtype=np.uint32)
    parts = np.split(content["nodes"], ends[:-1])
    trees._predictors = [[TreePredictor(np.ascontiguousarray(each), no_categories, no_categories)] for each in parts]
    return trees
