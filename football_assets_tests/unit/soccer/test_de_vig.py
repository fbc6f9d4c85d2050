"""Probabilities in prices: what they sum to, what the two methods do, and which prices are refused."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from football_assets.soccer.de_vig import proportional, shin

METHODS = pytest.mark.parametrize("method", [proportional, shin])


@METHODS
@given(
    chances=st.lists(st.floats(0.03, 1), min_size=2, max_size=3),
    overround=st.floats(1.0, 1.2),
)
def test_probabilities_sum_to_one_and_keep_the_order_of_the_prices(method, chances, overround):
    true = np.array([chances]) / sum(chances)
    prices = 1 / np.minimum(true * overround, 0.99)
    found = method(prices)
    assert found.sum() == pytest.approx(1)
    assert (np.diff(found[0, np.argsort(prices[0], kind="stable")]) <= 1e-12).all()


def test_proportional_divides_by_the_sum_of_the_implied_probabilities():
    assert proportional(np.array([[1.9, 1.9]])) == pytest.approx(np.array([[0.5, 0.5]]))
    assert proportional(np.array([[1.6, 4.0, 5.0]])) == pytest.approx(np.array([[0.625, 0.25, 0.2]]) / 1.075)


def test_shin_gives_the_long_shot_less_than_proportional_does():
    prices = np.array([[1.25, 6.0, 13.0]])
    assert shin(prices)[0, 2] < proportional(prices)[0, 2]
    assert shin(prices)[0, 0] > proportional(prices)[0, 0]


def test_shin_finds_the_probabilities_that_its_insiders_price():
    true, share = np.array([0.7, 0.2, 0.1]), 0.03
    # Shin's prices for true probabilities and a share of insiders, the overround being what these make it.
    root = np.sqrt((1 - share) * true**2 + share * true)
    implied = root * root.sum()
    assert shin(1 / implied[None]) == pytest.approx(true[None], abs=1e-9)


def test_prices_without_overround_are_taken_as_they_are():
    assert shin(np.array([[2.0, 4.0, 4.0]])) == pytest.approx(np.array([[0.5, 0.25, 0.25]]))


@METHODS
@pytest.mark.parametrize(
    "row", [[np.nan, 3.0, 3.0], [1.0, 5.0, 5.0], [0.0, 3.0, 3.0], [1.2, 1.2, 1.2], [9.0, 9.0, 9.0], [2.0, np.inf, 3.0]]
)
def test_a_missing_or_impossible_price_gives_nothing_for_that_match_only(method, row):
    found = method(np.array([row, [2.0, 3.6, 4.0]]))
    assert np.isnan(found[0]).all()
    assert np.isfinite(found[1]).all()
