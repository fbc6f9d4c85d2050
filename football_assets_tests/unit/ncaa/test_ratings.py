"""Ratings learn from surprises, less from each further one, and fall back between seasons."""

import pytest

from football_assets.ncaa.ratings import MarginElo, PairRating, Tuning

BOTH = (True, True)
TUNING = Tuning(noise=10.0, level=28.0, home=3.0, outsider=9.0)


def strengths(rating, team):
    return rating.attack[team].mean, rating.defend[team].mean


def test_an_expected_result_teaches_nothing():
    rating = PairRating(TUNING)
    rating.observe(1, 2, (29.5, 26.5), 1.0, BOTH)
    assert strengths(rating, 1) == strengths(rating, 2) == (0.0, 0.0)


def test_scoring_more_than_expected_lifts_the_attack_and_lowers_the_defence_that_let_it():
    rating = PairRating(TUNING)
    rating.observe(1, 2, (38.0, 28.0), 0.0, BOTH)
    assert rating.attack[1].mean > 0 > rating.defend[2].mean
    assert rating.attack[1].mean == pytest.approx(-rating.defend[2].mean)
    assert (rating.attack[2].mean, rating.defend[1].mean) == (0.0, 0.0)


def test_a_team_seen_often_moves_less_than_a_new_one():
    rating = PairRating(TUNING)
    for _ in range(8):
        rating.observe(1, 2, (28.0, 28.0), 0.0, BOTH)
    rating.observe(1, 3, (48.0, 28.0), 0.0, BOTH)
    assert -rating.defend[3].mean > 2 * rating.attack[1].mean > 0


def test_a_rout_teaches_no_more_than_three_noises():
    routs = [PairRating(TUNING), PairRating(TUNING)]
    for rating, points in zip(routs, (58.0, 99.0), strict=True):
        rating.observe(1, 2, (points, 28.0), 0.0, BOTH)
    assert routs[0].attack[1].mean == routs[1].attack[1].mean


def test_less_is_better_where_the_sign_says_so():
    rating = PairRating(Tuning(noise=1.3, level=-1.6, home=0.0, outsider=0.2), sign=-1.0)
    rating.observe(1, 2, (0.0, 4.0), 0.0, BOTH)
    assert rating.attack[1].mean > 0 > rating.attack[2].mean


def test_what_is_not_known_changes_no_rating_and_is_counted():
    rating = PairRating(TUNING)
    rating.observe(1, 2, (None, 35.0), 0.0, BOTH)
    assert (rating.attack[1].mean, rating.attack[1].unseen, rating.attack[1].seen) == (0.0, 1, 0)
    assert (rating.attack[2].unseen, rating.attack[2].seen) == (0, 1)


def test_sides_outside_the_fbs_start_below_the_average():
    rating, elo = PairRating(TUNING), MarginElo()
    rating.observe(1, 2, (28.0, 28.0), 0.0, (True, False))
    assert rating.attack[2].mean > -9.0, "it did better than expected of it"
    assert elo.rating(2, False) < elo.rating(1, True)


def test_between_seasons_a_rating_falls_back_to_its_conference_and_is_less_sure():
    rating = PairRating(TUNING)
    rating.observe(1, 2, (58.0, 0.0), 0.0, BOTH)
    before, sure = rating.attack[1].mean, rating.attack[1].variance
    rating.new_season({1: "East", 2: "East"}, lambda team: True)
    mean = (before + rating.attack[2].mean) / 2
    assert 0 < rating.attack[1].mean < before
    assert mean < rating.attack[1].mean
    assert rating.attack[1].variance > sure * TUNING.carry**2


def test_margin_elo_is_zero_sum_and_knows_the_home_field():
    elo = MarginElo()
    elo.observe(1, 2, elo.home / elo.per_point, 1.0, BOTH)
    assert elo.ratings == {1: 1500.0, 2: 1500.0}
    elo.observe(1, 2, 20.0, 0.0, BOTH)
    assert elo.ratings[1] + elo.ratings[2] == pytest.approx(3000.0)
    assert elo.ratings[1] > 1500.0
