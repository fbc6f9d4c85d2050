"""Running matches: what time, goals and sendings-off do to the probabilities, and what they may never do."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from football_assets.soccer.goals_model import outcome_probabilities, over_probabilities, score_grid
from football_assets.soccer.in_play import HALF_TIME, FinalScores, share_to_come

RATE = st.floats(0.05, 6.0)
TIE = st.floats(-0.1, 0.02)
SHARE = st.floats(0.0, 1.0)
GOALS = st.integers(0, 6)
REDS = st.integers(0, 3)


def moments():
    """Every moment that can be told, in the order of the clock."""
    yield share_to_come(0)
    yield from (share_to_come(minute) for minute in range(1, 46))
    yield from (share_to_come(45, in_stoppage=True, stoppage_minute=each) for each in (1, 2, 5, 9))
    yield HALF_TIME
    yield from (share_to_come(minute) for minute in range(46, 91))
    yield from (share_to_come(90, in_stoppage=True, stoppage_minute=each) for each in range(1, 13))


def outcome(rates, tie, share, score, reds=(0, 0)):
    final = FinalScores(np.array([rates]), tie, np.array([share]), [score[0]], [score[1]], [reds[0]], [reds[1]])
    return final.outcomes()[0]


def test_what_is_to_come_only_shrinks():
    shares = list(moments())
    assert shares[0] == 1
    assert all(later <= earlier for earlier, later in pairwise(shares))
    assert 0 < shares[-1] < 0.02


def test_unknown_stoppage_lies_between_its_first_minute_and_its_last():
    first, unknown, last = (share_to_come(90, in_stoppage=True, stoppage_minute=each) for each in (1, None, 12))
    assert first > unknown > last
    assert share_to_come(45) > share_to_come(45, in_stoppage=True) > HALF_TIME > share_to_come(46)


@pytest.mark.parametrize(("minute", "in_stoppage"), [(-1, False), (91, False), (120, False), (60, True), (0, True)])
def test_a_minute_outside_the_ninety_is_refused(minute, in_stoppage):
    with pytest.raises(ValueError, match="not one of the 90"):
        share_to_come(minute, in_stoppage=in_stoppage)


@given(home=RATE, away=RATE, tie=TIE)
def test_before_the_kick_off_it_is_the_pre_match_prediction(home, away, tie):
    rates = np.array([[home, away]])
    grid = score_grid(rates, tie)
    final = FinalScores(rates, tie, np.array([1.0]), [0], [0], [0], [0])
    assert final.outcomes() == pytest.approx(outcome_probabilities(grid))
    assert final.over() == pytest.approx(over_probabilities(grid))


@given(home=RATE, away=RATE, tie=TIE, share=SHARE, score=st.tuples(GOALS, GOALS), reds=st.tuples(REDS, REDS))
def test_a_goal_never_lowers_the_chance_of_the_side_that_scores(home, away, tie, share, score, reds):
    now = outcome((home, away), tie, share, score, reds)
    after_home = outcome((home, away), tie, share, (score[0] + 1, score[1]), reds)
    after_away = outcome((home, away), tie, share, (score[0], score[1] + 1), reds)
    assert now.sum() == pytest.approx(1)
    assert after_home[0] >= now[0] - 1e-9
    assert after_home[2] <= now[2] + 1e-9
    assert after_away[2] >= now[2] - 1e-9
    assert after_away[0] <= now[0] + 1e-9


@given(home=RATE, away=RATE, tie=TIE, share=SHARE, score=st.tuples(GOALS, GOALS), reds=st.tuples(REDS, REDS))
def test_a_sending_off_never_raises_the_chance_of_the_side_that_suffers_it(home, away, tie, share, score, reds):
    now = outcome((home, away), tie, share, score, reds)
    fewer = outcome((home, away), tie, share, score, (reds[0] + 1, reds[1]))
    assert fewer[0] <= now[0] + 1e-9
    assert fewer[2] >= now[2] - 1e-9


@given(home=st.floats(0.2, 1.8), away=st.floats(0.2, 1.8), tie=st.floats(-0.06, 0.0))
def test_who_leads_in_the_second_stoppage_time_has_more_than_nine_chances_in_ten_unless_far_weaker(home, away, tie):
    share = share_to_come(90, in_stoppage=True)
    assert outcome((home, away), tie, share, (1, 0))[0] > 0.9
    assert outcome((home, away), tie, share, (1, 2))[2] > 0.9


def test_the_over_is_certain_once_the_goals_are_scored_and_rises_with_each():
    rates = np.tile([1.4, 1.1], (4, 1))
    final = FinalScores(rates, -0.05, np.full(4, 0.3), [0, 1, 1, 2], [0, 0, 1, 1], [0] * 4, [0] * 4)
    chances = final.over()
    assert (np.diff(chances) > 0).all()
    assert chances[-1] == pytest.approx(1)


def test_a_match_that_is_over_is_decided():
    assert outcome((2.0, 1.0), -0.05, 0.0, (1, 1)).tolist() == [0, 1, 0]


def test_a_match_without_a_model_stays_without_one_beside_others():
    rates = np.array([[np.nan, np.nan], [1.4, 1.1]])
    final = FinalScores(rates, -0.05, np.array([0.5, 0.5]), [0, 0], [0, 0], [0, 0], [0, 0])
    assert np.isnan(final.outcomes()[0]).all()
    assert np.isnan(final.over()[0])
    assert final.outcomes()[1].sum() == pytest.approx(1)
