"""The chance of each small number (touchdowns, interceptions): a curve over what is expected and what is known.

Trees grown on rare numbers draw the expectation of those who hardly play towards the average. So the chance of "at
least so many" is a logistic curve over the expectation and, beside it, over the volume of late, what the player has
made so far, both teams and the opponent, fitted on expectations of seasons that the trees had not learned from.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]

MOST_COUNTED = 12
BESIDE = (
    *("fast_volume", "slow_volume", "last_volume", "career_median", "slow_mean", "career_mean"),
    *("elo_gap", "opponent", "offense"),
)
# Of these the logarithm counts; a gap lies on both sides of nought.
NOT_LOGGED = frozenset({"elo_gap"})
SMALLEST_EXPECTED = 0.02
# Beyond what all but one row in a thousand have shown, no curve is followed.
OUTERMOST = 0.001
FEWEST_SEEN = 50
CURVE_PENALTY, NEWTON_STEPS = 1e-3, 12


@dataclass(frozen=True)
class Curves:
    """A logistic curve for each "at least so many".

    Args:
        middle: Mean of each input, the logarithm of the expectation first; a missing input takes it.
        width: Its standard deviation.
        least: The smallest value that is told apart, in widths.
        most: The largest one.
        weights: One row a number from 1 on: constant, inputs, square of the first. NaN where the number was hardly
            ever seen: from there the chance falls as a Poisson's does.
    """

    middle: Floats
    width: Floats
    least: Floats
    most: Floats
    weights: Floats

    def chances(self, expected: Floats, rows: pd.DataFrame) -> Floats:
        """The chance of 0, 1, 2 ... of each row. `expected` goes with `rows`, which hold `BESIDE`."""
        from scipy.special import expit  # type: ignore[import-untyped]

        design = self.design(_inputs(expected, rows))
        mean = np.maximum(expected, SMALLEST_EXPECTED)
        at_least = [np.ones(len(design))]
        for number, weights in enumerate(self.weights, 1):
            if np.isnan(weights).any():
                at_least.append(at_least[-1] * mean / (number + mean))
            else:
                at_least.append(np.minimum(expit(design @ weights), at_least[-1]))
        table = np.array(at_least)
        found: Floats = (table - np.vstack([table[1:], np.zeros(len(design))])).T
        return found

    def design(self, inputs: Floats) -> Floats:
        """Constant, inputs in widths, and the square of the expectation."""
        scaled = np.clip(np.nan_to_num((inputs - self.middle) / self.width), self.least, self.most)
        return np.column_stack([np.ones(len(scaled)), scaled, scaled[:, 0] ** 2])


def curves(expected: Floats, rows: pd.DataFrame, value: Floats) -> Curves:
    """Fit the curves on rows whose number is known; `expected` by trees that had not learned from their season."""
    inputs = _inputs(expected, rows)
    known = ~np.isnan(inputs)
    count = np.maximum(known.sum(axis=0), 1)
    middle = np.where(known, inputs, 0.0).sum(axis=0) / count
    away = np.where(known, inputs - middle, 0.0)
    width = np.maximum(np.sqrt((away**2).sum(axis=0) / count), 1e-6)
    least, most = np.quantile(away / width, (OUTERMOST, 1.0 - OUTERMOST), axis=0)
    found = Curves(middle, width, least, most, np.full((MOST_COUNTED, inputs.shape[1] + 2), np.nan))
    design = found.design(inputs)
    for number in range(1, MOST_COUNTED + 1):
        seen = (value > number - 0.5).astype(np.float64)
        if FEWEST_SEEN <= seen.sum() <= len(seen) - FEWEST_SEEN:
            found.weights[number - 1] = _logistic(design, seen)
    return found


def _inputs(expected: Floats, rows: pd.DataFrame) -> Floats:
    columns = [np.log(np.maximum(expected, SMALLEST_EXPECTED))]
    for name in BESIDE:
        values = rows[name].to_numpy(np.float64)
        columns.append(values if name in NOT_LOGGED else np.log1p(np.maximum(values, 0.0)))
    return np.column_stack(columns)


def _logistic(design: Floats, seen: Floats) -> Floats:
    """Weights of a logistic regression by Newton's method, the constant first."""
    from scipy.special import expit

    weights = np.zeros(design.shape[1])
    penalty = np.diag([0.0] + [CURVE_PENALTY] * (design.shape[1] - 1))
    for _ in range(NEWTON_STEPS):
        chance = expit(design @ weights)
        curvature = (design * (chance * (1 - chance))[:, None]).T @ design + penalty
        weights = weights + np.linalg.solve(curvature, design.T @ (seen - chance) - penalty @ weights)
    return weights
