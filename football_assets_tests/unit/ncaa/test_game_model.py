"""Predictions of games not seen, spreads of misses not seen, and no prediction where there can be none."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa import game_model
from football_assets.ncaa.features import features
from football_assets.ncaa.game_model import NO_KICKOFF, NO_MODEL, NO_SPREAD, NOT_NEXT, Misses, p_home, walk_forward
from football_assets.ncaa.team_games import one_row_per_team


def walked(build, rows):
    games = build.games(*rows)
    return games, walk_forward(games, features(games, one_row_per_team(games, build.lines(), build.boxes())))


@pytest.fixture(scope="module")
def league(build):
    return build.league(seasons=(2020, 2021, 2022, 2023))


@pytest.fixture(scope="module")
def walk(build, league):
    return walked(build, league)


def test_every_prediction_comes_from_games_before_the_first_kickoff_of_its_week(walk):
    games, found = walk
    predicted = found.predictions.merge(games, on="game_id")
    first = predicted.groupby(["season", "week"])["kickoff_at"].transform("min")
    assert len(predicted) > 60
    assert (predicted["trained_through"] < first).all()
    assert (predicted["n_games"] >= 200).all()


def test_games_without_enough_history_have_no_prediction_and_a_reason(walk):
    games, found = walk
    assert set(found.gaps.values()) == {NO_MODEL, NO_SPREAD}
    assert set(found.gaps) | set(found.predictions["game_id"]) == set(games["game_id"])
    assert not set(found.gaps) & set(found.predictions["game_id"])
    late = games[games["game_id"].isin(found.gaps)]["kickoff_at"].max()
    assert (found.predictions.merge(games, on="game_id")["kickoff_at"] >= late).all()


def test_the_model_beats_guessing_the_average(walk):
    games, found = walk
    predicted = found.predictions.merge(games, on="game_id")
    margin = (predicted["home_points"] - predicted["away_points"]).astype(float)
    assert (margin - predicted["margin_mean"]).abs().mean() < 0.9 * (margin - margin.mean()).abs().mean()


def test_later_results_change_no_earlier_prediction(build, league, walk):
    cut = league[int(len(league) * 0.9)]["kickoff_at"]
    tampered = [{**row, "home_points": 70} if row["kickoff_at"] >= cut else row for row in league]
    games, found = walked(build, tampered)
    early = games.loc[games["kickoff_at"] < pd.Timestamp(cut), "game_id"]
    told = walk[1].predictions.set_index("game_id")
    changed = found.predictions.set_index("game_id")
    shared = told.index.intersection(early)
    assert len(shared) > 20
    pd.testing.assert_frame_equal(told.loc[shared], changed.loc[shared], check_exact=True)
    assert not told.equals(changed)


def test_a_game_put_off_counts_for_nothing_until_it_is_over(build, league):
    """Neither a fit nor a spread before its new kickoff may know how a postponed game of an earlier week ended."""
    number = int(len(league) * 0.9)
    late = league[number]["kickoff_at"] + timedelta(days=9)
    walks = []
    for points in (3, 70):
        moved = {**league[number], "kickoff_at": late, "home_points": points}
        walks.append(walked(build, [*league[:number], moved, *league[number + 1 :]]))
    early = walks[0][0].query("kickoff_at < @late")["game_id"]
    one, other = (found.predictions.set_index("game_id") for _, found in walks)
    shared = one.index.intersection(early)
    assert (walks[0][0].set_index("game_id").loc[shared, "kickoff_at"] > late - timedelta(days=3)).any()
    pd.testing.assert_frame_equal(one.loc[shared], other.loc[shared], check_exact=True)
    assert not one.equals(other)


def test_a_league_too_small_has_no_prediction_at_all(build):
    games, found = walked(build, build.league(seasons=(2022,), teams=8))
    assert found.predictions.empty
    assert found.newest == []
    assert set(found.gaps) == set(games["game_id"])


def test_only_the_next_game_of_both_sides_is_predicted_ahead(build, league):
    end = league[-1]["kickoff_at"]
    ahead = [
        build.game(1, 1, 2, None, kickoff=end + timedelta(days=7), season=2023, week=14, fetched_at=end),
        build.game(2, 1, 3, None, kickoff=end + timedelta(days=14), season=2023, week=15, fetched_at=end),
        build.game(3, 4, 5, None, kickoff=end + timedelta(days=14), season=2023, week=15, fetched_at=end),
        build.game(4, 4, 6, None, kickoff=None, season=2023, week=16, fetched_at=end),
    ]
    _, found = walked(build, [{**row, "fetched_at": end} for row in league] + ahead)
    assert {1, 3} <= set(found.predictions["game_id"])
    assert (found.gaps[2], found.gaps[4]) == (NOT_NEXT, NO_KICKOFF)


def test_missing_inputs_are_left_to_the_pipeline(build, league):
    games = build.games(*league)
    frame = features(games, one_row_per_team(games, build.lines(), build.boxes()))
    for inputs in (game_model.margin_inputs(frame), game_model.total_inputs(frame)):
        assert inputs["yards"].isna().all(), "no box score was ever seen"
        assert inputs["points"].notna().all()


def test_the_newest_models_carry_their_inputs_and_spread(walk):
    _, found = walk
    assert [fitted.target for fitted in found.newest] == ["margin", "total"]
    for fitted in found.newest:
        assert fitted.residual_sd > 0
        assert fitted.n_games >= 200
        assert fitted.pipeline.n_features_in_ == len(fitted.inputs)


def test_a_spread_needs_a_hundred_misses_and_kinds_are_measured_apart():
    misses = Misses()
    misses.add(np.full(99, 10.0), np.full(99, True))
    assert misses.spread(True) is None
    misses.add(np.array([10.0]), np.array([True]))
    assert misses.spread(True) == pytest.approx(10.0)
    assert misses.spread(False) == pytest.approx(10.0), "too few of its own: all together"
    misses.add(np.full(100, 20.0), np.full(100, False))
    assert (misses.spread(True), misses.spread(False)) == (pytest.approx(10.0), pytest.approx(20.0))


def test_the_probability_follows_the_margin():
    found = p_home(np.array([0.0, 16.0, -16.0, 900.0]), np.full(4, 16.0))
    assert found[0] == pytest.approx(0.5)
    assert found[1] == pytest.approx(0.8413, abs=1e-4)
    assert found[1] + found[2] == pytest.approx(1.0)
    assert 0.999 < found[3] < 1.0
