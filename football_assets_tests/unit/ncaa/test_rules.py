"""Every rule is seen to pass on sound rows and to fail on a planted fault, naming it."""

import pandas as pd
import pytest

from football_assets.ncaa import rules
from football_assets.ncaa.records import team_records
from football_assets.ncaa.team_games import one_row_per_team


@pytest.fixture
def games(build):
    scores = {"home_line_scores": "[7,7,7,3]", "away_line_scores": "[7,0,10,0]"}
    return build.games(build.game(1, 10, 20, (24, 17), **scores), build.game(2, 30, 40, (24, 17)))


@pytest.fixture
def benches(build, games):
    return one_row_per_team(games, build.lines((1, "A", -3.0, None)), build.boxes())


def changed(frame, row, **values):
    copy = frame.copy()
    for name, value in values.items():
        copy.loc[copy.index[row], name] = value
    return copy


def test_line_scores_must_sum_to_the_points(games):
    assert rules.line_scores_add_up(games).passed
    verdict = rules.line_scores_add_up(changed(games, 0, away_line_scores="[7,7,10,0]"))
    assert (verdict.passed, verdict.level) == (False, "warn")
    assert verdict.rows[0]["game_id"] == 1


def test_a_quarter_that_is_unknown_judges_nothing(games):
    assert rules.line_scores_add_up(changed(games, 0, home_line_scores="[7,null]")).passed


def test_completed_games_need_points(games):
    assert rules.completed_games_have_points(games).passed
    verdict = rules.completed_games_have_points(changed(games, 1, home_points=pd.NA))
    assert (verdict.passed, verdict.figures["failing"]) == (False, 1)


def test_games_listed_twice_are_told(games):
    assert rules.listed_once(games).passed
    assert not rules.listed_once(changed(games, 1, duplicate_of=1)).passed


def test_box_scores_of_both_benches_are_expected(build, games):
    whole = build.boxes(*(build.box(g, t, total_yards=1) for g, t in ((1, 10), (1, 20), (2, 30), (2, 40))))
    assert rules.box_scores_complete(whole, games, [2024]).passed
    verdict = rules.box_scores_complete(whole.head(3), games, [2024])
    assert (verdict.passed, verdict.level, verdict.figures) == (False, "warn", {"failing": 1, "of": 2})
    assert rules.box_scores_complete(whole.head(0), games, [2023]).passed, "another season is not judged"


@pytest.mark.parametrize(
    "fault",
    [{"points_against": 3}, {"margin": 70}, {"spread": 9.0}, {"opponent_id": 99}],
    ids=lambda fault: next(iter(fault)),
)
def test_benches_must_mirror_each_other(benches, fault):
    assert rules.benches_mirror(benches).passed
    verdict = rules.benches_mirror(changed(benches, 0, **fault))
    assert (verdict.passed, verdict.level) == (False, "error")


def test_a_bench_without_its_other_side_is_found(benches):
    assert not rules.benches_mirror(benches.iloc[1:]).passed


def test_wins_must_equal_losses(benches):
    assert rules.wins_equal_losses(benches).passed
    verdict = rules.wins_equal_losses(changed(benches, 0, result="L"))
    assert (
        verdict.rows == ({"season": 2024, "wins": 1, "losses": 3},)
        or verdict.rows[0]["wins"] != verdict.rows[0]["losses"]
    )
    assert not verdict.passed


def test_splits_must_add_up(benches):
    records = team_records(benches)
    assert rules.records_add_up(records).passed
    assert not rules.records_add_up(records.assign(home_wins=records["home_wins"] + 1)).passed


def test_learning_at_or_after_the_kickoff_is_an_error():
    at = pd.Timestamp("2024-10-05T16:00Z")
    sound = pd.DataFrame({"game_id": [1], "kickoff_at": [at], "trained_through": [at - pd.Timedelta(hours=4)]})
    assert rules.learned_before_kickoff(sound).passed
    verdict = rules.learned_before_kickoff(sound.assign(trained_through=at))
    assert (verdict.passed, verdict.level) == (False, "error")


def test_missing_predictions_are_counted_by_reason():
    frame = pd.DataFrame({"game_id": [1]})
    assert rules.predictions_missing(frame, {}).passed
    verdict = rules.predictions_missing(frame, {2: "no kickoff", 3: "no kickoff", 4: "too few games"})
    assert (verdict.passed, verdict.level) == (False, "warn")
    assert "2: no kickoff" in verdict.says
    assert verdict.figures == {"predicted": 1, "no kickoff": 2, "too few games": 1}


def test_having_no_model_is_told():
    assert rules.model_kept(pd.DataFrame({"model_id": ["m"]})).passed
    assert not rules.model_kept(pd.DataFrame({"model_id": []})).passed
