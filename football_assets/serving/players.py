"""Players as people look for them, and what each did game by game."""

import unicodedata
from typing import Any

import pandas as pd

from football_assets.ncaa.player_games import STATS, player_games
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.serving.problems import Problem
from football_assets.serving.published import Published, View

TABLES = (Games, PlayerStats)
CANDIDATES = 10


def logs(published: Published, view: View) -> pd.DataFrame:
    """One row a player and game that is over: who, against whom, and each stat type of `STATS` as a number.

    A number is null where the box score lacks the category; a player without a line in it made 0 there.
    """
    return published.derived("player_logs", view, TABLES, _logs)


def directory(published: Published, view: View) -> pd.DataFrame:
    """One row a player: player_id, the name and team of the last game, games, first and last season, last kickoff."""
    return published.derived("players", view, TABLES, lambda *_: _directory(logs(published, view)))


def _logs(games: pd.DataFrame, player_stats: pd.DataFrame) -> pd.DataFrame:
    found = player_games(games, player_stats)
    numbers = {
        name: found[list(stat.columns)].sum(axis=1, skipna=False).astype("float64") for name, stat in STATS.items()
    }
    sides = [
        games[["game_id", f"{side}_team_id", f"{side}_team", f"{side}_points"]].set_axis(
            ["game_id", "side_id", "side", "points"], axis=1
        )
        for side in ("home", "away")
    ]
    listed = pd.concat(sides, ignore_index=True)
    own = listed.rename(columns={"side_id": "team_id", "points": "points_for"}).drop(columns="side")
    other = listed.rename(columns={"side_id": "opponent_id", "side": "opponent", "points": "points_against"})
    about = found[["game_id", "season", "week", "kickoff_at", "player_id", "player", "team_id", "team", "opponent_id"]]
    place = found["place"].map({1: "home", -1: "away", 0: "neutral"})
    made = about.assign(place=place, **numbers)
    made = made.merge(own, on=["game_id", "team_id"], how="left", validate="many_to_one")
    made = made.merge(other, on=["game_id", "opponent_id"], how="left", validate="many_to_one")
    return made.sort_values(["kickoff_at", "game_id", "player_id"], ignore_index=True)


def _directory(found: pd.DataFrame) -> pd.DataFrame:
    made = found.groupby("player_id", as_index=False, sort=False).agg(
        player=("player", "last"),
        team_id=("team_id", "last"),
        team=("team", "last"),
        games=("game_id", "nunique"),
        first_season=("season", "min"),
        last_season=("season", "max"),
        last_kickoff_at=("kickoff_at", "last"),
    )
    return made.assign(_folded=made["player"].map(folded))


def folded(name: str) -> str:
    """A name without accents, points and case: `D.J. Ñandú-Ruiz` -> `dj nandu ruiz`."""
    bare = unicodedata.normalize("NFKD", name).replace("-", " ")
    kept = "".join(c for c in bare if not unicodedata.combining(c) and (c.isalnum() or c == " "))
    return " ".join(kept.casefold().split())


def search(found: pd.DataFrame, query: str, team: str | None) -> pd.DataFrame:
    """The players whose name holds every word of `query`: whole names first, then who played last."""
    words = folded(query).split()
    for word in words:
        found = found[found["_folded"].str.contains(word, regex=False)]
    if team is not None:
        found = found[found["team"].str.casefold() == team.casefold()]
    return found.assign(_less=found["_folded"] != " ".join(words), _earlier=-found["last_season"].astype(int))


def by_id(found: pd.DataFrame, player_id: str) -> "pd.Series[Any]":
    """The player of an id. Raises Problem `not_found`."""
    kept = found[found["player_id"] == player_id]
    if kept.empty:
        detail = f"No player has the id {player_id!r}. /v1/ncaaf/players/search finds players by name."
        raise Problem("not_found", detail)
    return kept.iloc[0]


def by_name(found: pd.DataFrame, name: str, team: str | None) -> "pd.Series[Any]":
    """The one player meant. Raises Problem `not_found`, or `ambiguous_player` with the candidates."""
    kept = found[found["_folded"] == folded(name)]
    if team is not None:
        kept = kept[kept["team"].str.casefold() == team.casefold()]
    if kept.empty:
        where = f" of {team}" if team else ""
        raise Problem(
            "not_found", f"No player is named {name!r}{where}. /v1/ncaaf/players/search finds parts of names."
        )
    if len(kept) > 1:
        listed = kept.sort_values("last_season", ascending=False).head(CANDIDATES)
        names = ["player_id", "player", "team", "last_season"]
        candidates = [dict(zip(names, row, strict=True)) for row in listed[names].astype(object).to_numpy().tolist()]
        detail = f"{len(kept)} players are named {name!r}. Give player_id, or the team."
        raise Problem("ambiguous_player", detail, candidates=candidates)
    return kept.iloc[0]
