"""Do the features see the future? The results from one kickoff on are rewritten: nothing known up to it may move.

The second look is at the finished table: no feature goes with the result as only the result itself can.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.schemas import Features
from football_assets.tables import SHOWN_ROWS, Verdict, columns

Floats = npt.NDArray[np.float64]
Build = Callable[[pd.DataFrame, pd.DataFrame, SeasonLists], pd.DataFrame]

# What is rebuilt: enough before the kickoff to reach into the season before in September, and some weeks after it.
BEFORE, AFTER = timedelta(days=270), timedelta(days=21)
FEWEST_GAMES = 100
# The closing line itself goes with the margin at 0.7; nothing known at kickoff comes near this.
TOO_CLOSE = 0.9
WRONG_POINTS = 61
NAMES = {"game_id", "season", "week", "home_team_id", "away_team_id"}
NUMBERS = [c.name for c in columns(Features) if c.type in ("float64", "Int64", "boolean") and c.name not in NAMES]


def no_peeking(
    known: pd.DataFrame, games: pd.DataFrame, team_games: pd.DataFrame, lists: SeasonLists, build: Build
) -> Verdict:
    """Hold the features, and the function that builds them, against the future. Names every column that knows it."""
    over = games[games["is_completed"].fillna(False).astype(bool)].dropna(subset=["home_points", "away_points"])
    rows = [{"column": name, "why": why} for name, why in close_to_the_result(known, over).items()]
    until = chosen_kickoff(over)
    if until is not None:
        moved = columns_that_move(games, team_games, lists, build, until)
        rows += [{"column": name, "why": f"moves with results from {until:%Y-%m-%d %H:%M} UTC on"} for name in moved]
    told = f"results from {until:%Y-%m-%d %H:%M} UTC on move no feature up to it" if until else "too few games to tell"
    says = f"{len(rows)} features know the future, first: {rows[0]['column']} {rows[0]['why']}" if rows else told
    return Verdict(not rows, says, "error", {"features": len(NUMBERS), "peeking": len(rows)}, tuple(rows[:SHOWN_ROWS]))


def chosen_kickoff(over: pd.DataFrame) -> pd.Timestamp | None:
    """A kickoff of the newest season with enough games, another one each time that games are added."""
    played = over.dropna(subset=["kickoff_at"])
    counts = played["season"].value_counts()
    seasons = counts[counts >= FEWEST_GAMES].index
    if not len(seasons):
        return None
    kickoffs = played.loc[played["season"] == max(seasons), "kickoff_at"].sort_values()
    place = np.random.default_rng(len(played)).integers(FEWEST_GAMES // 2, len(kickoffs))
    return pd.Timestamp(kickoffs.iloc[int(place)])


def columns_that_move(
    games: pd.DataFrame, team_games: pd.DataFrame, lists: SeasonLists, build: Build, until: pd.Timestamp
) -> list[str]:
    """The features of kickoffs up to `until` that change when every result from then on is rewritten."""
    near = games[(games["kickoff_at"] > until - BEFORE) & (games["kickoff_at"] < until + AFTER)]
    benches = team_games[team_games["game_id"].isin(near["game_id"])]
    late = set(near.loc[near["kickoff_at"] >= until, "game_id"])
    before = build(near, benches, lists)
    after = build(_rewritten(near, late, _RESULT), _rewritten(benches, late, _BENCH), _later_lists(lists, late, until))
    kept = [frame[frame["kickoff_at"] <= until].set_index("game_id") for frame in (before, after)]
    shared = kept[0].index.intersection(kept[1].index)
    one, other = (frame.loc[shared] for frame in kept)
    return [name for name in one.columns if not one[name].equals(other[name])]


def close_to_the_result(known: pd.DataFrame, over: pd.DataFrame) -> dict[str, str]:
    """Features that go with the margin or the total of completed games more closely than a forecast can."""
    results = pd.DataFrame(
        {
            "game_id": over["game_id"],
            "margin": (over["home_points"] - over["away_points"]).astype("float64"),
            "total": (over["home_points"] + over["away_points"]).astype("float64"),
        }
    )
    both = known.merge(results, on="game_id")
    if len(both) < FEWEST_GAMES:
        return {}
    names = [name for name in NUMBERS if name in both]
    numbers = both[names].astype("float64").to_numpy()
    found: dict[str, str] = {}
    for result in ("margin", "total"):
        close = _correlations(numbers, both[result].to_numpy())
        found |= {
            name: f"goes with the {result} at {value:.2f}"
            for name, value in zip(names, close, strict=True)
            if abs(value) > TOO_CLOSE
        }
    return found


def _correlations(columns: Floats, values: Floats) -> Floats:
    """Of each column with the values, over the rows where it is known; 0 where these are few or all the same."""
    known = ~np.isnan(columns)
    count = known.sum(axis=0)
    ones = np.maximum(count, 1)
    one = np.where(known, columns, 0.0)
    other = np.where(known, values[:, None], 0.0)
    one = np.where(known, one - one.sum(axis=0) / ones, 0.0)
    other = np.where(known, other - other.sum(axis=0) / ones, 0.0)
    spread = np.sqrt((one * one).sum(axis=0) * (other * other).sum(axis=0))
    usable = (count >= FEWEST_GAMES) & (spread > 0)
    found: Floats = np.where(usable, (one * other).sum(axis=0) / np.where(spread > 0, spread, 1.0), 0.0)
    return found


_RESULT = ("home_points", "away_points")
_BENCH = ("points_for", "points_against", "margin", "yards", "plays", "yards_per_play", "yards_per_rush", "turnovers")


def _rewritten(frame: pd.DataFrame, late: set[int], names: tuple[str, ...]) -> pd.DataFrame:
    """The frame with other numbers, where there are any, in the games that are `late`."""
    changed = frame.copy()
    hit = changed["game_id"].isin(late)
    for name in names:
        changed.loc[hit, name] = WRONG_POINTS - changed.loc[hit, name]
    return changed


def _later_lists(lists: SeasonLists, late: set[int], until: pd.Timestamp) -> SeasonLists:
    """The lists with other play by play in late games, and other ratings of the season that is running."""
    season = until.year if until.month >= 8 else until.year - 1
    changed = lists
    if lists.ppa_games is not None:
        names = tuple(str(name) for name in lists.ppa_games if str(lists.ppa_games[name].dtype) == "float64")
        changed = replace(changed, ppa_games=_rewritten(lists.ppa_games, late, names))
    if lists.ratings is not None:
        ratings = lists.ratings.copy()
        ratings.loc[ratings["season"] >= season, "rating"] *= -2.0
        changed = replace(changed, ratings=ratings)
    if lists.advanced_stats is not None:
        advanced = lists.advanced_stats.copy()
        advanced.loc[advanced["season"] >= season, "success_rate"] *= -2.0
        changed = replace(changed, advanced_stats=advanced)
    return changed
