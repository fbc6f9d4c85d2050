"""The channels: which rows of which published table a client can follow, by which key."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from football_assets.providers import Domain
from football_assets.rooms import installed
from football_assets.serving.published import View
from football_assets.serving.rows import records
from football_assets.tables import Table

# These move with every cycle and say nothing new of a match.
VOLATILE_ENDINGS = ("_age_s", "fetched_at")


@dataclass(frozen=True)
class Channel:
    """One channel. `key` names the columns whose values, joined by `:`, are a row's key."""

    name: str
    domain: Domain | None
    about: str
    table: type[Table] | None = None
    key: tuple[str, ...] = ()
    keep: Callable[[pd.DataFrame], pd.DataFrame] | None = None
    columns: Callable[[str], bool] | None = None

    def is_volatile(self, column: str) -> bool:
        """Whether a column may move without anything having happened."""
        return column.endswith(VOLATILE_ENDINGS)

    def values(self, view: View) -> dict[str, dict[str, Any]]:
        """The rows by key, as plain values."""
        assert self.table is not None
        frame = view[self.table]
        if self.keep is not None:
            frame = self.keep(frame)
        shown = None if self.columns is None else tuple(c for c in frame.columns if c in self.key or self.columns(c))
        return {":".join(str(row[name]) for name in self.key): row for row in records(frame, shown)}


def _is_price(column: str) -> bool:
    markets = ("moneyline_", "handicap_", "total_", "corners_", "odds_", "early_")
    return column.startswith(markets) or column == "home_spread"


def _newest_season(frame: pd.DataFrame) -> pd.DataFrame:
    kept: pd.DataFrame = frame[frame["season"] == frame["season"].max()]
    return kept


def _open(frame: pd.DataFrame) -> pd.DataFrame:
    kept: pd.DataFrame = frame[~frame["is_completed"].astype(bool)]
    return kept


def _channels() -> list[Channel]:
    found = [Channel("system", None, "What was published when, by pipeline", key=("domain",))]
    if "soccer" in installed():
        from football_assets.soccer.prediction_schemas import MatchPredictions
        from football_assets.soccer.schemas import FlattenedMatches

        match = ("match_id",)
        found += [
            Channel(
                "soccer.matches",
                "soccer",
                "Score, minute, status, teams of each live match",
                FlattenedMatches,
                match,
                columns=lambda column: not _is_price(column),
            ),
            Channel("soccer.odds", "soccer", "Prices of each live match", FlattenedMatches, match, columns=_is_price),
            Channel("soccer.predictions", "soccer", "Chances of each live match", MatchPredictions, match),
        ]
    if "ncaa" in installed():
        from football_assets.ncaa.ledger_schemas import GamePredictions
        from football_assets.ncaa.projection_schemas import PlayerProjections
        from football_assets.ncaa.schemas import Games

        props = ("game_id", "player_id", "stat_type")
        found += [
            Channel("ncaaf.games", "ncaa", "Games of the running season", Games, ("game_id",), keep=_newest_season),
            Channel(
                "ncaaf.predictions",
                "ncaa",
                "Predictions of games that are not over",
                GamePredictions,
                ("game_id", "family"),
                keep=_open,
            ),
            Channel("ncaaf.props", "ncaa", "Player projections of the coming games", PlayerProjections, props),
        ]
    return found


CHANNELS: Mapping[str, Channel] = {channel.name: channel for channel in _channels()}
