"""A feature that knows the future is refused, whichever way it came by it."""

import pandas as pd
import pytest

from football_assets.ncaa import peeking
from football_assets.ncaa.features import features
from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.team_games import one_row_per_team

LISTS = SeasonLists()


@pytest.fixture(scope="module")
def tables(build):
    games = build.games(*build.league())
    return games, one_row_per_team(games, build.lines(), build.boxes())


def honest(games, team_games, _lists):
    return features(games, team_games)


def with_season_average(games, team_games, _lists):
    """The mean margin of the home side over the whole season: hardly related to the game, and unknown at kickoff."""
    frame = features(games, team_games)
    mean = team_games.groupby("team_id")["margin"].mean().astype("float64")
    return frame.assign(home_form=frame["home_team_id"].map(mean))


def with_next_result(games, team_games, _lists):
    """How the away side does in its next game."""
    frame = features(games, team_games)
    benches = team_games.sort_values("kickoff_at")
    later = benches.assign(later=benches.groupby("team_id")["margin"].shift(-1).astype("float64"))
    joined = frame.merge(later, left_on=["game_id", "away_team_id"], right_on=["game_id", "team_id"], how="left")
    return frame.assign(away_form=joined["later"])


def test_honest_features_pass_and_the_kickoff_is_told(tables):
    verdict = peeking.no_peeking(honest(*tables, LISTS), *tables, LISTS, honest)
    assert (verdict.passed, verdict.level) == (True, "error")
    assert "UTC on move no feature" in verdict.says


@pytest.mark.parametrize(
    ("build_features", "column"), [(with_season_average, "home_form"), (with_next_result, "away_form")]
)
def test_a_feature_that_moves_with_later_results_is_refused_by_name(tables, build_features, column):
    verdict = peeking.no_peeking(build_features(*tables, LISTS), *tables, LISTS, build_features)
    assert (verdict.passed, verdict.level) == (False, "error")
    assert [row["column"] for row in verdict.rows] == [column]
    assert "moves with results from" in verdict.says


def test_a_table_that_holds_the_result_is_refused_though_its_function_is_honest(tables):
    games, _ = tables
    known = honest(*tables, LISTS)
    total = (games.set_index("game_id")["home_points"] + games.set_index("game_id")["away_points"]).astype("float64")
    verdict = peeking.no_peeking(known.assign(away_rest_days=known["game_id"].map(total)), *tables, LISTS, honest)
    assert "away_rest_days goes with the total at 1.00" in verdict.says


def test_too_few_games_tell_nothing_and_say_so(build):
    games = build.games(build.game(1, 10, 20, (24, 17)))
    benches = one_row_per_team(games, build.lines(), build.boxes())
    verdict = peeking.no_peeking(honest(games, benches, LISTS), games, benches, LISTS, honest)
    assert (verdict.passed, verdict.says) == (True, "too few games to tell")


def test_the_kickoff_moves_as_games_are_added(tables):
    over = tables[0]
    assert len({peeking.chosen_kickoff(over.iloc[:-left]) for left in range(1, 8)}) > 3
    assert peeking.chosen_kickoff(over.assign(kickoff_at=pd.NaT)) is None
