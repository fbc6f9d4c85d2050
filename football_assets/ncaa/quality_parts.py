"""The parts of a table's quality that need no rule: nulls against what is allowed, the declaration, what is due."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from football_assets.errors import ConfigError
from football_assets.ncaa import circumstances
from football_assets.ncaa.consistency import FORM, Frames
from football_assets.ncaa.ratings import FBS
from football_assets.sections import Quality
from football_assets.tables import REGISTER, Column, Table, columns

# When a column may be known: of an open game it is not missing yet.
LATER = ("after the game", "at kickoff", "up to kickoff")
# Due games in a row without a row of a table before it counts as behind: one may have been called off.
FEWEST_DUE = 2
FRESH_INTERVALS, LATE_INTERVALS, LATE_SCORE = 2.0, 5.0, 0.4
# A season covered by a table's rows; what is due in it is told by the games.
FOLLOWS_GAMES = ("games", "lines", "team_stats", "player_stats", "ppa_games", "team_games", "features")
GAMES_NEEDED = ("game_id", "season", "kickoff_at", "is_completed", "home_classification", "away_classification")
# Columns that are empty by their nature: a player has only the lines of what he did, most games have no name, most are
# listed once, a rating system has no sub-ratings of another. The settings may say otherwise.
SPARSE: Mapping[str, float] = {
    **{f"games.{name}": 1.0 for name in ("notes", "duplicate_of", "attendance", "excitement_index")},
    **{f"games.{side}_{when}game_elo": 0.3 for side in ("home", "away") for when in ("pre", "post")},
    "player_stats": 1.0,
    "ratings": 1.0,
    "weather": 1.0,
    "venues": 1.0,
    "teams.division": 1.0,
    "rankings.is_final": 1.0,
    "talent.team_id": 0.4,
    "recruiting.team_id": 0.4,
    **{f"lines.{name}": 0.5 for name in ("spread_open", "over_under_open", "home_moneyline", "away_moneyline")},
    **{
        f"ppa_games.{side}_{down}_down_ppa": 1.0
        for side in ("offense", "defense")
        for down in ("first", "second", "third")
    },
    **{f"team_stats.{kind}_{what}": 0.6 for kind in ("kick_return", "punt_return") for what in ("yards", "tds")},
    **{f"team_stats.{name}": 0.6 for name in ("kick_returns", "punt_returns", "fumbles", "passes_intercepted")},
    **{f"team_stats.interception_{name}": 0.6 for name in ("yards", "tds")},
    # The rule `form_after_a_game` tells a null before the first game of a season from one that should not be.
    **{f"features.{side}_{name}": 1.0 for side in ("home", "away") for name in FORM},
    # The provider rates FBS sides alone, and one game in seven has another one; of few of those it has the home venue,
    # and to neutral ground there is no journey.
    **{f"features.{side}_provider_elo": 0.2 for side in ("home", "away")},
    **{f"features.{joint}_{what}ppa": 0.2 for joint in ("net", "sum") for what in ("", "passing_", "rushing_")},
    **{f"features.net_{name}": 0.2 for name in ("talent", "recruiting")},
    "features.travel_km": 0.3,
    # Lists that the plan or the season lacks: none of these is asked of the ratings.
    **{f"features.{name}": 1.0 for name in circumstances.COLUMNS},
    # Who has no projection has no number; what is open has no result, and not every game has a price.
    **dict.fromkeys(("player_projections", "game_predictions", "ledger", "ledger_grades", "models"), 1.0),
    "season_outlook.p_title": 0.2,
    **{f"{name}.as_of": 1.0 for name in ("power_ratings", "season_outlook")},
}


def null_limits(quality: Quality) -> dict[str, float]:
    """Most nulls by `table` or `table.column` where it is not `max_null_fraction`: what is sparse, then the settings.

    Raises ConfigError for a name that is no table or column.
    """
    tables = {name: table for (domain, name), table in REGISTER.items() if domain == "ncaa"}
    for key in quality.max_null_fraction_by_column:
        name, _, of = key.partition(".")
        allowed = None
        if name not in tables:
            allowed = f"a table, one of {', '.join(sorted(tables))}"
        elif of and of not in {each.name for each in columns(tables[name])}:
            allowed = f"a column of {name}"
        if allowed:
            raise ConfigError(
                f"quality.max_null_fraction_by_column.{key}",
                value=quality.max_null_fraction_by_column[key],
                allowed=f"{allowed}, or one with its column such as games.attendance",
                origin="settings",
            )
    return {**SPARSE, **quality.max_null_fraction_by_column}


def null_shares(table: type[Table], data: pa.Table) -> dict[str, float]:
    """Column -> share of nulls. What is not known before kickoff is asked of completed games only."""
    over = data.filter(data["is_completed"]) if "is_completed" in data.column_names else data
    found = {}
    for each in columns(table):
        part = over if each.known in LATER else data
        if part.num_rows:
            found[each.name] = _nulls(part[each.name]) / part.num_rows
    return found


def _nulls(values: Any) -> int:
    """Nulls, and what is no number."""
    if pa.types.is_floating(values.type):
        return sum(chunk.true_count for chunk in pc.is_null(values, nan_is_null=True).chunks)
    return int(values.null_count)


_OUTSIDE = {
    "greater_than_or_equal_to": (pc.less, "min_value"),
    "greater_than": (pc.less_equal, "min_value"),
    "less_than_or_equal_to": (pc.greater, "max_value"),
    "less_than": (pc.greater_equal, "max_value"),
}


def unfit_share(table: type[Table], data: pa.Table) -> float:
    """Share of rows (at least one) that break the declaration: a value out of range or missing, a key twice."""
    wrong: Any = pa.array([False] * data.num_rows)
    declared = table.to_schema().columns
    for each in columns(table):
        values = data[each.name].combine_chunks()
        for bad in (_missing(each, values), *(_out_of(check, values) for check in declared[each.name].checks)):
            if bad is not None:
                wrong = pc.or_(wrong, pc.fill_null(bad, False))
    keys = data.select(list(table.about().key))
    twice = data.num_rows - keys.group_by(keys.column_names).aggregate([]).num_rows
    return float(min(1.0, (wrong.true_count + twice) / data.num_rows))


def _missing(column: Column, values: Any) -> Any:
    return None if column.nullable or not values.null_count else pc.is_null(values)


def _out_of(check: object, values: Any) -> Any:
    name, about = getattr(check, "name", None), getattr(check, "statistics", None) or {}
    if name in _OUTSIDE:
        holds, key = _OUTSIDE[name]
        return holds(values, pa.scalar(about[key]))
    if name == "isin":
        return pc.and_(pc.is_valid(values), pc.invert(pc.is_in(values, pa.array(about["allowed_values"]))))
    return None


def freshness(name: str, frames: Frames, now: pd.Timestamp, every: timedelta) -> float | None:
    """1 while nothing is due for longer than two intervals, 0.4 at five, then towards 0.

    Due is a game between FBS sides 24 hours after its kickoff; a table is behind when it has no row of the due games
    after the newest one it has. None for a table that has no row of this season's games nor of the last one's.
    """
    if name not in FOLLOWS_GAMES or "games" not in frames or name not in frames:
        return None
    games = frames["games"]
    due_at = games["kickoff_at"] + timedelta(hours=24)
    between = (games["home_classification"] == FBS) & (games["away_classification"] == FBS)
    over = games["is_completed"].fillna(False).astype(bool)
    due = games.assign(due_at=due_at)[(due_at < now) & between & (over | (name == "games"))].sort_values("kickoff_at")
    if due.empty:
        return None
    has = due["is_completed"].astype(bool) if name == "games" else due["game_id"].isin(frames[name]["game_id"])
    if not has[due["season"] >= due["season"].max() - 1].any():
        return None
    behind = due[due["kickoff_at"] > due.loc[has, "kickoff_at"].max()]
    if len(behind) < FEWEST_DUE:
        return 1.0
    late = float((now - behind["due_at"].min()) / every)
    slope = (1.0 - LATE_SCORE) / (LATE_INTERVALS - FRESH_INTERVALS)
    return min(1.0, max(0.0, 1.0 - slope * (late - FRESH_INTERVALS)))
