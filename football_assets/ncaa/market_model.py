"""Family `market_aware`: the opening line, corrected by a share of what our own view adds to it.

The opening line is the median of the bookmakers. Where only two quote a game and lie far apart one of them is an error:
the one nearer to our own view counts. The share is learned week by week from earlier games that had an opening line,
starting from a fixed one; the closing line is never read. Games without an opening spread have no prediction of this
family.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.features import over_at
from football_assets.ncaa.game_model import TARGETS, Misses, Target
from football_assets.ncaa.ratings import FBS

Floats = npt.NDArray[np.float64]
MARKET_FAMILY = "market_aware"
# Before a game with an opening line is over, an eighth of the difference to the line is believed: less than nothing of
# it would have paid beside the closing lines of 2015-2020, and an opening line knows less. This first guess weighs as
# much as so many games that differ from the line by `USUAL_DIFFERENCE` points.
FIRST_SHARE = 0.125
FIRST_SHARE_GAMES = 400.0
USUAL_DIFFERENCE = 6.0
SIGN: dict[Target, float] = {"margin": -1.0, "total": 1.0}
OPENING: dict[Target, str] = {"margin": "spread_open", "total": "over_under_open"}
# Two bookmakers further apart than this, in points, are not both right.
APART: dict[Target, float] = {"margin": 4.0, "total": 6.0}


@dataclass
class Share:
    """How much of our difference to the line is believed."""

    moment: float = FIRST_SHARE_GAMES * USUAL_DIFFERENCE**2 * FIRST_SHARE
    square: float = FIRST_SHARE_GAMES * USUAL_DIFFERENCE**2

    def add(self, differences: Floats, outcomes: Floats) -> None:
        """Learn from games that are over: our view and the outcome, both less the line."""
        self.moment += float((differences * outcomes).sum())
        self.square += float((differences**2).sum())

    @property
    def value(self) -> float:
        """The share, from 0 to 1."""
        return min(max(self.moment / self.square, 0.0), 1.0)


def opening(lines: pd.DataFrame, predictions: pd.DataFrame, target: Target) -> "pd.Series[float]":
    """The first line of each game that has one, by game id, as a margin of the home side or as a total.

    `predictions`: ours of the same games, to tell an error by.
    """
    quotes = (
        lines[["game_id", OPENING[target]]].dropna().merge(predictions[["game_id", f"{target}_mean"]], on="game_id")
    )
    quotes["line"] = SIGN[target] * quotes[OPENING[target]].astype("float64")
    quotes["distance"] = (quotes["line"] - quotes[f"{target}_mean"]).abs()
    games = quotes.sort_values(["game_id", "distance", "line"]).groupby("game_id")["line"]
    both_right = (games.size() != 2) | (games.max() - games.min() <= APART[target])
    return games.median().where(both_right, games.first())


def market_forward(predictions: pd.DataFrame, games: pd.DataFrame, lines: pd.DataFrame) -> pd.DataFrame:
    """Predictions of this family out of those of `no_market`, in the same columns; FBS-v-FBS games only."""
    about = games[["game_id", "kickoff_at", "is_kickoff_tbd", "is_completed", "home_points", "away_points"]].assign(
        is_fbs=(games["home_classification"] == FBS) & (games["away_classification"] == FBS)
    )
    rows = predictions.merge(about, on="game_id")
    for target in TARGETS:
        rows[f"{target}_open"] = rows["game_id"].map(opening(lines, predictions, target))
    rows = rows[rows["is_fbs"].astype(bool) & rows["margin_open"].notna()]
    rows = rows.sort_values(["kickoff_at", "game_id"], ignore_index=True)
    return _Blend(rows).walk()[list(predictions.columns)]


class _Blend:
    def __init__(self, rows: pd.DataFrame) -> None:
        self.rows = rows
        self.known_at = over_at(rows)
        self.over = (rows["is_completed"].astype(bool) & rows["home_points"].notna()).to_numpy(bool)
        home, away = (rows[f"{side}_points"].astype("float64") for side in ("home", "away"))
        self.values: dict[Target, Floats] = {
            "margin": np.array(home - away, dtype=np.float64),
            "total": np.array(home + away, dtype=np.float64),
        }
        self.lines = {target: rows[f"{target}_open"].to_numpy(np.float64) for target in TARGETS}
        self.views = {target: rows[f"{target}_mean"].to_numpy(np.float64) for target in TARGETS}
        self.means = {target: np.full(len(rows), np.nan) for target in TARGETS}
        self.shares = {target: Share() for target in TARGETS}
        self.misses = {target: Misses() for target in TARGETS}
        self.counted = np.zeros(len(rows), dtype=bool)

    def walk(self) -> pd.DataFrame:
        found = self.rows.copy()
        spreads = {target: self.rows[f"{target}_sd"].to_numpy(np.float64).copy() for target in TARGETS}
        for members in self._weeks():
            self._learn(self.rows["kickoff_at"].iloc[members].min())
            for target in TARGETS:
                line, view = self.lines[target][members], self.views[target][members]
                blended = line + self.shares[target].value * (view - line)
                self.means[target][members] = np.where(np.isnan(line), view, blended)
                measured = self.misses[target].spread(True)
                if measured is not None:
                    spreads[target][members] = measured
        for target in TARGETS:
            found[f"{target}_mean"], found[f"{target}_sd"] = self.means[target], spreads[target]
        return found

    def _weeks(self) -> Iterator[npt.NDArray[np.intp]]:
        weeks = pd.Series(np.arange(len(self.rows))).groupby(
            self.rows["kickoff_at"].dt.strftime("%G-%V").to_numpy(), sort=False
        )
        yield from (positions.to_numpy() for _, positions in weeks)

    def _learn(self, cut: pd.Timestamp) -> None:
        """Take in the games that were predicted earlier and are over by now."""
        new = self.over & (self.known_at <= cut).to_numpy(bool) & ~self.counted & ~np.isnan(self.means["margin"])
        for target in TARGETS:
            line = self.lines[target]
            quoted = new & ~np.isnan(line)
            self.shares[target].add((self.views[target] - line)[quoted], (self.values[target] - line)[quoted])
            misses = (self.values[target] - self.means[target])[new]
            self.misses[target].add(misses, np.ones(len(misses), dtype=bool))
        self.counted |= new
