"""A whole distribution for each player, stat and game: expected value, spread, and the shape that history has shown.

Expected value and spread come from boosted trees over what `player_history` knows, fitted on earlier seasons only.
The shape around them is empirical: how earlier players with a like expectation spread, as seen by trees that had not
learned from their season. So the probabilities are measured on unseen games, and no curve is assumed.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.player_distributions import Counts, Distribution, Spreads
from football_assets.ncaa.player_games import STATS, Stat
from football_assets.ncaa.player_history import FEWEST_GAMES, INPUTS, history, inputs

Floats = npt.NDArray[np.float64]

# Fewer rows of earlier seasons than this cannot show a shape; a stat below it has no projection.
FEWEST_ROWS = 1000
FEWEST_SEASONS = 2
LEARNED_SEASONS = 6
FOLDS = 3
# Players alike in expectation are taken together in groups of so many, and interpolated between the groups.
GROUP_ROWS = 500
MOST_GROUPS = 20
POINTS = 200
# Shares of the rows that part the kinds of `rise`.
RISES = (0.1, 0.3, 0.5, 0.7, 0.9)
# Below this mean the numbers are few enough to have a chance each.
COUNTED_BELOW = 2.0
MOST_COUNTED = 12
# So many rows' worth of a Poisson curve keeps a number that no group has seen from being impossible.
POISSON_ROWS = 5.0
SMALLEST_SPREAD = 0.02
# Trees this small only wait for each other on more threads.
THREADS = 1
TREES: Mapping[str, Any] = {
    "max_iter": 70,
    "learning_rate": 0.1,
    "max_leaf_nodes": 10,
    "min_samples_leaf": 150,
    "l2_regularization": 5.0,
    "early_stopping": False,
    "random_state": 0,
}
SPREAD_TREES: Mapping[str, Any] = {**TREES, "loss": "poisson", "max_iter": 40, "max_leaf_nodes": 6}

NEW_PLAYER = "fewer than 4 earlier games"
SMALL_ROLE = "too small a role of late"


@dataclass(frozen=True)
class Shape:
    """What groups of earlier rows showed, ascending by `centers`; one row of `table` a group."""

    centers: Floats
    table: Floats

    def at(self, where: Floats) -> Floats:
        """The table between the two nearest groups; the outermost group beyond them."""
        if len(self.centers) == 1:
            return np.repeat(self.table, len(where), axis=0)
        low = np.clip(np.searchsorted(self.centers, where) - 1, 0, len(self.centers) - 2)
        gap = np.maximum(self.centers[low + 1] - self.centers[low], 1e-12)
        share = np.clip((where - self.centers[low]) / gap, 0.0, 1.0)[:, None]
        found: Floats = (1.0 - share) * self.table[low] + share * self.table[low + 1]
        return found


@dataclass(frozen=True)
class Shapes:
    """A shape for each kind of `rise`: a player expected to make much more than before fails more often."""

    cuts: Floats
    shapes: tuple[Shape, ...]

    def at(self, where: Floats, rise: Floats) -> Floats:
        """The table of each row by its kind."""
        kind = np.searchsorted(self.cuts, rise)
        found = np.empty((len(where), self.shapes[0].table.shape[1]))
        for each, shape in enumerate(self.shapes):
            found[kind == each] = shape.at(where[kind == each])
        return found


@dataclass(frozen=True)
class Averaged:
    """Several trees' mean, which wavers less than each of them."""

    members: tuple[Any, ...]

    def predict(self, matrix: Floats) -> Floats:
        """The mean prediction of each row."""
        found: Floats = np.mean([each.predict(matrix) for each in self.members], axis=0, dtype=np.float64)
        return found


@dataclass(frozen=True)
class PlayerModel:
    """One stat's model: expectation and spread relative to the league's level, and the shape around them."""

    stat: Stat
    expect: Averaged
    spread: Any
    shape: Shape | Shapes
    seasons: tuple[int, ...]
    n_rows: int

    def predict(self, rows: pd.DataFrame) -> Distribution:
        """The distribution of each row of `inputs`."""
        level = rows["level"].to_numpy(np.float64)
        mean = self.expect.predict(_matrix(rows))
        if isinstance(self.shape, Shape):  # chances of each number
            return Counts(self.shape.at(np.maximum(mean, 0.0) * level / self.stat.step), self.stat.step)
        sd = _spread(self.spread, rows, mean)
        misses = self.shape.at(mean / sd, _rise(rows, mean, sd))
        points = np.sort((mean[:, None] + sd[:, None] * misses) * level[:, None], axis=1)
        floor = -np.inf if self.stat.signed else -0.49 * self.stat.step
        return Spreads(np.maximum(points, floor), self.stat.step)


@dataclass(frozen=True)
class Projected:
    """The projections of one stat in one season: `logs`, `known` and `found` go row by row.

    `whole` are all rows walked through in their order, `gaps` how many rows have no projection and why.
    """

    stat_type: str
    season: int
    whole: pd.DataFrame
    logs: pd.DataFrame
    known: pd.DataFrame
    found: Distribution
    model: PlayerModel
    gaps: Mapping[str, int]


def project(
    logs: pd.DataFrame, seasons: Iterable[int], stat_types: Iterable[str] = tuple(STATS), *, open_only: bool = False
) -> Iterator[Projected]:
    """Project every player-game of the given seasons, each by models fitted on the seasons before it.

    Args:
        logs: `player_games`, of all earlier seasons too, with the rows of open games if these are wanted.
        seasons: Seasons to project.
        stat_types: Names out of `STATS`; one that the earlier seasons do not show is left out.
        open_only: Whether only the rows of open games are wanted.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # Only the threads of a library that is loaded can be limited.
    import_module("sklearn.ensemble")
    known = history(logs)
    season = known.logs["season"].to_numpy(np.int64)
    is_open = known.logs["is_open"].to_numpy(np.bool_)
    with threadpool_limits(limits=THREADS):
        for stat_type in stat_types:
            stat = STATS[stat_type]
            found = inputs(known, stat)
            usable = regulars(found, stat)
            for each in seasons:
                learn = (
                    usable & (season < each) & (season >= each - LEARNED_SEASONS) & found["value"].notna().to_numpy()
                )
                model = fit(found[learn], season[learn], stat)
                here = usable & (season == each) & (is_open | (not open_only))
                if model is None or not here.any():
                    continue
                rows = found[here]
                gaps = _gaps(found[season == each], stat)
                yield Projected(stat_type, each, known.logs, known.logs[here], rows, model.predict(rows), model, gaps)


def regulars(found: pd.DataFrame, stat: Stat) -> npt.NDArray[np.bool_]:
    """The rows that may be projected: enough earlier games, and a role in this stat of late."""
    enough = (found["games"] >= FEWEST_GAMES) & (found["role"] >= stat.least) & found["level"].notna()
    return enough.to_numpy(np.bool_)


def fit(rows: pd.DataFrame, season: npt.NDArray[np.int64], stat: Stat) -> PlayerModel | None:
    """Fit one stat on rows whose value is known; None when they are too few or of one season."""
    seasons = np.unique(season)
    if len(rows) < FEWEST_ROWS or len(seasons) < FEWEST_SEASONS:
        return None
    matrix, level = _matrix(rows), rows["level"].to_numpy(np.float64)
    value = rows["value"].to_numpy(np.float64)
    ratio = value / level
    unseen, parts = _unseen(matrix, ratio, np.searchsorted(seasons, season) % min(FOLDS, len(seasons)))
    expect = Averaged((*parts, _grown(TREES, matrix, ratio)))
    about = (tuple(int(each) for each in seasons), len(rows))
    if not stat.signed and value.mean() < COUNTED_BELOW * stat.step:
        return PlayerModel(
            stat, expect, None, _counted(np.maximum(unseen, 0) * level / stat.step, value / stat.step), *about
        )
    spread = _grown(SPREAD_TREES, np.column_stack([matrix, unseen]), (ratio - unseen) ** 2)
    sd = _spread(spread, rows, unseen)
    shapes = _scattered(unseen / sd, _rise(rows, unseen, sd), (ratio - unseen) / sd)
    return PlayerModel(stat, expect, spread, shapes, *about)


def _unseen(matrix: Floats, ratio: Floats, fold: npt.NDArray[np.intp]) -> tuple[Floats, list[Any]]:
    """The expectation of each row by trees that did not learn from its season, and these trees."""
    found, grown = np.zeros(len(ratio)), []
    for each in np.unique(fold):
        out = fold == each
        grown.append(_grown(TREES, matrix[~out], ratio[~out]))
        found[out] = grown[-1].predict(matrix[out])
    return found, grown


def _counted(expected: Floats, value: Floats) -> Shape:
    """The chance of each number by groups of like expectation."""
    numbers = np.arange(MOST_COUNTED + 1)
    centers, table = [], []
    for group in _groups(expected):
        mean = max(float(value[group].mean()), 1e-6)
        logs = numbers * np.log(mean) - mean - np.cumsum(np.log(np.maximum(numbers, 1)))
        poisson = np.exp(logs)
        seen = np.bincount(np.minimum(np.round(value[group]), MOST_COUNTED).astype(np.int64), minlength=len(numbers))
        chance = seen + POISSON_ROWS * poisson / poisson.sum()
        centers.append(float(expected[group].mean()))
        table.append(chance / chance.sum())
    return Shape(np.array(centers), np.array(table))


def _scattered(order: Floats, rise: Floats, misses: Floats) -> Shapes:
    """Quantiles of the scaled misses by groups of like expectation over spread: nought lies at one place in each."""
    cuts = np.unique(np.quantile(rise, RISES))
    cuts = cuts[cuts < rise.max()]
    kind = np.searchsorted(cuts, rise)
    return Shapes(cuts, tuple(_quantiles(order[kind == each], misses[kind == each]) for each in range(len(cuts) + 1)))


def _quantiles(order: Floats, misses: Floats) -> Shape:
    levels = (np.arange(POINTS) + 0.5) / POINTS
    groups = _groups(order)
    centers = np.array([order[group].mean() for group in groups])
    return Shape(centers, np.array([np.quantile(misses[group], levels) for group in groups]))


def _rise(rows: pd.DataFrame, mean: Floats, sd: Floats) -> Floats:
    """By how many spreads the expectation lies above the median of what the player has made so far."""
    found: Floats = (mean - rows["career_median"].to_numpy(np.float64)) / sd
    return found


def _groups(order: Floats) -> list[npt.NDArray[np.intp]]:
    count = int(np.clip(len(order) // GROUP_ROWS, 1, MOST_GROUPS))
    return np.array_split(np.argsort(order, kind="stable"), count)


def _spread(trees: Any, rows: pd.DataFrame, mean: Floats) -> Floats:
    found: Floats = np.sqrt(np.maximum(trees.predict(np.column_stack([_matrix(rows), mean])), SMALLEST_SPREAD**2))
    return found


def _grown(options: Mapping[str, Any], matrix: Floats, target: Floats) -> Any:
    from sklearn.ensemble import HistGradientBoostingRegressor

    # A column that is never known tells nothing; the trees cannot be grown on one that is null throughout.
    never = np.isnan(matrix).all(axis=0)
    return HistGradientBoostingRegressor(**options).fit(np.where(never, 0.0, matrix), target)


def _matrix(rows: pd.DataFrame) -> Floats:
    return rows[list(INPUTS)].to_numpy(np.float64)


def _gaps(rows: pd.DataFrame, stat: Stat) -> dict[str, int]:
    """How many rows with the role now or before have no projection, and why."""
    involved = rows["role"].fillna(0.0) > 0
    young = involved & (rows["games"] < FEWEST_GAMES)
    return {NEW_PLAYER: int(young.sum()), SMALL_ROLE: int((involved & ~young & (rows["role"] < stat.least)).sum())}
