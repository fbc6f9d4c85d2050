"""The poll wound back, on a made-up poll in the recording's layout."""

import json
from datetime import timedelta

import pytest

from football_assets.emulators.recorded_matches import CAPTURED_AT
from football_assets.emulators.recorded_rewind import BEGINS_BEFORE, RewoundPoll
from football_assets_tests.unit.emulators.test_recorded_matches import write_capture

TS = int(CAPTURED_AT.timestamp())
KICKOFF = TS - 30 * 60  # the second half runs for 30 minutes
FIRST_KICKOFF = KICKOFF - 62 * 60
GOAL = {"type": 1, "position": 1, "time": 20, "home_score": 1, "away_score": 0}
BREAK = {"type": 11, "position": 0, "time": 45}
CARD = {"type": 3, "position": 2, "time": 60}


def quote(start, minute, status, score, before=0):
    """A quote in the middle of a minute."""
    return [start + 60 * (minute - before) - 30, str(minute), 1.9, 3.4, 3.0, status, 0, score]


def match(match_id, status, home, kickoff, incidents):
    score = [match_id, status, [home, home, 0, 0, 6, 0, 0], [0, 0, 0, 1, 2, 0, 0], kickoff, ""]
    return {"id": match_id, "score": score, "stats": [{"type": 2, "home": 6, "away": 2}], "incidents": incidents}


def schedule(match_id, status, updated_at=TS - 5, **more):
    return {
        "id": match_id,
        "status_id": status,
        "match_time": FIRST_KICKOFF - 60,
        "home_scores": [1] * 7,
        "away_scores": [0] * 7,
        "updated_at": updated_at,
        **more,
    }


def one_row(row):
    return {"code": 0, "query": {"total": 1, "type": "uuid", "uuid": row["id"]}, "results": [row]}


@pytest.fixture
def poll(tmp_path):
    prices = [
        quote(KICKOFF, 70, 4, "1-0", 45),
        quote(KICKOFF, 65, 4, "2-0", 45),
        quote(KICKOFF, 50, 4, "1-0", 45),
        [KICKOFF - 600, "midfield", 1.9, 3.4, 3.0, 3, 0, "1-0"],
        quote(FIRST_KICKOFF, 25, 2, "1-0"),
        quote(FIRST_KICKOFF, 10, 2, "0-0"),
        [FIRST_KICKOFF - 900, "", 2.0, 3.3, 3.1, 1, 0, "0-0"],
    ]
    corners = [quote(KICKOFF, 66, 4, "6-2", 45), quote(FIRST_KICKOFF, 30, 2, "3-1")]
    rows = [schedule("m1", 4), schedule("m2", 8, ended=TS - 600), schedule("m3", 2)]
    content = {
        "live_matches": {
            "code": 0,
            "results": [
                match("m1", 4, 1, KICKOFF, [GOAL, BREAK, CARD]),
                match("m2", 8, 1, 0, [GOAL]),
                match("m3", 2, 3, TS - 900, []),
            ],
        },
        "match_details": {row["id"]: one_row(row) for row in rows},
        "match_odds": {
            "m1": {"code": 0, "results": {"2": {"eu": prices, "cr": corners}}},
            "m2": {"code": 0, "results": {}},
            "m3": {"code": 0, "results": {}},
        },
        "team_info": {},
        "competition_info": {},
        "countries": {"code": 0, "results": []},
    }
    write_capture(tmp_path, json.dumps(content).encode())
    return RewoundPoll(tmp_path)


def shown(poll, ts):
    rows = poll.live(CAPTURED_AT - timedelta(seconds=TS - ts))
    return {row["id"]: row for row in rows}


def test_a_match_goes_through_the_statuses_and_scores_of_its_quotes(poll):
    told = []
    for ts in (FIRST_KICKOFF, FIRST_KICKOFF + 1500, KICKOFF - 600, KICKOFF, KICKOFF + 1170, KICKOFF + 1470):
        _, status, home, _, kickoff, _ = shown(poll, ts)["m1"]["score"]
        told.append((status, home[0], kickoff))
    assert told == [
        (2, 0, FIRST_KICKOFF),
        (2, 1, FIRST_KICKOFF),
        (3, 1, 0),
        (4, 1, KICKOFF),
        (4, 2, KICKOFF),
        (4, 1, KICKOFF),
    ], "a goal that was taken back is taken back again"


def test_incidents_and_cards_show_from_their_minute_on(poll):
    assert shown(poll, FIRST_KICKOFF + 20 * 60 - 1)["m1"]["incidents"] == []
    assert shown(poll, FIRST_KICKOFF + 20 * 60)["m1"]["incidents"] == [GOAL]
    row = shown(poll, KICKOFF + 15 * 60)["m1"]
    assert row["incidents"] == [GOAL, BREAK, CARD]
    assert row["score"][3][3] == 1


def test_what_has_no_time_is_not_known_before_the_capture(poll):
    row = shown(poll, KICKOFF)["m1"]
    assert row["stats"] == []
    assert row["score"][2][4] == 3, "corners are those of the last corner quote"
    assert shown(poll, FIRST_KICKOFF)["m1"]["score"][2][4] == -1
    assert "m3" not in shown(poll, TS - 1), "three goals without an instant"


def test_an_ended_match_shows_from_its_end_on_as_captured(poll):
    assert "m2" not in shown(poll, TS - 601)
    assert shown(poll, TS - 600)["m2"]["score"][1] == 8


def test_the_schedule_row_goes_with_the_match_and_does_not_tell_its_future(poll):
    at = CAPTURED_AT - timedelta(seconds=TS - KICKOFF)
    rows = {row["id"]: row for row in poll.recent(at)}
    assert (rows["m1"]["status_id"], rows["m1"]["home_scores"][0]) == (4, 1)
    assert rows["m1"]["updated_at"] <= KICKOFF
    assert rows["m2"]["status_id"] == 1
    assert "ended" not in rows["m2"]


def test_from_the_capture_on_it_is_the_poll(poll):
    assert next(row["stats"] for row in poll.live(CAPTURED_AT)) == [{"type": 2, "home": 6, "away": 2}]
    assert poll.recent(CAPTURED_AT)[1]["ended"] == TS - 600
    assert poll.default_at == CAPTURED_AT - BEGINS_BEFORE
