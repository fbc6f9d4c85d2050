from datetime import UTC, datetime

import pytest

from football_assets.soccer.client import live_match
from football_assets.soccer.live import incident_rows, live_rows, score_columns, stat_rows
from football_assets.soccer.models import Incident, Score
from football_assets.soccer.schemas import Incidents, LiveMatches, MatchStats
from football_assets.tables import from_rows, judge

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)
KICKOFF = int(NOW.timestamp()) - 600


def scored(status_id, home, away, incidents=(), *, has_stats=True):
    score = Score.model_validate(["m1", status_id, home, away, KICKOFF, ""])
    return score_columns(score, [Incident(type=each) for each in incidents], has_stats=has_stats)


def pair(columns, name):
    return columns[f"home_{name}"], columns[f"away_{name}"]


def test_a_shoot_out_stands_beside_the_score_and_is_never_added():
    columns, gap = scored(8, [2, 2, 0, 2, 6, 0, 4], [2, 0, 0, 2, 1, 0, 3], [29, 30, 27])
    assert pair(columns, "score") == (2, 2)
    assert pair(columns, "score_penalties") == (4, 3)
    assert pair(columns, "score_extra_time") == (None, None)
    assert pair(columns, "score_half_time") == (2, 0)
    assert gap is None


def test_the_score_after_extra_time_includes_regular_time():
    columns, _ = scored(8, [0, 0, 0, 0, 3, 1, 0], [0, 0, 0, 0, 3, 0, 0], [26])
    assert pair(columns, "score") == (1, 0)
    assert pair(columns, "score_regular") == (0, 0)
    assert pair(columns, "score_extra_time") == (1, 0)


def test_in_extra_time_an_unfilled_slot_does_not_take_goals_away():
    columns, _ = scored(5, [1, 0, 0, 0, 3, 0, 0], [1, 1, 0, 0, 3, 0, 0])
    assert pair(columns, "score") == (1, 1)
    assert pair(columns, "score_extra_time") == (None, None)


def test_extra_time_without_goals_after_a_draw_without_goals_is_0_0():
    columns, _ = scored(5, [0, 0, 0, 0, 3, 0, 0], [0, 0, 0, 0, 3, 0, 0])
    assert pair(columns, "score_extra_time") == (0, 0)


def test_a_score_after_extra_time_below_the_one_before_it_is_not_shown_but_named():
    columns, gap = scored(8, [2, 1, 0, 0, 3, 1, 0], [1, 1, 0, 0, 3, 0, 0])
    assert pair(columns, "score") == (None, None)
    assert gap == "the score after extra time, 1-0, is below 2-1 before it"


def test_a_running_shoot_out_without_a_goal_yet_is_0_0():
    columns, _ = scored(7, [1, 1, 0, 0, 3, 0, 0], [1, 1, 0, 0, 3, 0, 0])
    assert pair(columns, "score_penalties") == (0, 0)
    assert pair(scored(4, [1, 1, 0, 0, 3, 0, 0], [1, 1, 0, 0, 3, 0, 0])[0], "score_penalties") == (None, None)


@pytest.mark.parametrize(("status_id", "known"), [(2, False), (10, False), (3, True), (4, True), (8, True)])
def test_the_half_time_score_is_known_from_half_time_on(status_id, known):
    columns, _ = scored(status_id, [1, 1, 0, 0, 3, 0, 0], [0, 0, 0, 0, 3, 0, 0])
    assert pair(columns, "score_half_time") == ((1, 0) if known else (None, None))


@pytest.mark.parametrize("status_id", [0, 1, 9, 12, 13])
def test_the_zeros_of_a_match_that_has_not_begun_say_nothing(status_id):
    assert scored(status_id, [0] * 7, [0] * 7) == ({}, None)


def test_a_match_to_be_determined_with_goals_shows_them():
    assert pair(scored(13, [1, 0, 0, 0, 0, 0, 0], [0] * 7)[0], "score") == (1, 0)


def test_corners_of_minus_one_are_not_known():
    columns, _ = scored(2, [0, 0, 0, 0, -1, 0, 0], [0, 0, 0, 1, -1, 0, 0])
    assert pair(columns, "corners") == (None, None)
    assert pair(columns, "yellow_cards") == (0, 1)


def test_corners_that_nobody_counts_do_not_make_the_zeros_of_a_match_that_has_not_begun_a_score():
    uncounted = [0, 0, 0, 0, -1, 0, 0]
    assert scored(13, uncounted, uncounted) == scored(13, [0] * 7, [0] * 7)


def test_the_zeros_of_a_match_without_statistics_are_not_cards_or_corners():
    columns, _ = scored(4, [3, 1, 0, 0, 0, 0, 0], [0] * 7, has_stats=False)
    assert pair(columns, "corners") == pair(columns, "red_cards") == (None, None)
    columns, _ = scored(4, [3, 1, 0, 2, 3, 0, 0], [0, 0, 0, 1, 5, 0, 0], has_stats=False)
    assert pair(columns, "corners") == (3, 5)


def row(**changes):
    return {
        "id": "m1",
        "score": ["m1", 2, [1, 1, 0, 0, 2, 0, 0], [0, 0, 0, 0, 1, 0, 0], KICKOFF, ""],
        "stats": [{"type": 25, "home": 60, "away": 40}],
        "incidents": [{"type": 1, "position": 1, "time": 7, "home_score": 1, "away_score": 0}],
        "tlive": [],
        "new_key": {"of": "the provider"},
        **changes,
    }


def test_the_three_tables_of_a_live_list_hold_to_their_declarations():
    matches = [live_match(row()), live_match(row(id="m2", stats=[], incidents=[]))]
    for table, rows in ((LiveMatches, live_rows), (Incidents, incident_rows), (MatchStats, stat_rows)):
        verdict = judge(table, from_rows(table, rows(matches, NOW)))
        assert verdict.passed, verdict.says
    first = live_rows(matches, NOW)[0]
    assert (first["minute"], first["status"], first["home_score"]) == (11, "first half", 1)


def test_an_unreadable_score_leaves_the_match_on_the_list_without_one():
    match = live_match(row(score={"broken": True}))
    (found,) = live_rows([match], NOW)
    assert found["match_id"] == "m1"
    assert "home_score" not in found
    assert found["live_gap"].startswith("1 of 1 score unreadable")
    assert len(match.incidents) == 1


def test_one_unreadable_incident_is_left_out_and_named():
    good, bad = row()["incidents"][0], {"type": "goal"}
    match = live_match(row(incidents=[good, bad]))
    assert [each.type for each in match.incidents] == [1]
    assert match.gap.startswith("1 of 2 incidents unreadable (type: ")
    assert match.score.home[0] == 1


@pytest.mark.parametrize("bad", [None, [], "m1", {}, {"id": ""}, {"id": 7}])
def test_a_row_that_names_no_match_is_none(bad):
    assert live_match(bad) is None


def test_an_eighth_score_slot_is_ignored():
    match = live_match(row(score=["m1", 2, [1] * 8, [0] * 8, KICKOFF, "", "more"]))
    assert match.gap is None
    assert len(match.score.home) == 7


def test_a_code_nobody_knows_reads_unknown_with_its_number():
    (found,) = live_rows([live_match(row(score=["m1", 37, [0] * 7, [0] * 7, 0, ""]))], NOW)
    assert found["status"] == "unknown (37)"
    assert found["minute"] is None


def test_a_possession_of_0_and_0_is_not_known():
    match = live_match(row(stats=[{"type": 25, "home": 0, "away": 0}, {"type": 21, "home": 0, "away": 0}]))
    possession, shots = stat_rows([match], NOW)
    assert (possession["home"], possession["away"]) == (None, None)
    assert (shots["home"], shots["away"]) == (0, 0)


def test_shoot_out_kicks_carry_the_shoot_out_score_not_the_match_score():
    kick = {"type": 29, "position": 2, "time": 120, "home_score": 0, "away_score": 1}
    (found,) = incident_rows([live_match(row(incidents=[kick]))], NOW)
    assert (found["home_score_penalties"], found["away_score_penalties"]) == (0, 1)
    assert "home_score" not in found


def test_a_statistic_sent_twice_is_one_row():
    sent = [{"type": 21, "home": 1, "away": 0}, {"type": 21, "home": 2, "away": 0}]
    assert [each["home"] for each in stat_rows([live_match(row(stats=sent))], NOW)] == [2]
