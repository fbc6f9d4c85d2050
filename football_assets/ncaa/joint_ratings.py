"""Offence and defence ratings of all teams as one joint belief: a game between two teams also tells about the others.

Every unit (a team's offence, a team's defence) has a mean for each quantity; the quantities of one group share one
covariance matrix, because they are seen in the same games. A game is one Kalman step for each side's attack. Teams
outside the FBS are one unit: the few games they play against the FBS say little about each of them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
OUTSIDERS = 0
CAPACITY = 32


@dataclass(frozen=True)
class Quantity:
    """One rated quantity, in its own unit.

    Args:
        level: First guess of the average that a side makes.
        noise: Standard deviation of one game around the true ratings.
        home: First guess of what playing at home adds to the difference of both sides.
        outsider: How far the units outside the FBS start below the average.
        sign: -1 where less is better for the side that makes it.
    """

    level: float
    noise: float
    home: float
    outsider: float
    sign: float = 1.0


@dataclass(frozen=True)
class Dynamics:
    """How beliefs move; variances are in units of the noise of one game.

    Args:
        start: Variance of a unit never seen.
        keep: Share of the variance that survives the off-season.
        widen: Variance that an off-season adds.
        drift: Variance that each game adds to the units that played.
        outsider_noise: Further noise of a game against a team outside the FBS.
        learn: Share of a surprise by which the average and the home field move.
        limit: A surprise of more noises than this teaches no more than this.
    """

    start: float = 0.5
    keep: float = 0.5
    widen: float = 0.25
    drift: float = 0.008
    outsider_noise: float = 0.5
    learn: float = 0.002
    limit: float = 5.0


class JointRating:
    """Ratings of several quantities that are seen together, such as points, or yards a play and turnovers."""

    def __init__(self, quantities: Mapping[str, Quantity], dynamics: Dynamics) -> None:
        from scipy.linalg.blas import dger  # type: ignore[import-untyped]

        self._add_product = dger
        self.names = tuple(quantities)
        self.dynamics = dynamics
        every = list(quantities.values())
        self.level = np.array([each.level for each in every], dtype=np.float64)
        self.home = np.array([each.home / 2.0 for each in every], dtype=np.float64)
        self._noise = np.array([each.noise for each in every], dtype=np.float64)
        self._sign = np.array([each.sign for each in every], dtype=np.float64)
        self._below = np.array([each.outsider / each.noise for each in every], dtype=np.float64)
        self._rows: dict[int, int] = {}
        self._means = np.zeros((0, len(every)))
        self._spread = np.zeros((0, 0))
        self.seen = np.zeros(0, dtype=np.int64)
        self._grow(CAPACITY)
        self._means[:2] = -self._below

    def row(self, team: int, is_fbs: bool) -> int:
        """Row of a team's offence; the next row is its defence. A team never seen gets an average one."""
        if not is_fbs:
            return OUTSIDERS
        found = self._rows.get(team)
        if found is None:
            found = 2 * (len(self._rows) + 1)
            self._rows[team] = found
            if found + 2 > len(self._means):
                self._grow(len(self._means) + CAPACITY)
        return found

    def observe(self, home: int, away: int, made: tuple[Floats, Floats], where: float, fbs: tuple[bool, bool]) -> None:
        """Learn from one game: what each side made of each quantity, `where` 1 at home and 0 on neutral ground."""
        rows = self.row(home, fbs[0]), self.row(away, fbs[1])
        surprises = []
        for attack, other, values, edge in zip(rows, rows[::-1], made, (1.0, -1.0), strict=True):
            expected = self.level + edge * where * self.home
            surprise = (self._sign * values - expected) / self._noise - self._means[attack] + self._means[other + 1]
            surprise = np.clip(surprise, -self.dynamics.limit, self.dynamics.limit)
            self._learn(attack, other + 1, surprise, 1.0 if all(fbs) else 1.0 + self.dynamics.outsider_noise)
            surprises.append(surprise * self._noise)
        if all(fbs):
            self.level += self.dynamics.learn * (surprises[0] + surprises[1]) / 2
            self.home += self.dynamics.learn * (surprises[0] - surprises[1]) / 2 * where

    def new_season(self, starts: Mapping[int, Floats]) -> None:
        """Begin a season: `starts` gives each team's new means, 2 x quantities in noises; beliefs widen."""
        for team, start in starts.items():
            self._means[self._rows[team] : self._rows[team] + 2] = start
        self._spread *= self.dynamics.keep
        diagonal = np.einsum("ii->i", self._spread)
        diagonal += self.dynamics.widen
        fresh = np.repeat(self.seen[::2] == 0, 2)
        diagonal[fresh] = self.dynamics.start

    def told(self, team: int, is_fbs: bool) -> Floats:
        """Offence and defence of a team, 2 x quantities, in the quantities' units."""
        row = self.row(team, is_fbs)
        found: Floats = self._means[row : row + 2] * self._noise
        return found

    def doubt(self, home: int, away: int, fbs: tuple[bool, bool]) -> float:
        """Variance of the expected difference of both sides, in units of the noise of one game."""
        one, other = self.row(home, fbs[0]), self.row(away, fbs[1])
        if one == other:
            return 4 * self.dynamics.start
        units = [one, one + 1, other, other + 1]
        signs = np.array([1.0, 1.0, -1.0, -1.0])
        return float(signs @ self._spread[np.ix_(units, units)] @ signs)

    def fbs_teams(self) -> dict[int, Floats]:
        """Every FBS team seen so far with its offence and defence, 2 x quantities, in noises."""
        return {team: self._means[row : row + 2].copy() for team, row in self._rows.items() if self.seen[row]}

    def _learn(self, attack: int, defend: int, surprise: Floats, noise: float) -> None:
        effect = self._spread[attack] - self._spread[defend]
        total = effect[attack] - effect[defend] + noise
        gain = effect / total
        self._means += gain[:, None] * surprise
        # In place, four times as fast as by way of another matrix; BLAS takes columns first, hence the transpose.
        self._add_product(-1.0, effect, gain, a=self._spread.T, overwrite_a=1)
        for row in (attack, defend):
            self._spread[row, row] += self.dynamics.drift
            self.seen[row] += 1

    def _grow(self, size: int) -> None:
        old = len(self._means)
        means = np.zeros((size, len(self.names)))
        means[:old] = self._means
        spread = np.eye(size) * self.dynamics.start
        spread[:old, :old] = self._spread
        seen = np.zeros(size, dtype=np.int64)
        seen[:old] = self.seen
        self._means, self._spread, self.seen = means, spread, seen
