"""Game logs: what each player did in each game, and his share of what his team did.

A box score lists a player only when he has a line in it, so a player who is absent either did not play or did nothing
that is counted: which of both is not known, and there is no row. A player who is listed and has no line in a category
that the box score of the game has, made nothing there: 0. A category that the box score lacks is null.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from football_assets.ncaa.features import over_at, playable
from football_assets.ncaa.team_games import SIDES

# The provider credits plays of nobody in particular to a player of this name, or of a negative id.
NOBODY = ("team", "team team")


@dataclass(frozen=True)
class Stat:
    """One kind of number that is projected.

    Args:
        columns: Columns of `player_stats` whose sum it is.
        volumes: Columns whose sum tells whether a player has that role: passes thrown for passing yards.
        least: Volume a game below which a player has no such role.
        step: Smallest difference between two values; half sacks are counted.
        signed: Whether it can be below zero.
    """

    columns: tuple[str, ...]
    volumes: tuple[str, ...]
    least: float
    step: float = 1.0
    signed: bool = False


_PASS, _RUSH, _CATCH = ("passing_attempts",), ("rushing_carries",), ("receptions",)
_KICK, _TACKLE = ("field_goal_attempts", "extra_point_attempts"), ("tackles",)
# Volumes of a regular, by role: a player below them has no projection.
_PASSES, _RUSHES, _CATCHES, _KICKS, _TACKLES = 3.0, 3.0, 1.0, 1.0, 2.0

STATS: Mapping[str, Stat] = {
    "passing_yards": Stat(("passing_yards",), _PASS, _PASSES, signed=True),
    "passing_tds": Stat(("passing_tds",), _PASS, _PASSES),
    "pass_attempts": Stat(("passing_attempts",), _PASS, _PASSES),
    "pass_completions": Stat(("passing_completions",), _PASS, _PASSES),
    "interceptions_thrown": Stat(("passing_interceptions",), _PASS, _PASSES),
    "rushing_yards": Stat(("rushing_yards",), _RUSH, _RUSHES, signed=True),
    "rush_attempts": Stat(("rushing_carries",), _RUSH, _RUSHES),
    "rushing_tds": Stat(("rushing_tds",), _RUSH, _RUSHES),
    "receptions": Stat(("receptions",), _CATCH, _CATCHES),
    "receiving_yards": Stat(("receiving_yards",), _CATCH, _CATCHES, signed=True),
    "receiving_tds": Stat(("receiving_tds",), _CATCH, _CATCHES),
    "anytime_td": Stat(("rushing_tds", "receiving_tds"), (*_RUSH, *_CATCH), _RUSHES),
    "rush_rec_yards": Stat(("rushing_yards", "receiving_yards"), (*_RUSH, *_CATCH), _RUSHES, signed=True),
    "pass_rush_yards": Stat(("passing_yards", "rushing_yards"), _PASS, _PASSES, signed=True),
    "field_goals_made": Stat(("field_goals_made",), _KICK, _KICKS),
    "kicking_points": Stat(("kicking_points",), _KICK, _KICKS),
    "tackles": Stat(("tackles",), _TACKLE, _TACKLES, step=0.5),
    "sacks": Stat(("sacks",), _TACKLE, _TACKLES, step=0.5),
}

# A category of the box score: known in a game as soon as one player has a line in it.
_CATEGORIES: Mapping[str, tuple[str, ...]] = {
    "passing": (
        "passing_attempts",
        "passing_completions",
        "passing_yards",
        "passing_tds",
        "passing_interceptions",
    ),
    "rushing": ("rushing_carries", "rushing_yards", "rushing_tds"),
    "receiving": ("receptions", "receiving_yards", "receiving_tds"),
    "kicking": ("field_goal_attempts", "extra_point_attempts", "field_goals_made", "kicking_points"),
    "defensive": ("tackles", "sacks"),
}
COUNTED = tuple(column for columns in _CATEGORIES.values() for column in columns)
SHARES: Mapping[str, str] = {
    "pass_share": "passing_attempts",
    "carry_share": "rushing_carries",
    "reception_share": "receptions",
}
RECENT_GAMES = 2


def player_games(games: pd.DataFrame, player_stats: pd.DataFrame) -> pd.DataFrame:
    """One row per player and completed game, out of `games` and `player_stats`.

    Columns: game_id, season, week, kickoff_at, over_at, player_id, player, team_id, team, opponent_id, is_fbs_opponent,
    place (1 at home, -1 away, 0 neutral), elo_gap (the provider's Elo before the game, team less opponent), is_open
    (False), each of `COUNTED` as a float, and the player's share of his team's passes, carries and receptions.
    """
    benches = _benches(games)
    over = benches[benches["is_completed"]]
    listed = player_stats[~_is_nobody(player_stats)]
    rows = listed[["game_id", "home_away", "player_id", "player", *COUNTED]].merge(
        over.drop(columns="is_completed"), on=["game_id", "home_away"]
    )
    for columns in _CATEGORIES.values():
        names = list(columns)
        values = rows[names].astype("float64")
        known = values.notna().any(axis=1).groupby(rows["game_id"]).transform("any")
        rows[names] = values.where(values.notna() | ~known.to_numpy()[:, None], 0.0)
    return _with_shares(_apart(rows.assign(is_open=False)))


def open_rows(games: pd.DataFrame, logs: pd.DataFrame, coming: pd.DataFrame) -> pd.DataFrame:
    """Rows like those of `player_games` for games still to be played: every player of a team's latest games.

    Args:
        games: The table `games`.
        logs: `player_games`.
        coming: The games to project, with a `game_id`. Whoever played in one of a team's latest two games of that
            season is taken to play; every counted column is null.
    """
    benches = _benches(games)
    benches = benches[benches["game_id"].isin(coming["game_id"]) & ~benches["is_completed"]]
    latest = logs[["season", "team_id", "game_id", "kickoff_at"]].drop_duplicates(["team_id", "game_id"])
    order = latest.sort_values("kickoff_at").groupby(["season", "team_id"]).cumcount(ascending=False)
    recent = logs.merge(latest.loc[order < RECENT_GAMES, ["team_id", "game_id"]], on=["team_id", "game_id"])
    squad = recent.sort_values("kickoff_at").drop_duplicates(["season", "team_id", "player_id"], keep="last")
    rows = squad[["season", "team_id", "player_id", "player"]].merge(
        benches.drop(columns="is_completed"), on=["season", "team_id"]
    )
    blank = pd.DataFrame(np.nan, index=rows.index, columns=[*COUNTED, *SHARES])
    return pd.concat([rows, blank], axis=1).assign(is_open=True)[list(logs.columns)]


def value_of(logs: pd.DataFrame, stat: Stat) -> "pd.Series[float]":
    """The stat of each row; null when a part of it is not known."""
    return logs[list(stat.columns)].sum(axis=1, skipna=False)


def _is_nobody(player_stats: pd.DataFrame) -> "pd.Series[bool]":
    named = player_stats["player"].str.strip().str.lower().isin(NOBODY)
    return named | player_stats["player_id"].str.startswith("-")


def _benches(games: pd.DataFrame) -> pd.DataFrame:
    """Both sides of each game that has a kickoff: who plays whom, where, and how much better the one is rated."""
    listed = playable(games)
    over = over_at(listed)
    neutral = listed["is_neutral_site"].astype(bool)
    parts = []
    for side, other in (SIDES, SIDES[::-1]):
        gap = listed[f"{side}_pregame_elo"].astype("float64") - listed[f"{other}_pregame_elo"].astype("float64")
        sign = 1.0 if side == "home" else -1.0
        part = pd.DataFrame(
            {
                **{name: listed[name] for name in ("game_id", "season", "week", "kickoff_at")},
                "over_at": over,
                "home_away": side,
                "team_id": listed[f"{side}_team_id"],
                "team": listed[f"{side}_team"],
                "opponent_id": listed[f"{other}_team_id"],
                "is_fbs_opponent": (listed[f"{other}_classification"] == "fbs").astype("float64"),
                "place": sign * (~neutral).astype("float64"),
                "elo_gap": gap.astype("float64"),
                "is_completed": listed["is_completed"].astype(bool),
            }
        )
        parts.append(part)
    return pd.concat(parts, ignore_index=True).astype({"game_id": "int64", "season": "int64", "team_id": "int64"})


def _apart(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows in the order of kickoffs, without those that begin before the player's last game is over.

    Nobody plays two games at once; such a row is a fault of the source, and what it says is not known at its kickoff.
    """
    rows = rows.sort_values(["kickoff_at", "game_id", "team_id", "player_id"], ignore_index=True)
    for key in ("player_id", "team_id"):
        games = rows.drop_duplicates([key, "game_id"])
        before = games.groupby(key)["over_at"].shift()
        clash = games[before > games["kickoff_at"]]
        if len(clash):
            pairs = pd.MultiIndex.from_frame(clash[[key, "game_id"]])
            rows = rows[~pd.MultiIndex.from_frame(rows[[key, "game_id"]]).isin(pairs)].reset_index(drop=True)
    return rows.drop(columns="home_away")


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    names = list(SHARES.values())
    totals = rows.groupby(["game_id", "team_id"])[names].transform("sum")
    shares = rows[names] / totals.where(totals > 0)
    return rows.assign(**{share: shares[name] for share, name in SHARES.items()})
