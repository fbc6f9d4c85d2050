"""A whole distribution for each player, stat and game: expected value, spread, and the shape that history has shown.

Expected value and spread come from boosted trees over what `player_history` knows, fitted on earlier seasons only.
The shape around them is empirical: how earlier players with a like expectation spread, as seen by trees that had not
learned from their season. So the probabilities are measured on unseen games, and no curve is assumed.
"""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from football_assets.ncaa.player_counts import Curves, curves
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
# So many rows show a kind of `rise` of their own; fewer kinds for a stat with few players.
KIND_ROWS = 3000
MOST_KINDS = 6
# Below this mean the numbers are few enough to have a chance each.
COUNTED_BELOW = 2.0
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

NO_MODEL = "fewer than two earlier seasons with 1,000 player-games to learn from"
NO_LEVEL = "no league average of the weeks before"
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
    shape: Curves | Shapes
    seasons: tuple[int, ...]
    n_rows: int
    unseen_miss: float

    def predict(self, rows: pd.DataFrame) -> Distribution:
        """The distribution of each row of `inputs`."""
        level = rows["level"].to_numpy(np.float64)
        mean = self.expect.predict(_matrix(rows))
        if isinstance(self.shape, Curves):
            return Counts(self.shape.chances(mean * level / self.stat.step, rows), self.stat.step)
        sd = _spread(self.spread, rows, mean)
        misses = self.shape.at(mean / sd, _rise(rows, mean, sd))
        points = np.sort((mean[:, None] + sd[:, None] * misses) * level[:, None], axis=1)
        floor = -np.inf if self.stat.signed else -0.49 * self.stat.step
        return Spreads(np.maximum(points, floor), self.stat.step)


@dataclass(frozen=True)
class Projected:
    """The projections of one stat in one season: `logs`, `known` and `found` go row by row.

    `whole` are all rows walked through in their order, `gaps` rows with the role that have no projection, with the
    `reason` and `games`; without a model nobody has one.
    """

    stat_type: str
    season: int
    whole: pd.DataFrame
    logs: pd.DataFrame
    known: pd.DataFrame
    found: Distribution | None
    model: PlayerModel | None
    gaps: pd.DataFrame


def project(
    logs: pd.DataFrame,
    seasons: Iterable[int],
    stat_types: Iterable[str] = tuple(STATS),
    *,
    open_only: bool = False,
    fitted: MutableMapping[str, PlayerModel | None] | None = None,
) -> Iterator[Projected]:
    """Project every player-game of the given seasons, each by models fitted on the seasons before it.

    Args:
        logs: `player_games`, of all earlier seasons too, with the rows of open games if these are wanted.
        seasons: Seasons to project.
        stat_types: Names out of `STATS`; one that the earlier seasons do not show is left out.
        open_only: Whether only the rows of open games are wanted.
        fitted: Models by stat that were fitted before, for one season, None where there was too little to learn from;
            those that it lacks are fitted and entered.
    """
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    # Only the threads of a library that is loaded can be limited.
    import_module("sklearn.ensemble")
    stat_types = tuple(stat_types)
    # Models that are there learn from nobody, so that only the players of the open games count.
    is_ready = open_only and fitted is not None and set(stat_types) <= set(fitted)
    known = history(logs, open_only=is_ready)
    season = known.logs["season"].to_numpy(np.int64)
    is_open = known.logs["is_open"].to_numpy(np.bool_)
    with threadpool_limits(limits=THREADS):
        for stat_type in stat_types:
            stat = STATS[stat_type]
            found = inputs(known, stat)
            usable = regulars(found, stat)
            for each in seasons:
                here = (season == each) & (is_open | (not open_only))
                model = None if fitted is None else fitted.get(stat_type)
                if fitted is None or stat_type not in fitted:
                    learn = (season < each) & (season >= each - LEARNED_SEASONS) & found["value"].notna().to_numpy()
                    model = fit(found[usable & learn], season[usable & learn], stat)
                    if fitted is not None:
                        fitted[stat_type] = model
                chosen = usable & here & (model is not None)
                gaps = _gaps(known.logs[here & ~chosen], found[here & ~chosen], stat, has_model=model is not None)
                rows = found[chosen]
                told = model.predict(rows) if model is not None and len(rows) else None
                yield Projected(stat_type, each, known.logs, known.logs[chosen], rows, told, model, gaps)


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
    about = (tuple(int(each) for each in seasons), len(rows), float(np.abs((ratio - unseen) * level).mean()))
    if not stat.signed and value.mean() < COUNTED_BELOW * stat.step:
        told = curves(unseen * level / stat.step, rows, value / stat.step)
        return PlayerModel(stat, expect, None, told, *about)
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


def _scattered(order: Floats, rise: Floats, misses: Floats) -> Shapes:
    """Quantiles of the scaled misses by groups of like expectation over spread: nought lies at one place in each."""
    kinds = int(np.clip(len(rise) // KIND_ROWS, 1, MOST_KINDS))
    # The outermost kinds are half as wide as the others.
    shares = [(2 * number + 1) / (2 * (kinds - 1)) for number in range(kinds - 1)]
    cuts = np.unique(np.quantile(rise, shares)) if shares else np.empty(0)
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


def _gaps(logs: pd.DataFrame, rows: pd.DataFrame, stat: Stat, *, has_model: bool) -> pd.DataFrame:
    """The rows with the role, now or before, that have no projection: `logs` with `reason` and `games`."""
    involved = (rows["role"].fillna(0.0) > 0).to_numpy(np.bool_)
    young, small = rows["games"] < FEWEST_GAMES, rows["role"] < stat.least
    reason = np.select([young, small], [NEW_PLAYER, SMALL_ROLE], NO_LEVEL if has_model else NO_MODEL)
    return logs.assign(reason=reason, games=rows["games"])[involved]
