"""The published matches as commands read them: every table of one and the same publication."""

from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from football_assets.config import Settings
from football_assets.errors import StorageError
from football_assets.providers import reading_world
from football_assets.soccer.board import match_board
from football_assets.soccer.codes import IN_PLAY, STATUS
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches, Incidents, MatchBoard
from football_assets.states import Source
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.reader import HOW_TO_PUBLISH, Warehouse, open_warehouse

LISTED, BOARD, INCIDENTS, PREDICTIONS = (
    table.sql_name() for table in (FlattenedMatches, MatchBoard, Incidents, MatchPredictions)
)


@dataclass(frozen=True)
class Published:
    """One publication: the matches shown (MatchBoard), all those listed (FlattenedMatches), and their incidents."""

    publication: Publication
    board: pd.DataFrame
    listed: pd.DataFrame
    incidents: pd.DataFrame

    @property
    def unknown_statuses(self) -> list[str]:
        """Matches whose status is in no table of ours: they may be in play, and nobody may miss them."""
        status = self.listed["status_id"]
        unknown = self.listed[~status.isin(list(STATUS)).fillna(False).astype(bool)]
        counted = unknown["status"].fillna("no status").value_counts()
        return [f"status: {count} of {len(self.listed)} may be in play: {text}" for text, count in counted.items()]


def soccer_warehouse(settings: Settings, source: Source | None) -> Warehouse:
    """The database of the world that is read. Raises StorageError when nothing was ever published."""
    return open_warehouse(settings, reading_world(settings, "soccer", source))


def soccer_world(settings: Settings, source: Source | None, doing: str) -> Source:
    """The world whose files are read. Raises StorageError before the first cycle; `doing` is what needs it."""
    world = reading_world(settings, "soccer", source)
    if world is None:
        raise StorageError(doing, "no live cycle has run yet", HOW_TO_PUBLISH)
    return world


def read_published(warehouse: Warehouse, statuses: Collection[int] = IN_PLAY) -> Published:
    """The newest publication with the matches of some statuses. Raises StorageError before the first."""
    needed = (LISTED, BOARD, INCIDENTS)
    publication, tables = warehouse.published("soccer", needed, "reading the board", beside=(PREDICTIONS,))
    listed, board = tables[LISTED], tables[BOARD]
    if set(statuses) != IN_PLAY:
        board = match_board(listed, statuses, tables.get(PREDICTIONS))
    return Published(publication, board, listed, tables[INCIDENTS])
