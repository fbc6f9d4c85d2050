"""Final-score probabilities of a running match: what the score is, and what may still be scored.

What was expected before the kick-off, less the part of the match that is over, gives the goals to come: independent
Poisson counts, their means changed by sendings-off. The tie of low scores stays attached to the final score, so at
minute 0 with 0-0 the result is exactly the pre-match one. A goal for a side never lowers its chance, and a sending-off
never raises it. Everything concerns the 90 minutes with stoppage time; extra time is not covered.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from football_assets.soccer.goals_model import LARGEST, low_score_factors, poisson
from football_assets.soccer.match_features import Floats

Counts = Sequence[int] | npt.NDArray[np.int64]

# Share of a match's goals in one minute of each half, in its stoppage time as a whole, and in a minute of that;
# measured on the 3,800 matches of August to December 2024 with complete timelines.
_FIRST_HALF_A_MINUTE = 0.0094
_FIRST_STOPPAGE = 0.0265
_SECOND_HALF_A_MINUTE = 0.0107
_SECOND_STOPPAGE = 1 - 45 * _FIRST_HALF_A_MINUTE - _FIRST_STOPPAGE - 45 * _SECOND_HALF_A_MINUTE
_STOPPAGE_A_MINUTE = 0.0108
# Minutes still to be played when the stoppage time of the second half has lasted 0-1, 1-2, ... minutes, and when that
# is not known.
_STILL_STOPPAGE_MIN = (5.8, 4.8, 3.9, 3.0, 2.2, 1.75, 1.45, 1.3)
_STILL_UNKNOWN_MIN = 3.57

# A side with a player fewer scores at this share of its rate, and its opponent at that one; per sending-off. Measured
# on the same matches: logarithms -0.75 (standard error 0.08) and 0.43 (0.04).
OWN_RED = 0.47
OPPONENT_RED = 1.53
MOST_REDS = 4

# A side that is behind scores more than before the kick-off expected, one that leads less. Measured on the same
# matches: logarithms 0.08 (0.03) and -0.05 (0.03).
BEHIND = 1.08
AHEAD = 0.95

HALF_TIME = 45 * _SECOND_HALF_A_MINUTE + _SECOND_STOPPAGE


def share_to_come(minute: int, *, in_stoppage: bool = False, stoppage_minute: int | None = None) -> float:
    """The share of a whole match's goals that is expected after this moment; 1 before the kick-off.

    Args:
        minute: 0 before the kick-off, 1-45 in the first half, 46-90 in the second: the minute that is being played.
            At half-time use `HALF_TIME`.
        in_stoppage: Minute 45 or 90 is over and the half goes on.
        stoppage_minute: Which minute of the stoppage time is being played, from 1; None when that is not known.

    Raises ValueError for any other minute, such as those of extra time.
    """
    if not 0 <= minute <= 90 or (in_stoppage and minute not in {45, 90}):
        raise ValueError(f"minute {minute}{'+' if in_stoppage else ''} is not one of the 90 minutes")
    if minute == 0:
        return 1.0
    if minute <= 45:
        if in_stoppage:
            return HALF_TIME + _FIRST_STOPPAGE / (2 if stoppage_minute is None else 1 + stoppage_minute)
        return HALF_TIME + _FIRST_STOPPAGE + (45.5 - minute) * _FIRST_HALF_A_MINUTE
    if in_stoppage:
        last = len(_STILL_STOPPAGE_MIN)
        known = None if stoppage_minute is None else min(max(stoppage_minute, 1), last) - 1
        return _STOPPAGE_A_MINUTE * (_STILL_UNKNOWN_MIN if known is None else _STILL_STOPPAGE_MIN[known])
    return _SECOND_STOPPAGE + (90.5 - minute) * _SECOND_HALF_A_MINUTE


def goals_to_come(
    expected_goals: Floats, shares: Floats, margin: Counts, home_reds: Counts, away_reds: Counts
) -> Floats:
    """(matches, 2): expected further goals of both sides, `margin` being the home side's lead.

    More than four sendings-off of a side count as four.
    """
    home, away = (np.clip(np.asarray(reds), 0, MOST_REDS) for reds in (home_reds, away_reds))
    lead = np.sign(np.asarray(margin))
    urge = np.array([AHEAD, 1.0, BEHIND])
    change = np.stack(
        [
            OWN_RED**home * OPPONENT_RED**away * urge[1 - lead],
            OWN_RED**away * OPPONENT_RED**home * urge[1 + lead],
        ],
        axis=1,
    )
    return np.asarray(expected_goals * np.asarray(shares)[:, None] * change)


class FinalScores:
    """Probabilities of the final scores of running matches, one row each; NaN for a match without a model.

    Args:
        expected_goals: (matches, 2), from before the kick-off.
        tie: The tie of low scores of the model that expected them.
        shares: (matches,), from `share_to_come`.
        home_goals, away_goals, home_reds, away_reds: (matches,), as they stand.
    """

    def __init__(
        self,
        expected_goals: Floats,
        tie: float,
        shares: Floats,
        home_goals: Counts,
        away_goals: Counts,
        home_reds: Counts,
        away_reds: Counts,
    ) -> None:
        self.home_goals, self.away_goals = np.asarray(home_goals), np.asarray(away_goals)
        further = goals_to_come(expected_goals, shares, self.home_goals - self.away_goals, home_reds, away_reds)
        grid = poisson(further[:, 0])[:, :, None] * poisson(further[:, 1])[:, None, :]
        more = np.arange(LARGEST + 1)
        rows = np.minimum(self.home_goals[:, None] + more, LARGEST)[:, :, None]
        columns = np.minimum(self.away_goals[:, None] + more, LARGEST)[:, None, :]
        which = np.arange(len(grid))[:, None, None]
        grid = grid * low_score_factors(expected_goals, tie)[which, rows, columns]
        # (matches, 15, 15): the probability of so many further goals of both sides.
        self.further: Floats = np.asarray(grid / grid.sum(axis=(1, 2), keepdims=True))

    def outcomes(self) -> Floats:
        """(matches, 3): home win, draw, away win."""
        more = np.arange(LARGEST + 1)
        margin = (self.home_goals - self.away_goals)[:, None, None] + np.subtract.outer(more, more)
        return np.stack([(self.further * hit).sum(axis=(1, 2)) for hit in (margin > 0, margin == 0, margin < 0)], 1)

    def over(self, line: float = 2.5) -> Floats:
        """(matches,): more goals than `line` in all."""
        more = np.arange(LARGEST + 1)
        total = (self.home_goals + self.away_goals)[:, None, None] + np.add.outer(more, more)
        return np.asarray((self.further * (total > line)).sum(axis=(1, 2)))
