"""The goals model: coherent probabilities, nothing from the future, no guess about unknown teams."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from football_assets.soccer import goals_model
from football_assets.soccer.goals_model import (
    log_losses,
    market_aware,
    outcome_probabilities,
    outcomes_of,
    over_probabilities,
    poisson,
    ranked_probability_scores,
    score_grid,
    walk_forward,
)
from football_assets_tests.unit.soccer.seasons import played_seasons

RESULTS = ["home_goals", "away_goals", "home_shots_on_target", "away_shots_on_target", "home_shots", "away_shots"]
PRICES = ["early_home", "early_draw", "early_away", "closing_home", "closing_draw", "closing_away"]
RATE = st.floats(0.1, 4.0)


@pytest.fixture(autouse=True)
def _few_matches_are_enough(monkeypatch):
    monkeypatch.setattr(goals_model, "FEWEST_MATCHES", 200)


@pytest.fixture(scope="module")
def matches():
    return played_seasons(4)


@pytest.fixture(scope="module")
def predicted(matches):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(goals_model, "FEWEST_MATCHES", 200)
        return walk_forward(matches)


@given(home=RATE, away=RATE, tie=st.floats(-0.06, 0.02))
def test_a_grid_sums_to_one_and_its_outcomes_do(home, away, tie):
    grid = score_grid(np.array([[home, away]]), tie)
    assert grid.min() >= 0
    assert grid.sum() == pytest.approx(1)
    assert outcome_probabilities(grid).sum() == pytest.approx(1)


def test_without_a_tie_the_grid_is_two_independent_counts():
    grid = score_grid(np.array([[1.5, 1.0]]), 0.0)
    assert grid[0, 2, 1] == pytest.approx(np.exp(-2.5) * 1.5**2 / 2, abs=1e-7)
    few = sum(grid[0, home, away] for home in range(3) for away in range(3 - home))
    assert over_probabilities(grid)[0] == pytest.approx(1 - few)


def test_a_negative_tie_makes_draws_likelier():
    free, tied = (outcome_probabilities(score_grid(np.array([[1.3, 1.1]]), tie))[0, 1] for tie in (0.0, -0.05))
    assert tied > free


def test_counts_beyond_the_grid_are_negligible():
    assert 1 - poisson(np.array([4.0])).sum() < 1e-4


@settings(deadline=None, max_examples=6)
@given(row=st.integers(530, 1050), seed=st.integers(0, 2**31))
def test_rewriting_the_future_leaves_earlier_predictions_bit_identical(row, seed):
    matches = played_seasons(4)
    rng = np.random.default_rng(seed)
    today = matches["played_on"].iloc[row]
    later = (matches["played_on"] >= today).to_numpy()
    rewritten = matches.copy()
    rewritten.loc[later, RESULTS] = rng.integers(0, 9, (int(later.sum()), len(RESULTS))).astype(float)
    rewritten[PRICES] = rng.uniform(1.2, 9, (len(matches), len(PRICES)))
    before, after = walk_forward(matches), walk_forward(rewritten)
    known = (matches["played_on"] <= today).to_numpy()
    pd.testing.assert_frame_equal(before[known], after[known], check_exact=True)
    assert before["home"][known].notna().any()


def test_the_order_of_the_rows_does_not_matter(matches, predicted):
    mixed = matches.sample(frac=1, random_state=3)
    pd.testing.assert_frame_equal(walk_forward(mixed).loc[matches.index], predicted, check_exact=True)


def test_the_first_seasons_and_unknown_sides_have_no_prediction(matches, predicted):
    first = matches["season"] < 2017
    assert predicted[first][["home", "draw", "away", "over", "expected_home_goals"]].isna().all(axis=None)
    late = predicted[~first]
    assert late["home"].notna().equals(late["is_known"])
    assert late["home"].notna().mean() > 0.9


def test_it_does_better_than_the_frequencies_of_the_seasons_before(matches, predicted):
    outcomes = outcomes_of(matches)
    rows = predicted["home"].notna().to_numpy()
    chances = predicted.loc[rows, ["home", "draw", "away"]].to_numpy()
    usual = np.bincount(outcomes[(matches["season"] < 2017).to_numpy()], minlength=3) / (matches["season"] < 2017).sum()
    flat = np.tile(usual, (len(chances), 1))
    ours, theirs = (ranked_probability_scores(each, outcomes[rows]).mean() for each in (chances, flat))
    assert ours < theirs


def test_a_match_to_come_is_predicted_as_the_walk_would_have(matches, predicted):
    last_day = matches["played_on"].max()
    past, today = matches[matches["played_on"] < last_day], matches[matches["played_on"] == last_day]
    strengths = goals_model.Strengths()
    inputs = strengths.walk(past)
    taught = (past["season"].between(2016, 2017)).to_numpy() & inputs.is_known
    rows = np.flatnonzero(taught)
    model = goals_model.fit(past.iloc[rows], goals_model.chosen(inputs, rows))
    found = goals_model.predict(model, strengths.expect(today))
    assert found["home"].to_numpy() == pytest.approx(predicted.loc[today.index, "home"].to_numpy())


def test_too_few_matches_are_not_fitted(matches, monkeypatch):
    monkeypatch.setattr(goals_model, "FEWEST_MATCHES", 5_000)
    inputs = goals_model.Strengths().walk(matches)
    with pytest.raises(ValueError, match="too few"):
        goals_model.fit(matches, inputs)


def test_the_market_aware_family_follows_prices_that_know_more():
    rng = np.random.default_rng(2)
    true = rng.dirichlet([4, 3, 3], 4000)
    outcomes = (rng.random(4000)[:, None] > true.cumsum(axis=1)).sum(axis=1)
    seasons = np.repeat([2018, 2019], 2000)
    vague = (true + 1) / 4
    found = market_aware(seasons, outcomes, vague, true)
    assert np.isnan(found[:2000]).all()
    late = slice(2000, None)
    scores = [log_losses(each[late], outcomes[late]).mean() for each in (found, vague, true)]
    assert scores[0] < scores[1]
    assert scores[0] < scores[2] + 0.005


def test_the_market_aware_family_is_silent_where_either_input_is():
    chances = np.full((600, 3), 1 / 3)
    outcomes, seasons = np.tile([0, 1, 2], 200), np.repeat([2018, 2019], 300)
    ours, early = chances.copy(), chances.copy()
    ours[400], early[401] = np.nan, np.nan
    found = market_aware(seasons, outcomes, ours, early)
    assert np.isnan(found[[400, 401]]).all()
    assert np.isfinite(found[402:]).all()


def test_scores_of_known_predictions():
    chances = np.array([[1.0, 0.0, 0.0], [0.5, 0.25, 0.25], [1 / 3, 1 / 3, 1 / 3]])
    assert ranked_probability_scores(chances, np.array([0, 0, 1])) == pytest.approx([0, (0.25 + 0.0625) / 2, 1 / 9])
    assert ranked_probability_scores(chances[:1], np.array([2])) == pytest.approx([1.0])
    assert log_losses(chances[1:2], np.array([2])) == pytest.approx([np.log(4)])


def test_outcomes_are_numbered_from_home_to_away_and_minus_one_without_a_result():
    table = pd.DataFrame({"home_goals": [2.0, 1.0, 0.0, np.nan], "away_goals": [1.0, 1.0, 3.0, 0.0]})
    assert outcomes_of(table).tolist() == [0, 1, 2, -1]
