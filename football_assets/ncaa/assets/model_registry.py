"""What is in service as the lake holds it: the register of models, the predictions, the ledger."""

import pandas as pd

from football_assets.ncaa import ledger, model_files, model_registry
from football_assets.ncaa.assets.seasons import provider_clock
from football_assets.ncaa.game_model import Walk
from football_assets.ncaa.gate import Decision
from football_assets.ncaa.ledger_schemas import GamePredictions, Ledger, Models
from football_assets.ncaa.serving import Serving
from football_assets.tables import from_rows
from football_assets.warehouse.storage import lake_of
from football_assets.warehouse.versions import code_version


def register() -> pd.DataFrame:
    """Every model that was ever a candidate; empty before the first."""
    lake = lake_of("ncaa")
    return lake.read(Models) if lake.exists(Models) else from_rows(Models, [])


def in_service() -> Serving | None:
    """The models and predictions of the last run; None before the first model."""
    lake, models = lake_of("ncaa"), model_registry.in_service(register())
    if models.empty or not lake.exists(GamePredictions):
        return None
    return Serving(models, lake.read(GamePredictions), load)


def load(file: str, sha256: str) -> object:
    """A kept model of this world, verified. Raises StorageError when it is not what the register says."""
    lake = lake_of("ncaa")
    lake.file(file)
    return model_files.load(file, sha256, lake.world)


def judged(
    new: Walk, found: pd.DataFrame, games: pd.DataFrame, features: pd.DataFrame, decision: Decision
) -> pd.DataFrame:
    """The register with the candidates of this run; the files of those that passed are written."""
    lake = lake_of("ncaa")
    files = {each.target: model_files.save(each, lake.world) for each in new.newest} if decision.publish else {}
    for file, _ in files.values():
        lake.share(file, kind=model_files.kind_of(file), kept=model_files.KEPT_FILES)
    first, code = model_registry.trained_from(games, features), code_version("ncaa")
    trial = model_registry.Trial(new.newest, found, first, decision, provider_clock(games), code, files)
    return model_registry.registered(register(), trial, lambda file: lake.file(file).exists())


def said_before_kickoff(games: pd.DataFrame) -> pd.DataFrame | None:
    """The last entry of the ledger before each kickoff; None before the first entry."""
    lake = lake_of("ncaa")
    return ledger.last_said(lake.read(Ledger), games) if lake.exists(Ledger) else None
