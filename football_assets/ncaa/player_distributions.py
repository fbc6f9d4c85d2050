"""Distributions of many player-games at once: probabilities against any line, quantiles, moments and their score.

`Counts` holds the chance of 0, 1, 2 ... and suits touchdowns; `Spreads` holds equally likely points and suits yards.
Values lie `step` apart, so a line on a value can be hit exactly: that is a push.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


class Distribution(Protocol):
    """One distribution a row."""

    @property
    def step(self) -> float:
        """Smallest difference between two values."""

    def at_most(self, values: Floats) -> Floats:
        """Chance of at most the row's value, which lies on a step."""

    def quantile(self, level: float) -> Floats:
        """The smallest value of each row that is not exceeded with at least this chance."""

    def mean(self) -> Floats:
        """Expected value of each row."""

    def sd(self) -> Floats:
        """Standard deviation of each row."""

    def crps(self, actual: Floats) -> Floats:
        """Continuous ranked probability score of each row, in the unit of the values; less is better."""


@dataclass(frozen=True)
class Counts:
    """`chance[row, k]` is the chance of `k` steps."""

    chance: Floats
    step: float = 1.0

    def at_most(self, values: Floats) -> Floats:
        """Chance of at most the row's value."""
        whole = np.floor(values / self.step + 1e-9).astype(np.int64)
        below = np.cumsum(self.chance, axis=1)[np.arange(len(whole)), np.clip(whole, 0, self.chance.shape[1] - 1)]
        found: Floats = np.where(whole < 0, 0.0, np.minimum(below, 1.0))
        return found

    def quantile(self, level: float) -> Floats:
        """The smallest number whose cumulated chance reaches the level."""
        whole = np.argmax(np.cumsum(self.chance, axis=1) >= level - 1e-12, axis=1)
        return np.array(self.step * whole, dtype=np.float64)

    def mean(self) -> Floats:
        """Expected number."""
        found: Floats = self.chance @ self._values()
        return found

    def sd(self) -> Floats:
        """Standard deviation of the number."""
        return np.sqrt(np.maximum(self.chance @ self._values() ** 2 - self.mean() ** 2, 0.0))

    def crps(self, actual: Floats) -> Floats:
        """Sum over the steps of the squared distance between the cumulated chance and what happened.

        A result beyond the last number counts to the full.
        """
        distance = np.cumsum(self.chance, axis=1) - (self._values() >= actual[:, None])
        beyond = np.maximum(actual - self._values()[-1] - self.step, 0.0)
        found: Floats = self.step * (distance[:, :-1] ** 2).sum(axis=1) + beyond
        found += self.step * (actual > self._values()[-1])
        return found

    def _values(self) -> Floats:
        return self.step * np.arange(self.chance.shape[1], dtype=np.float64)


@dataclass(frozen=True)
class Spreads:
    """`points[row]` are ascending and equally likely: the middles of as many slices of the distribution."""

    points: Floats
    step: float = 1.0

    def at_most(self, values: Floats) -> Floats:
        """Chance of at most the row's value: what lies below the middle to the next value, never quite 0 or 1."""
        return self._below(values + 0.5 * self.step)

    def quantile(self, level: float) -> Floats:
        """The value at the level, on a step."""
        at = level * self.points.shape[1] - 0.5
        low = int(np.clip(np.floor(at), 0, self.points.shape[1] - 2))
        share = float(np.clip(at - low, 0.0, 1.0))
        exact = (1 - share) * self.points[:, low] + share * self.points[:, low + 1]
        return self.step * np.round(exact / self.step)

    def mean(self) -> Floats:
        """Mean of the points."""
        found: Floats = self.points.mean(axis=1)
        return found

    def sd(self) -> Floats:
        """Standard deviation of the points."""
        found: Floats = self.points.std(axis=1)
        return found

    def crps(self, actual: Floats) -> Floats:
        """Twice the mean quantile loss over the points."""
        levels = (np.arange(self.points.shape[1]) + 0.5) / self.points.shape[1]
        above = self.points - actual[:, None]
        found: Floats = 2.0 * (above * ((above > 0) - levels)).mean(axis=1)
        return found

    def _below(self, values: Floats) -> Floats:
        """Linear between the points; half a slice beyond the outermost ones."""
        count = self.points.shape[1]
        right = (self.points <= values[:, None]).sum(axis=1)
        row, low, high = np.arange(len(values)), np.clip(right - 1, 0, count - 1), np.clip(right, 0, count - 1)
        start, gap = self.points[row, low], self.points[row, high] - self.points[row, low]
        share = np.where(gap > 0, (values - start) / np.where(gap > 0, gap, 1.0), 0.0)
        inside = (low + 0.5 + np.clip(share, 0.0, 1.0)) / count
        found: Floats = np.where(right == 0, 0.25, np.where(right == count, count - 0.25, inside * count)) / count
        return found


def against(found: Distribution, lines: Floats) -> tuple[Floats, Floats, Floats]:
    """Chances of over, under and push against each row's line; they sum to 1. A line between two values has no push."""
    low = found.step * np.floor(lines / found.step + 1e-9)
    reached = found.at_most(low)
    is_value = np.abs(lines - low) < 1e-9
    under = np.where(is_value, found.at_most(low - found.step), reached)
    return 1.0 - reached, under, reached - under
