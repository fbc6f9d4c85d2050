"""Goals of both sides as Poisson counts, tied together as by Dixon and Coles, from what is known before the kick-off.

Family `no_market`: two Poisson regressions, of the home side's and of the away side's goals, on the strengths of
`match_features`; none of their inputs comes from a price. From their two expected numbers of goals follow the score
grid and from it 1X2 and over/under, so that all of them agree. Family `market_aware`: 1X2 only, a multinomial
regression on the early prices and the grid's 1X2. Each season is predicted by models fitted on the seasons before it.
"""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from math import factorial
from typing import Any

import numpy as np
import pandas as pd

from football_assets.soccer.match_features import Flags, Floats, Inputs, Ints, Strengths, Tuning, regressors

FAMILY = "no_market"
MARKET_AWARE = "market_aware"
# Scores up to 14 goals a side; what lies beyond is less than one in a million.
LARGEST = 14
# Beliefs need a season to form before matches teach what they are worth.
SEASONS_BEFORE_FIT = 2
FEWEST_MATCHES = 5_000
LATEST_MATCHES = 20_000
PENALTY = 1.0
RATE_LIMITS = (0.05, 8.0)
LARGEST_EFFECT = 0.3
TIES = tuple(np.round(np.arange(-0.16, 0.041, 0.01), 2).tolist())
_ROUNDS = 25
_GOALS = np.arange(LARGEST + 1)
_FACTORIALS = np.array([float(factorial(n)) for n in _GOALS])


@dataclass(frozen=True)
class Scaling:
    """Mean and standard deviation of each regressor on the matches a model was fitted on."""

    mean: Floats
    deviation: Floats

    @classmethod
    def of(cls, columns: Floats) -> "Scaling":
        """The scaling of `columns`, whose first is a constant and stays one."""
        mean, deviation = columns.mean(axis=0), columns.std(axis=0)
        mean[0] = 0.0
        return cls(mean, np.where(deviation > 0, deviation, 1.0))

    def __call__(self, columns: Floats) -> Floats:
        """`columns` scaled."""
        return np.asarray((columns - self.mean) / self.deviation)


@dataclass(frozen=True)
class GoalsModel:
    """Fitted regressions: `weights` (columns, 2) for home and away goals, and the tie of low scores (`tie`)."""

    scaling: Scaling
    weights: Floats
    tie: float
    matches: int
    fitted_until: pd.Timestamp

    def expected_goals(self, inputs: Inputs) -> Floats:
        """(matches, 2): expected goals of the home and the away side over the whole match."""
        rates = np.exp(self.scaling(regressors(inputs)) @ self.weights)
        return np.asarray(np.clip(rates, *RATE_LIMITS))


def fit(history: pd.DataFrame, inputs: Inputs) -> GoalsModel:
    """Fit on played matches; `inputs` are those of `history`'s rows. Raises ValueError for fewer than 5,000."""
    goals = history[["home_goals", "away_goals"]].to_numpy(np.float64)
    usable = np.isfinite(goals).all(axis=1)
    if usable.sum() < FEWEST_MATCHES:
        raise ValueError(f"{usable.sum()} matches are too few to fit a goals model; it needs {FEWEST_MATCHES}")
    columns, goals = regressors(inputs)[usable], goals[usable]
    scaling = Scaling.of(columns)
    scaled = scaling(columns)
    with _one_thread():
        weights = np.stack([_poisson_weights(scaled, goals[:, side]) for side in (0, 1)], axis=1)
    rates = np.clip(np.exp(scaled @ weights), *RATE_LIMITS)
    tie = _best_tie(rates[-LATEST_MATCHES:], goals[-LATEST_MATCHES:])
    return GoalsModel(scaling, weights, tie, int(usable.sum()), history["played_on"].max())


def score_grid(expected_goals: Floats, tie: float) -> Floats:
    """(matches, 15, 15): the probability of each final score, home goals first; every grid sums to one."""
    home, away = (poisson(expected_goals[:, side]) for side in (0, 1))
    grid = home[:, :, None] * away[:, None, :] * low_score_factors(expected_goals, tie)
    return np.asarray(grid / grid.sum(axis=(1, 2), keepdims=True))


def low_score_factors(expected_goals: Floats, tie: float | Floats) -> Floats:
    """(matches, 15, 15): by how much 0-0, 0-1, 1-0 and 1-1 differ from independent counts (Dixon and Coles).

    Where very many goals are expected the tie is weakened, so that no factor leaves 0.7-1.3: beyond that a goal could
    lower the chance of the side that scores it.
    """
    home, away = expected_goals[:, 0], expected_goals[:, 1]
    limit = LARGEST_EFFECT / np.maximum.reduce([np.ones_like(home), home, away, home * away])
    tie = np.clip(tie, -limit, limit)
    factors = np.ones((len(expected_goals), LARGEST + 1, LARGEST + 1))
    factors[:, 0, 0] = 1 - home * away * tie
    factors[:, 0, 1] = 1 + home * tie
    factors[:, 1, 0] = 1 + away * tie
    factors[:, 1, 1] = 1 - tie
    return factors


def outcome_probabilities(grid: Floats) -> Floats:
    """(matches, 3): home win, draw, away win of score grids."""
    home_leads = np.tril(np.ones(grid.shape[1:]), -1)
    home = (grid * home_leads).sum(axis=(1, 2))
    away = (grid * home_leads.T).sum(axis=(1, 2))
    return np.stack([home, np.trace(grid, axis1=1, axis2=2), away], axis=1)


def over_probabilities(grid: Floats, line: float = 2.5) -> Floats:
    """(matches,): the probability of more goals than `line` in all."""
    return np.asarray((grid * (np.add.outer(_GOALS, _GOALS) > line)).sum(axis=(1, 2)))


def walk_forward(history: pd.DataFrame, tuning: Tuning | None = None) -> pd.DataFrame:
    """Every match of `history` predicted from earlier days only, by models fitted on earlier seasons only.

    `history`: columns of `football_data.history`, in any order. The result has its index and `expected_home_goals`,
    `expected_away_goals`, `tie`, `home`, `draw`, `away`, `over` (2.5 goals) and `is_known`; all but the last are NaN
    in the first seasons, before there is enough to fit on, and for matches with a side that is not known.
    """
    matches = in_order(history)
    return predict_seasons(matches, Strengths(tuning).walk(matches)).reindex(history.index)


def in_order(history: pd.DataFrame) -> pd.DataFrame:
    """The matches in the order in which they are learned from."""
    return history.sort_values(["played_on", "division", "home_team"], kind="stable")


def predict_seasons(matches: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The same for matches in order, whose `inputs` are known."""
    seasons = matches["season"].to_numpy(np.int64)
    found = np.full((len(matches), 7), np.nan)
    for season in np.unique(seasons)[SEASONS_BEFORE_FIT:]:
        model = fit(*_part(matches, inputs, _taught(seasons, season)))
        now = np.flatnonzero((seasons == season) & inputs.is_known)
        found[now] = _predicted(model, chosen(inputs, now))
    names = ["expected_home_goals", "expected_away_goals", "tie", "home", "draw", "away", "over"]
    return pd.DataFrame(found, columns=names, index=matches.index).assign(is_known=inputs.is_known)


def fit_newest(matches: pd.DataFrame, inputs: Inputs) -> GoalsModel:
    """The model for matches to come: fitted on all seasons but the first. Raises ValueError for too few matches."""
    seasons = matches["season"].to_numpy(np.int64)
    if not seasons.size:
        raise ValueError("no match to fit a goals model on")
    return fit(*_part(matches, inputs, _taught(seasons, int(seasons.max()) + 1)))


def predict(model: GoalsModel, inputs: Inputs) -> pd.DataFrame:
    """The predictions of `walk_forward` for matches to come; those with an unknown side are NaN."""
    found = np.full((inputs.is_known.size, 7), np.nan)
    known = np.flatnonzero(inputs.is_known)
    found[known] = _predicted(model, chosen(inputs, known))
    names = ["expected_home_goals", "expected_away_goals", "tie", "home", "draw", "away", "over"]
    return pd.DataFrame(found, columns=names).assign(is_known=inputs.is_known)


def market_aware(seasons: Ints, outcomes: Ints, ours: Floats, early: Floats) -> Floats:
    """(matches, 3): 1X2 from our probabilities and the early prices' (overround removed), season by season.

    `outcomes`: 0 home win, 1 draw, 2 away win, -1 not played. Rows without either input, and seasons with too little
    before them, are NaN.
    """
    usable: Flags = np.isfinite(np.concatenate([ours, early], axis=1)).all(axis=1)
    columns = np.ones((len(ours), 5))
    for start, each in ((1, ours), (3, early)):
        safe = np.where(usable[:, None], each, 1 / 3)
        columns[:, start : start + 2] = np.log(safe[:, :2] / safe[:, 2:])
    found = np.full(ours.shape, np.nan)
    for season in np.unique(seasons):
        taught = usable & (seasons < season) & (outcomes >= 0)
        now = usable & (seasons == season)
        if taught.sum() < FEWEST_MATCHES:
            continue
        scaling = Scaling.of(columns[taught])
        with _one_thread():
            weights = logit_weights(scaling(columns[taught]), outcomes[taught])
        found[now] = logit_probabilities(scaling(columns[now]), weights)
    return found


def logit_weights(columns: Floats, outcomes: Ints) -> Floats:
    """(columns, 2): a multinomial regression of 1X2, away win as the reference, by Newton's method."""
    count = columns.shape[1]
    weights = np.zeros((count, 2))
    hits = np.stack([outcomes == 0, outcomes == 1], axis=1).astype(np.float64)
    for _ in range(_ROUNDS):
        chance = logit_probabilities(columns, weights)[:, :2]
        slope = columns.T @ (hits - chance) - PENALTY * weights
        curve = PENALTY * np.eye(2 * count)
        for row in (0, 1):
            for column in (0, 1):
                weight = chance[:, row] * ((row == column) - chance[:, column])
                block = (slice(row * count, (row + 1) * count), slice(column * count, (column + 1) * count))
                curve[block] += (columns * weight[:, None]).T @ columns
        step = np.linalg.solve(curve, slope.T.ravel()).reshape(2, count).T
        weights = weights + step
        if np.abs(step).max() < 1e-7:
            break
    return weights


def logit_probabilities(columns: Floats, weights: Floats) -> Floats:
    """(matches, 3): the probabilities that `logit_weights` fitted."""
    scores = np.concatenate([columns @ weights, np.zeros((len(columns), 1))], axis=1)
    odds = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(odds / odds.sum(axis=1, keepdims=True))


def outcomes_of(history: pd.DataFrame) -> Ints:
    """0 home win, 1 draw, 2 away win, -1 without a result."""
    margin = (history["home_goals"] - history["away_goals"]).to_numpy(np.float64)
    return np.select([margin > 0, margin == 0, margin < 0], [0, 1, 2], -1).astype(np.int64)


def ranked_probability_scores(chances: Floats, outcomes: Ints) -> Floats:
    """The ranked probability score of each match's 1X2: 0 is perfect, 1 the worst."""
    home = chances[:, 0] - (outcomes == 0)
    home_or_draw = chances[:, 0] + chances[:, 1] - (outcomes != 2)
    return np.asarray((home**2 + home_or_draw**2) / 2)


def log_losses(chances: Floats, outcomes: Ints) -> Floats:
    """Minus the logarithm of the probability that each match's outcome had."""
    return np.asarray(-np.log(chances[np.arange(len(outcomes)), outcomes]))


def _one_thread() -> AbstractContextManager[Any]:
    """Matrices with so few columns only wait for each other on more threads."""
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    limits: AbstractContextManager[Any] = threadpool_limits(limits=1)
    return limits


def _predicted(model: GoalsModel, inputs: Inputs) -> Floats:
    goals = model.expected_goals(inputs)
    grid = score_grid(goals, model.tie)
    tie = np.full((len(goals), 1), model.tie)
    return np.concatenate([goals, tie, outcome_probabilities(grid), over_probabilities(grid)[:, None]], axis=1)


def _taught(seasons: Ints, season: int) -> Flags:
    """The matches that a season's model learns from: all earlier seasons but the first, in which beliefs form."""
    return np.asarray((seasons < season) & (seasons > seasons.min()))


def _part(matches: pd.DataFrame, inputs: Inputs, rows: Flags) -> tuple[pd.DataFrame, Inputs]:
    at = np.flatnonzero(rows & inputs.is_known)
    return matches.iloc[at], chosen(inputs, at)


def chosen(inputs: Inputs, at: Ints | Sequence[int]) -> Inputs:
    """The inputs of some rows."""
    return Inputs(inputs.log_rates[:, :, at], inputs.certainty[:, :, at], inputs.level[at], inputs.is_known[at])


def poisson(rates: Floats) -> Floats:
    """(matches, 15): the probability of 0 to 14 goals at each rate."""
    return np.asarray(np.exp(-rates)[:, None] * rates[:, None] ** _GOALS / _FACTORIALS)


def _poisson_weights(columns: Floats, goals: Floats) -> Floats:
    """Weights of a Poisson regression with a small ridge on all but the constant, by Newton's method."""
    weights = np.zeros(columns.shape[1])
    weights[0] = np.log(goals.mean())
    ridge = PENALTY * (np.arange(columns.shape[1]) > 0)
    for _ in range(_ROUNDS):
        rates = np.clip(np.exp(columns @ weights), *RATE_LIMITS)
        slope = columns.T @ (goals - rates) - ridge * weights
        step = np.linalg.solve((columns * rates[:, None]).T @ columns + np.diag(ridge), slope)
        weights = weights + step
        if np.abs(step).max() < 1e-7:
            break
    return weights


def _best_tie(rates: Floats, goals: Floats) -> float:
    """The tie of low scores that makes the scores of the latest matches likeliest."""
    home, away = goals[:, 0].astype(np.int64), goals[:, 1].astype(np.int64)
    low = (home <= 1) & (away <= 1)
    rates, home, away = rates[low], home[low], away[low]

    def likelihood(tie: float) -> float:
        # The grid's sum stays one, so only the four low scores change with the tie.
        factors = np.select(
            [(home == 0) & (away == 0), home == 0, away == 0],
            [1 - rates[:, 0] * rates[:, 1] * tie, 1 + rates[:, 0] * tie, 1 + rates[:, 1] * tie],
            1 - tie,
        )
        return float(np.log(np.maximum(factors, 1e-9)).sum())

    return float(max(TIES, key=likelihood))
