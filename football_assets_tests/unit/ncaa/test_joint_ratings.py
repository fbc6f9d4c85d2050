"""Joint ratings: what a game teaches, also about teams that did not play in it."""

import numpy as np
import pytest

from football_assets.ncaa.joint_ratings import Dynamics, JointRating, Quantity

BOTH_FBS = (True, True)
POINTS = {"points": Quantity(28, 11, 3, 9)}


def played(*games):
    rating = JointRating(POINTS, Dynamics())
    for home, away, ours, theirs in games:
        rating.observe(home, away, (np.array([float(ours)]), np.array([float(theirs)])), 0.0, BOTH_FBS)
    return rating


def test_the_winner_rises_and_the_loser_falls_by_as_much():
    rating = played((1, 2, 45, 14))
    net = [rating.told(team, True).sum() for team in (1, 2)]
    assert net[0] > 0
    assert net[0] == pytest.approx(-net[1], abs=0.3)


def test_a_game_teaches_about_the_opponents_of_those_who_play():
    before = played((1, 2, 28, 28), (2, 3, 28, 28))
    after = played((1, 2, 28, 28), (2, 3, 28, 28), (3, 4, 60, 0))
    assert after.told(1, True).sum() > before.told(1, True).sum() + 0.1


def test_doubt_shrinks_with_games_and_widens_over_the_off_season():
    rating = played()
    fresh = rating.doubt(1, 2, BOTH_FBS)
    rating = played(*((1, 2, 28, 28),) * 6)
    learned = rating.doubt(1, 2, BOTH_FBS)
    rating.new_season({})
    assert learned < rating.doubt(1, 2, BOTH_FBS) < fresh


def test_a_season_starts_where_it_is_told_to():
    rating = played((1, 2, 45, 14))
    rating.new_season({1: np.array([[0.5], [0.25]])})
    assert rating.told(1, True).ravel() == pytest.approx([5.5, 2.75])


def test_teams_outside_the_fbs_are_one_unit_below_average():
    rating = played()
    assert rating.told(900, False).ravel() == pytest.approx([-9.0, -9.0])
    assert (rating.told(901, False) == rating.told(900, False)).all()


def test_many_teams_find_room():
    rating = played(*((team, team + 1, 28 + team % 5, 21) for team in range(1, 200)))
    assert len(rating.fbs_teams()) == 200
