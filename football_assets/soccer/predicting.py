"""The predictions of one live cycle: the kept model and links read from the lake, asked about the live matches.

Nothing here may hold a score back: a model or a link file that cannot be read is a reason on every row.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.errors import StorageError
from football_assets.soccer.identity import Fixture, HistoryTeam
from football_assets.soccer.match_predictions import match_predictions, match_rows, summary
from football_assets.soccer.model_files import TO_DO, SoccerModelFile, load
from football_assets.soccer.prediction_schemas import HistoricalMatches, SoccerModel, TeamLinks
from football_assets.soccer.team_links import DECISIONS, Identified, Known, identify, read_decisions
from football_assets.tables import from_rows
from football_assets.warehouse.lake import Lake

NOT_YET = f"no model is kept yet. {TO_DO}"


@dataclass(frozen=True)
class Said:
    """What a cycle predicts: MatchPredictions, TeamLinks, figures, and why the kept model could not be used, if so."""

    predictions: pd.DataFrame
    links: pd.DataFrame
    about: dict[str, Any]
    problem: str | None = None


def predict_cycle(lake: Lake, flattened: pd.DataFrame, now: datetime) -> Said:
    """Predictions and links of FlattenedMatches; `now` is the clock of this machine."""
    rows, problem = match_rows(flattened), None
    previous = _previous_links(lake)
    identified = Identified({}, {}, previous)
    model: SoccerModelFile | str
    try:
        model = kept_model(lake)
        if isinstance(model, SoccerModelFile):
            identified = identify(rows, previous, _known(lake, model), now)
    except StorageError as error:
        model = problem = str(error)
    found = match_predictions(rows, model, identified)
    about = {**summary(found), "links_looked_at": identified.looked_at}
    return Said(found, identified.table, about, problem)


def kept_model(lake: Lake) -> SoccerModelFile | str:
    """The model that serves live matches, or why there is none yet. Raises StorageError when it cannot be read."""
    path = lake.path(SoccerModel)
    if not path.exists():
        return NOT_YET
    rows = [row for row in _rows(path, ["model_id", "file", "sha256"]) if row["model_id"] is not None]
    if not rows:
        return NOT_YET
    lake.file(rows[0]["file"])
    return load(rows[0]["model_id"], rows[0]["file"], rows[0]["sha256"], lake.world)


def _known(lake: Lake, model: SoccerModelFile) -> Known:
    lake.file(DECISIONS, changes=True)
    return Known(
        model.model_id,
        model.divisions,
        [HistoryTeam(country, name, code) for (country, name), code in model.team_divisions.items()],
        lambda: _fixtures(lake),
        read_decisions(lake.world),
    )


def _fixtures(lake: Lake) -> Mapping[tuple[str, str], frozenset[Fixture]]:
    """The fixtures of the newest kept season, by (country, team)."""
    seasons = lake.seasons(HistoricalMatches)
    if not seasons:
        return {}
    wanted = ["country", "home_team", "away_team", "kickoff_at"]
    found: dict[tuple[str, str], set[Fixture]] = defaultdict(set)
    for row in _rows(lake.path(HistoricalMatches, seasons[-1]), wanted):
        if row["kickoff_at"] is not None:
            found[row["country"], row["home_team"]].add(Fixture(row["kickoff_at"], True))
            found[row["country"], row["away_team"]].add(Fixture(row["kickoff_at"], False))
    return {key: frozenset(each) for key, each in found.items()}


def _rows(path: Path, columns: list[str]) -> list[dict[str, Any]]:
    try:
        return list(pq.read_table(path, columns=columns).to_pylist())
    except (OSError, pa.ArrowInvalid) as error:
        raise StorageError(f"reading {path}", str(error), TO_DO) from error


def _previous_links(lake: Lake) -> pd.DataFrame:
    try:
        return lake.read(TeamLinks)
    except StorageError:
        return from_rows(TeamLinks, [])
