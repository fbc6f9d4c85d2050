"""The players of the coming week's games, and the models that project them."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.ncaa import player_model_files as files
from football_assets.ncaa import player_projections as projections
from football_assets.ncaa.model_files import KEPT_FILES, kind_of
from football_assets.ncaa.projection_schemas import PlayerModels, PlayerProjections
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.tables import from_rows
from football_assets.warehouse.assets.remembering import unless_unchanged
from football_assets.warehouse.assets.steps import bound, checks_of, rules_of, table_out
from football_assets.warehouse.assets.tables import BESIDE_LIVE, reads, result
from football_assets.warehouse.storage import lake_of
from football_assets.warehouse.versions import code_version, stored_version

RULES = {
    PlayerModels: rules_of(PlayerModels, verified=files.verified),
    PlayerProjections: rules_of(PlayerProjections, squads=projections.squads_known),
}


@dg.multi_asset(
    pool=BESIDE_LIVE,
    name="ncaa__player_projections",
    ins=reads(Games, PlayerStats),
    outs={
        "player_models": table_out(PlayerModels, kinds=frozenset({"scikitlearn"})),
        "player_projections": table_out(PlayerProjections, kinds=frozenset({"scikitlearn"})),
    },
    check_specs=checks_of(RULES),
)
@unless_unchanged(PlayerModels, PlayerProjections, made_of=(Games, PlayerStats))
def player_projections(games: pd.DataFrame, player_stats: pd.DataFrame) -> Iterator[dg.MaterializeResult[Any]]:
    """Project the players of the coming games; models are fitted once for a season, from those before it."""
    coming, lake = projections.coming_games(games), lake_of("ncaa")
    season = int(coming["season"].max()) if len(coming) else 0
    models = lake.read(PlayerModels) if lake.exists(PlayerModels) else from_rows(PlayerModels, [])
    made_of, world, code = learned_from(season), lake.world, code_version("ncaa")
    for file in models.loc[models["season"] == season, "file"].unique():
        lake.file(str(file))
    fits, problem = files.kept(models, season, made_of, world)
    ready = set(fits)
    found = projections.player_projections(games, player_stats, coming, fits)
    if set(fits) != ready:
        models = files.store(fits, season, made_of, code, world)
        for file in models["file"].unique():
            lake.share(str(file), kind=kind_of(str(file)), kept=KEPT_FILES)
    about = {"coming_games": len(coming), "models_fitted": len(set(fits) - ready)} | projections.counted(found)
    yield result(PlayerModels, (models, about), bound(RULES[PlayerModels], verified={"problem": problem}))
    yield result(PlayerProjections, (found, about), bound(RULES[PlayerProjections], squads={"coming": coming}))


def learned_from(season: int) -> str:
    """The digest of what models of a season learn from: the earlier seasons as they are stored, and the code."""
    lake, tables = lake_of("ncaa"), (Games, PlayerStats)
    seasons = [each for each in lake.seasons(PlayerStats) if int(each) < season]
    made_of = {
        f"{table.table_name()} {each}": stored_version(lake, table, each) for each in seasons for table in tables
    }
    return hashlib.sha256(json.dumps({**made_of, "code": code_version("ncaa")}).encode()).hexdigest()
