"""The true chances of a simulated match at an instant: what its prices are made from.

Goals of both sides in the time that is left are Poisson, at the very rates the match is played with.
"""

import math
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple

from football_assets.emulators.simulation.soccer_match import (
    BEYOND_S,
    CORNERS_A_MATCH,
    EXPECTED_HALF_S,
    EXPECTED_MATCH_S,
    FIRST_HALF,
    HALF_S,
    HALF_TIME,
    RED,
    SECOND_HALF,
    SECOND_YELLOW,
    MatchLife,
    red_factor,
)

_MOST_GOALS = 14
_MOST_CORNERS = 26
_WIDEST_HANDICAP = 4.0


class Line(NamedTuple):
    """A handicap or total with the chance of its first outcome (home, over), pushes left out."""

    line: float
    chance: float


class Chances(NamedTuple):
    """What may still come of a match.

    `result`: home, draw, away at the end of normal time. `handicap` is for the rest of the match, positive when
    the home side gives it; `total` and `corners` count what has happened. None where no sensible line exists.
    """

    result: tuple[float, float, float]
    handicap: Line | None
    total: Line | None
    corners: Line | None


def remaining_s(life: MatchLife | None, at: int) -> float:
    """Play time still to be expected in normal time, in seconds; the whole match before it starts."""
    if life is None:
        return EXPECTED_MATCH_S
    phase = life.phase(at)
    if phase.status == FIRST_HALF:
        return _left(at - phase.kickoff, EXPECTED_HALF_S[0], life.announced_s[0]) + EXPECTED_HALF_S[1]
    if phase.status == HALF_TIME:
        return EXPECTED_HALF_S[1]
    if phase.status == SECOND_HALF:
        return _left(at - phase.kickoff, EXPECTED_HALF_S[1], life.announced_s[1])
    return EXPECTED_MATCH_S


def _left(played_s: int, expected_s: float, announced_s: int) -> float:
    """What is left of a half: an expectation until the board goes up, then what it says."""
    end = expected_s if played_s < HALF_S else announced_s + BEYOND_S
    return max(5.0, end - played_s)


def chances(goals: tuple[float, float], life: MatchLife | None = None, at: int = 0) -> Chances:
    """The chances at an instant, from expected goals over a whole match and what has happened (None: nothing yet)."""
    share = remaining_s(life, at) / EXPECTED_MATCH_S
    home, away = goals[0] * share, goals[1] * share
    scored, corners = (0, 0), 0
    if life is not None:
        scored = life.goals(at)
        corners = sum(bisect_right(side, at) for side in life.corners)
        reds = [sum(e.kind in {RED, SECOND_YELLOW} and e.side == s and e.at <= at for e in life.events) for s in (1, 2)]
        home *= red_factor(reds[0], reds[1])
        away *= red_factor(reds[1], reds[0])
    margins = _difference(home, away)
    behind = scored[1] - scored[0]
    win, loss = margins.around(behind)
    return Chances(
        result=(win, max(0.0, 1.0 - win - loss), loss),
        handicap=_handicap(margins, home - away),
        total=_total(home + away, sum(scored), _MOST_GOALS, step=0.25, widest=9.5),
        corners=_total(sum(CORNERS_A_MATCH) * share, corners, _MOST_CORNERS, step=0.5, widest=17.0),
    )


class _Distribution:
    """Chances of whole numbers from `lowest` on."""

    def __init__(self, lowest: int, chances: list[float]) -> None:
        self._lowest = lowest
        self._up_to = [0.0, *accumulate(chances)]
        self._whole = self._up_to[-1]

    def _at_most(self, value: int) -> float:
        return self._up_to[min(len(self._up_to) - 1, max(0, value - self._lowest + 1))]

    def around(self, line: float) -> tuple[float, float]:
        """Chances to be above and below a line; a quarter line is two bets of half the stake."""
        if line * 2 % 1:
            low, high = self.around(line - 0.25), self.around(line + 0.25)
            return (low[0] + high[0]) / 2, (low[1] + high[1]) / 2
        return self._whole - self._at_most(math.floor(line)), self._at_most(math.ceil(line) - 1)


def _poisson(mean: float, most: int) -> list[float]:
    chance = math.exp(-mean)
    row = [chance]
    for n in range(1, most + 1):
        chance *= mean / n
        row.append(chance)
    return row


def _difference(home: float, away: float) -> _Distribution:
    """The distribution of home goals minus away goals."""
    homes, aways = _poisson(home, _MOST_GOALS), _poisson(away, _MOST_GOALS)
    margins = [0.0] * (2 * _MOST_GOALS + 1)
    for n, chance in enumerate(homes):
        if chance > 1e-9:
            for m, other in enumerate(aways):
                margins[_MOST_GOALS + n - m] += chance * other
    return _Distribution(-_MOST_GOALS, margins)


def _most_even(distribution: _Distribution, lines: list[float], so_far: int) -> Line | None:
    """Of these lines the one whose two sides are closest; `so_far` is added to the line that is shown."""
    best: tuple[float, float, float] | None = None
    for line in lines:
        above, below = distribution.around(line)
        if best is None or abs(above - below) < abs(best[1] - best[2]):
            best = (line, above, below)
    if best is None or best[1] + best[2] <= 0:
        return None
    return Line(best[0] + so_far, best[1] / (best[1] + best[2]))


def _handicap(margins: _Distribution, expected: float) -> Line | None:
    centre = round(expected * 4) / 4
    lines = [centre + step / 4 for step in range(-2, 3) if abs(centre + step / 4) <= _WIDEST_HANDICAP]
    return _most_even(margins, lines, 0)


def _total(mean: float, so_far: int, most: int, *, step: float, widest: float) -> Line | None:
    centre = max(0.5, round(mean / step) * step)
    lines = [line for n in range(-3, 3) if (line := centre + n * step) >= 0.5 and line + so_far <= widest]
    return _most_even(_Distribution(0, _poisson(mean, most)), lines, so_far)
