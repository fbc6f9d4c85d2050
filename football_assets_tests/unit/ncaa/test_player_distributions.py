"""Distributions: chances add up, quantiles and moments agree with them, and the score is the one of the definition."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from football_assets.ncaa.player_backtest import normal_crps
from football_assets.ncaa.player_distributions import Counts, Spreads, against


def spreads(*rows, step=1.0):
    return Spreads(np.array(rows, dtype=float), step)


def normal_points(mean, sd, count=200):
    scipy_stats = pytest.importorskip("scipy.stats")
    return scipy_stats.norm.ppf((np.arange(count) + 0.5) / count, mean, sd)


@settings(max_examples=60, deadline=None)
@given(
    points=st.lists(st.floats(-50, 400), min_size=5, max_size=40),
    line=st.floats(-60, 420).map(lambda x: round(2 * x) / 2),
    chance=st.lists(st.floats(0.01, 1), min_size=3, max_size=9),
)
def test_over_under_and_push_sum_to_one_against_any_line(points, line, chance):
    weights = np.array(chance) / sum(chance)
    for found in (spreads(sorted(points)), Counts(weights[None, :])):
        over, under, push = against(found, np.array([line]))
        assert over[0] + under[0] + push[0] == pytest.approx(1.0)
        assert min(over[0], under[0], push[0]) >= -1e-12
        if line % 1:
            assert push[0] == 0.0


def test_a_coin_pushes_on_a_whole_line_and_never_on_a_half_one():
    coin = Counts(np.array([[0.5, 0.5]] * 2))
    over, under, push = against(coin, np.array([1.0, 0.5]))
    assert (over.tolist(), under.tolist(), push.tolist()) == ([0.0, 0.5], [0.5, 0.5], [0.5, 0.0])


def test_half_sacks_push_on_half_lines():
    sacks = Counts(np.array([[0.4, 0.3, 0.3]]), step=0.5)
    over, under, push = against(sacks, np.array([0.5]))
    assert (over[0], under[0], push[0]) == pytest.approx((0.3, 0.4, 0.3))
    assert sacks.mean()[0] == pytest.approx(0.45)
    assert sacks.quantile(0.5)[0] == 0.5


def test_yards_are_never_certain():
    over, under, _ = against(spreads(np.arange(200.0)), np.array([5000.5]))
    assert 0 < over[0] < 0.01 < under[0] < 1


def test_points_of_a_normal_distribution_have_its_moments_and_chances():
    found = spreads(normal_points(60, 20))
    assert found.mean()[0] == pytest.approx(60, abs=0.01)
    assert found.sd()[0] == pytest.approx(20, abs=0.3)
    assert against(found, np.array([59.5]))[0][0] == pytest.approx(0.5, abs=0.02)
    assert found.quantile(0.9)[0] == pytest.approx(86, abs=1)


def test_the_score_of_counts_is_the_summed_squared_distance():
    found = Counts(np.array([[0.2, 0.5, 0.3]] * 4))
    assert found.crps(np.array([0.0, 1.0, 2.0, 4.0])).tolist() == pytest.approx(
        [0.8**2 + 0.3**2, 0.2**2 + 0.3**2, 0.2**2 + 0.7**2, 0.2**2 + 0.7**2 + 2.0]
    )


def test_the_score_of_points_agrees_with_the_closed_form_of_the_normal():
    found = spreads(normal_points(60, 20, 2000), normal_points(60, 20, 2000))
    actual = np.array([35.0, 90.0])
    assert found.crps(actual) == pytest.approx(
        normal_crps(np.array([60.0] * 2), np.array([20.0] * 2), actual), rel=0.01
    )
