"""Each game once, and as each of its two sides saw it."""

import pandas as pd

from football_assets.ncaa.market import market
from football_assets.ncaa.schemas import Games, TeamGames
from football_assets.tables import conform

ONE_GAME = pd.Timedelta(days=1)
SIDES = ("home", "away")


def mark_duplicates(games: pd.DataFrame) -> pd.DataFrame:
    """`games` with `duplicate_of` set where the provider lists one game under two ids.

    The same two teams, kickoffs within a day and the same score are one game. The row with the latest kickoff stands
    for it (a copy that knows only the day has its first moment), the lowest id among equals.
    """
    pair = games[["home_team_id", "away_team_id"]].astype("int64")
    order = games.assign(low=pair.min(axis=1), high=pair.max(axis=1)).sort_values(
        ["season", "low", "high", "kickoff_at", "game_id"], ascending=[True, True, True, False, True]
    )
    before = order.shift()
    same = (order["low"] == before["low"]) & (order["high"] == before["high"])
    same &= (before["kickoff_at"] - order["kickoff_at"]) < ONE_GAME
    same &= (order["is_completed"] == before["is_completed"]) & (_same_score(order, before) | ~order["is_completed"])
    same = same.fillna(False).astype(bool)
    standing = order["game_id"].where(~same).ffill()
    found = games.assign(duplicate_of=standing.where(same).reindex(games.index))
    return conform(Games, found)


def _same_score(one: pd.DataFrame, other: pd.DataFrame) -> "pd.Series[bool]":
    """Whether both rows hold one score; the copies may disagree on who is the home side."""
    total = one["home_points"] + one["away_points"]
    margin = (one["home_points"] - one["away_points"]).abs()
    return (total == other["home_points"] + other["away_points"]) & (
        margin == (other["home_points"] - other["away_points"]).abs()
    )


def counted(games: pd.DataFrame) -> pd.DataFrame:
    """The games without the rows that repeat another."""
    return games[games["duplicate_of"].isna()]


def one_row_per_team(games: pd.DataFrame, lines: pd.DataFrame, team_stats: pd.DataFrame) -> pd.DataFrame:
    """`team_games` out of all games, lines and box scores; games listed twice are counted once."""
    listed = counted(games).merge(market(lines), on="game_id", how="left")
    benches = pd.concat([_bench(listed, side, other) for side, other in (SIDES, SIDES[::-1])], ignore_index=True)
    whole = _against_the_spread(_scored(benches)).merge(_box(team_stats), on=["game_id", "team_id"], how="left")
    whole["has_box_score"] = whole["has_box_score"].fillna(False)
    return conform(
        TeamGames, whole.sort_values(["kickoff_at", "game_id", "is_listed_home"], ascending=[True, True, False])
    )


def _bench(games: pd.DataFrame, side: str, other: str) -> pd.DataFrame:
    neutral = games["is_neutral_site"].astype(bool)
    sign = 1.0 if side == "home" else -1.0
    return pd.DataFrame(
        {
            **{name: games[name] for name in ("game_id", "season", "week", "season_type", "kickoff_at")},
            **{name: games[name] for name in ("is_kickoff_tbd", "is_conference_game", "is_completed")},
            **{name: games[f"{side}_{name}"] for name in ("team_id", "team", "conference", "classification")},
            "opponent_id": games[f"{other}_team_id"],
            "opponent": games[f"{other}_team"],
            "opponent_conference": games[f"{other}_conference"],
            "opponent_classification": games[f"{other}_classification"],
            "place": neutral.map({True: "neutral", False: side}),
            "is_listed_home": pd.array([side == "home"] * len(games), dtype="boolean"),
            "points_for": games[f"{side}_points"],
            "points_against": games[f"{other}_points"],
            "spread": sign * games["market_spread"],
            "over_under": games["market_total"],
        }
    )


def _scored(benches: pd.DataFrame) -> pd.DataFrame:
    """Margin and result of the completed games; points of a game still open are not a result."""
    over = benches["is_completed"].fillna(False).astype(bool)
    for name in ("points_for", "points_against"):
        benches[name] = benches[name].where(over)
    benches["margin"] = benches["points_for"] - benches["points_against"]
    benches["result"] = _letters(benches["margin"].astype("Float64"), "T")
    return benches


def _against_the_spread(benches: pd.DataFrame) -> pd.DataFrame:
    beaten_by = benches["margin"].astype("Float64") + benches["spread"]
    benches["spread_margin"] = beaten_by.astype("float64")
    benches["spread_result"] = _letters(beaten_by, "P")
    return benches


def _letters(margin: "pd.Series[float]", even: str) -> "pd.Series[str]":
    letters = pd.Series(None, index=margin.index, dtype="str")
    for letter, holds in (("W", margin > 0), ("L", margin < 0), (even, margin == 0)):
        letters = letters.mask(holds.fillna(False).astype(bool), letter)
    return letters


def _box(team_stats: pd.DataFrame) -> pd.DataFrame:
    stats = team_stats.astype(dict.fromkeys(_BOX, "float64"))
    plays = stats["passing_attempts"] + stats["rushing_attempts"]
    return pd.DataFrame(
        {
            "game_id": stats["game_id"],
            "team_id": stats["team_id"],
            "has_box_score": True,
            "yards": stats["total_yards"],
            "plays": plays,
            "yards_per_play": stats["total_yards"] / plays.where(plays > 0),
            "yards_per_rush": stats["rushing_yards"] / stats["rushing_attempts"].where(stats["rushing_attempts"] > 0),
            "third_down_pct": 100.0
            * stats["third_down_conversions"]
            / stats["third_down_attempts"].where(stats["third_down_attempts"] > 0),
            "turnovers": stats["turnovers"],
            "possession_s": stats["possession_s"],
        }
    ).astype({"has_box_score": "boolean"})


_BOX = (
    "total_yards",
    "passing_attempts",
    "rushing_yards",
    "rushing_attempts",
    "third_down_conversions",
    "third_down_attempts",
    "turnovers",
    "possession_s",
)
