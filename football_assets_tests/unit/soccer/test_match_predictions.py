"""Predictions of live matches: what they rest on, what they say as a match stands, and when they say nothing."""

import json
from datetime import timedelta

import numpy as np
import pytest

from football_assets.soccer.board import match_board
from football_assets.soccer.match_predictions import match_predictions, summary
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.tables import from_rows, judge
from football_assets_tests.unit.soccer.small_model import AWAY, HOME, KICKOFF, identified, match, running, trained

NOW = ["p_home", "p_draw", "p_away", "p_over", "p_under", "home_goals_to_come", "away_goals_to_come"]
BEFORE = ["pre_p_home", "pre_p_draw", "pre_p_away"]
PRICES = {"moneyline_home_decimal": 2.0, "moneyline_draw_decimal": 3.5, "moneyline_away_decimal": 4.0}


def predicted(*rows, links=None, model=None):
    frame = match_predictions(rows, model or trained().model, links or identified())
    assert judge(MatchPredictions, frame).passed, judge(MatchPredictions, frame).says
    return frame


def one(row, **how):
    return predicted(row, **how).iloc[0]


def test_before_the_kickoff_now_is_the_prediction_before_the_match():
    found = one(match())
    assert found["state"] == "predicted"
    assert found["reason"] is None or found.isna()["reason"]
    assert [found[f"p_{o}"] for o in ("home", "draw", "away")] == pytest.approx(list(found[BEFORE]))
    assert sum(found[BEFORE]) == pytest.approx(1)
    assert found["p_over"] + found["p_under"] == pytest.approx(1)
    assert found["link_confidence"] == 0.91
    assert (found["division"], found["home_history_team"]) == ("D1", HOME)
    assert found["trained_through"] == trained().model.trained_through


def test_the_score_grid_is_the_one_behind_the_chances():
    found = one(match())
    grid = np.array(json.loads(found["score_grid"]))
    assert grid.shape == (7, 7)
    assert np.tril(grid, -1).sum() == pytest.approx(found["pre_p_home"], abs=0.01)
    assert 0.97 < grid.sum() <= 1.001


def test_predictions_before_the_match_do_not_move_with_the_score():
    rows = predicted(running(70, 3, 0), running(70, 0, 3) | {"match_id": "m2"})
    assert rows[BEFORE].iloc[0].tolist() == pytest.approx(rows[BEFORE].iloc[1].tolist())
    assert rows["p_home"].iloc[0] > 0.95 > 0.05 > rows["p_home"].iloc[1]


@pytest.mark.parametrize("minute", [1, 30, "HT", 60, 89])
def test_a_goal_for_the_home_side_never_lowers_its_chance(minute):
    chances = [one(running(minute, goals, 1))["p_home"] for goals in range(5)]
    assert chances == sorted(chances)


def test_who_leads_when_the_90_minutes_are_up_has_more_than_nine_chances_in_ten():
    assert one(running(90, 1, 0, minute_text="90+"))["p_home"] > 0.9
    assert one(running(90, 1, 2, minute_text="90+"))["p_away"] > 0.9


def test_a_red_card_takes_chances_away():
    assert (
        one(running(30, reds=(1, 0)))["p_home"] < one(running(30))["p_home"] < one(running(30, reds=(0, 1)))["p_home"]
    )


def test_stoppage_time_counts_from_the_kickoff_of_the_half():
    chances = []
    for stoppage in (1, 4, 8):
        at = KICKOFF + timedelta(minutes=45 + stoppage - 0.5)
        row = running(90, 1, 1, minute_text="90+", period_started_at=KICKOFF, fetched_at=at)
        chances.append(one(row)["p_draw"])
    assert chances == sorted(chances)
    assert chances[0] < chances[-1]


def test_a_clock_that_nobody_stopped_gives_no_chances():
    row = running(90, minute_text="90+", period_started_at=KICKOFF, fetched_at=KICKOFF + timedelta(minutes=80))
    found = one(row)
    assert found[NOW].isna().all()
    assert "stoppage" in found["reason"]


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"home_red_cards": None}, "red cards are not reported"),
        ({"away_score_regular": None}, "the score is not known"),
        ({"minute": None}, "the minute is not known"),
        ({"status_id": 8}, "the match is over"),
        ({"status_id": 5}, "the 90 minutes are over"),
        ({"status_id": 10, "status": "interrupted"}, "the match is interrupted"),
        ({"status_id": 37, "status": "unknown (37)"}, "the match is unknown (37)"),
    ],
)
def test_what_is_not_known_of_a_match_leaves_its_chances_unknown_but_not_those_before_it(changes, reason):
    found = one(running(60, 1, 0) | changes)
    assert (found["state"], found["reason"]) == ("predicted", reason)
    assert found[NOW].isna().all()
    assert found[BEFORE].notna().all()


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"competition_id": "c9", "competition": "German Bundesliga 5"}, "no results are kept of German Bundesliga 5"),
        ({"competition_id": "c9", "country": "Finland"}, "no results are kept of Finland"),
        ({"competition_id": "c9", "competition_type": "cup"}, "not a league match"),
        ({"competition_id": "c9", "competition_type": None}, "the kind of competition is not known"),
        ({"home_team_id": "t9", "home_team": "Ulm"}, "Ulm: not found in the results"),
        ({"away_team_id": None, "away_team": None}, "the away team: not found in the results"),
        ({"kickoff_at": None}, "the kickoff is not known"),
        ({"is_neutral_ground": True}, "neutral ground: the model knows home matches only"),
        ({"kickoff_at": KICKOFF + timedelta(days=900)}, f"{HOME}: too few recent results to know it"),
        (
            {"kickoff_at": KICKOFF - timedelta(days=400)},
            f"{HOME}: the model has learned from results of that day already",
        ),
    ],
)
def test_a_match_that_the_model_does_not_know_has_no_model_and_says_why(changes, reason):
    found = one(match(**changes))
    assert (found["state"], found["reason"]) == ("no model", reason)
    assert found[[*NOW, *BEFORE, "edge_home", "model_id", "score_grid"]].isna().all()


def test_a_link_that_waits_for_a_person_is_no_link():
    found = one(match(), links=identified(t2={"state": "review", "history_team": None, "confidence": None}))
    assert (found["state"], found["reason"]) == ("no model", f"{AWAY}: its link to the results waits for a review")


def test_a_linked_team_that_the_results_do_not_hold_has_no_model():
    found = one(match(), links=identified(t2={"history_team": "Nobody"}))
    assert found["reason"] == "Nobody: too few recent results to know it"


def test_without_a_model_every_row_says_so_and_still_shows_the_market():
    found = predicted(running(**PRICES, moneyline_state="open", moneyline_at_other_score=False), model="no model yet")
    assert found["state"].tolist() == ["no model"]
    assert found["market_p_home"].notna().all()
    assert found["edge_home"].isna().all()


def test_the_difference_is_the_model_less_the_market_without_its_margin():
    found = one(running(**PRICES, moneyline_state="open", moneyline_at_other_score=False))
    assert sum(found[f"market_p_{o}"] for o in ("home", "draw", "away")) == pytest.approx(1)
    for outcome in ("home", "draw", "away"):
        assert found[f"edge_{outcome}"] == pytest.approx(found[f"p_{outcome}"] - found[f"market_p_{outcome}"])


@pytest.mark.parametrize(
    "changes",
    [
        {"moneyline_state": "suspended"},
        {"moneyline_at_other_score": True},
        {"moneyline_at_other_score": None},
        {"moneyline_draw_decimal": None},
        {"moneyline_home_decimal": 1.01},
    ],
)
def test_prices_that_are_not_of_now_or_cannot_be_right_are_no_market(changes):
    quoted = {**PRICES, "moneyline_state": "open", "moneyline_at_other_score": False} | changes
    found = one(running(**quoted))
    assert found["market_p_home"] != found["market_p_home"]
    assert found["edge_home"] != found["edge_home"]


def test_many_matches_are_predicted_as_each_alone():
    rows = [running(minute, home, 1) for minute, home in ((20, 0), (60, 2), (88, 1))]
    rows = [{**row, "match_id": f"m{n}"} for n, row in enumerate(rows)]
    together = predicted(*rows, match(9, competition_id="c9"))
    assert together["match_id"].tolist() == ["m0", "m1", "m2", "m9"]
    for at, row in enumerate(rows):
        assert together["p_home"].iloc[at] == pytest.approx(one(row)["p_home"])
    assert summary(together)["predicted"] == 3
    assert summary(together)["no_model"] == ["1 of 4: no results are kept of German Bundesliga"]


def test_the_board_carries_what_the_model_says_and_null_without_it():
    states = {f"{part}_state": "live" for part in ("detail", "odds", "names")}
    rows = [{**running(60, 1, 0), **states, "home_score": 1, "away_score": 0, "incidents": 0, "stats": 0}]
    rows.append({**rows[0], "match_id": "m2"})
    flattened = from_rows(FlattenedMatches, [{k: v for k, v in row.items() if k in _columns()} for row in rows])
    board = match_board(flattened, predictions=predicted(running(60, 1, 0)))
    assert board["model_state"].tolist()[0] == "predicted"
    assert board["p_home"].notna().tolist() == [True, False]
    assert match_board(flattened)["model_state"].isna().all()


def _columns():
    return set(FlattenedMatches.to_schema().columns)
