import functools
import json
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pyarrow.parquet as pq
import pytest

from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.soccer.changes import difference, microseconds, plain
from football_assets.soccer.client import live_match
from football_assets.soccer.codes import STATUS
from football_assets.soccer.corrections import corrections, corrections_between, incident_text, went_back
from football_assets.soccer.live import incident_rows, live_rows
from football_assets.soccer.schemas import FlattenedMatches, Incidents
from football_assets.tables import from_rows, to_arrow

NOW = datetime(2025, 5, 28, 17, 30, tzinfo=UTC)
DAY = datetime(2025, 5, 31, tzinfo=UTC)
STATES = {"detail_state": "live", "odds_state": "live", "names_state": "live"}


def tables(row, at=NOW):
    """The plain tables that one row of the live list gives."""
    matches = [live_match(row)]
    frames = {
        FlattenedMatches: from_rows(FlattenedMatches, [{**each, **STATES} for each in live_rows(matches, at)]),
        Incidents: from_rows(Incidents, incident_rows(matches, at)),
    }
    return {table.table_name(): plain(to_arrow(table, frame)) for table, frame in frames.items()}


def found(before, after):
    """(kind, subject, before, after) of what one row of the live list takes back of another."""
    was, now = tables(before), tables(after)
    known = difference({}, was, microseconds(NOW))[1]
    delta, _ = difference(known, now, microseconds(NOW))
    return [(c["kind"], c["subject"], c["before"], c["after"]) for c in corrections_between(was, now, delta)]


def row(status=4, home=(1, 0, 0, 0, 0, 0, 0), away=(0,) * 7, incidents=(), match_id="m1"):
    return {"id": match_id, "score": [match_id, status, list(home), list(away), 0, ""], "incidents": list(incidents)}


def goal(minute, home, away, side=1, **more):
    return {"type": 1, "position": side, "time": minute, "home_score": home, "away_score": away, **more}


@functools.cache
def stream(folder):
    """The recorded push stream, each match's row after each message that gave its score or incidents."""
    rows = {}
    for change in pq.read_table(folder / "soccer" / "thesports" / "mqtt_stream.parquet").to_pylist():
        if change["kind"] in ("score", "incidents"):
            history = rows.setdefault(change["match_id"], [])
            last = history[-1][1] if history else {"id": change["match_id"]}
            history.append((change["message"], {**last, change["kind"]: json.loads(change["payload"])}))
    return rows


def of_message(folder, match_id, message):
    """What a message of the stream took back."""
    history = stream(folder)[match_id]
    (place,) = [n for n, (number, _) in enumerate(history) if number == message]
    return found(history[place - 1][1], history[place][1])


@functools.cache
def world():
    return SimulatedMatches(7, around=DAY + timedelta(hours=15), matches_a_day=60)


def statuses(at):
    return {each["id"]: each["score"][1] for each in world().live(at)}


@functools.cache
def reviewed():
    """The simulated rows around a goal that a review takes away: with it, and without."""
    last = {}
    for minute in range(12 * 60, 20 * 60):
        now = {each["id"]: each for each in world().live(DAY + timedelta(minutes=minute))}
        for match_id, each in now.items():
            before = last.get(match_id)
            if before and sum(side[0] for side in each["score"][2:4]) < sum(side[0] for side in before["score"][2:4]):
                return before, each
        last = now
    raise AssertionError("no goal is taken away on this simulated afternoon")


@functools.cache
def finished():
    """A simulated match at its end, and ten minutes earlier."""
    for minute in range(15 * 60, 20 * 60):
        at = DAY + timedelta(minutes=minute)
        earlier = {each["id"]: each for each in world().live(at - timedelta(minutes=10))}
        for each in world().live(at):
            before = earlier.get(each["id"])
            if each["score"][1] == 8 and before and before["score"][1] == 4:
                return each, before
    raise AssertionError("no match ends on this simulated afternoon")


def test_a_finished_match_that_is_live_again_is_kept():
    over, running = finished()
    assert ("status went back", "status", "ended", "second half") in found(over, running)
    assert [each for each in found(running, over) if each[0] == "status went back"] == []


def test_a_score_that_a_review_takes_away_is_kept_with_both_scores():
    before, after = reviewed()
    kinds = {each[0]: each for each in found(before, after)}
    _, subject, was, now = kinds["score fell"]
    assert subject == "score"
    assert sum(map(int, was.split("-"))) == sum(map(int, now.split("-"))) + 1
    vanished = kinds["incident vanished"]
    assert vanished[1] == "goal"
    assert vanished[3] is None
    assert was in vanished[2]


def test_an_incident_that_vanishes_from_the_recorded_stream_is_kept(recordings):
    assert ("incident vanished", "half-time break", "half-time break neutral 45'", None) in of_message(
        recordings, "2y8m4zh6k8d5ql0", 2709
    )


def test_a_recorded_goal_that_gets_another_minute_is_a_changed_incident(recordings):
    assert of_message(recordings, "n54qllhn5lpnqvy", 2951) == [
        ("incident changed", "goal", "goal home 83' 5-0", "goal home 82' 5-0")
    ]


def test_recorded_goals_that_get_their_scorers_are_no_corrections(recordings):
    assert of_message(recordings, "8yomo4h1ekzkq0j", 863) == []


def test_goals_without_running_scores_in_the_recorded_stream_are_not_taken_for_repetitions(recordings):
    assert of_message(recordings, "dj2ryohlvy2vq1z", 716) == []


def test_a_recorded_delay_that_is_lifted_is_no_correction(recordings):
    history = [each for _, each in stream(recordings)["dj2ryohlv62nq1z"] if "score" in each]
    assert {(9, 1)} <= {(a["score"][1], b["score"][1]) for a, b in pairwise(history)}
    assert [c for a, b in pairwise(history) for c in found(a, b)] == []


def test_three_recorded_matches_take_back_incidents_but_no_score_and_no_status(recordings):
    kinds = {}
    for match_id in ("2y8m4zh6k8d5ql0", "23xmvkh8epwkqg8", "k82rekhwl8n3rep"):
        whole = [each for _, each in stream(recordings)[match_id] if "score" in each]
        for before, after in pairwise(whole):
            for kind, *_ in found(before, after) if before.get("incidents") != after.get("incidents") else ():
                kinds[kind] = kinds.get(kind, 0) + 1
    assert set(kinds) == {"incident vanished", "incident changed"}


def test_a_goal_listed_twice_is_kept_once_when_it_appears():
    _, running = finished()
    goals = [each for each in running["incidents"] if each["type"] == 1]
    assert goals
    twice = {**running, "incidents": [*running["incidents"], {**goals[0], "time": goals[0]["time"] + 1}]}
    (each,) = found(running, twice)
    score = f"{goals[0]['home_score']}-{goals[0]['away_score']}"
    assert each[:2] == ("duplicate goal", f"goal {score}")
    assert each[3].count(score) == 2
    assert found(twice, twice) == []


def test_the_same_score_after_a_cancelled_goal_is_no_duplicate():
    first, review = goal(12, 1, 0), {"type": 28, "position": 1, "time": 13, "var_reason": 1, "var_result": 2}
    before = row(incidents=[first, review])
    assert found(before, row(incidents=[first, review, goal(40, 1, 0)])) == []


@pytest.mark.parametrize(
    ("before", "after", "back"),
    [
        *((8, 4, True), (8, 2, True), (12, 1, True), (11, 4, True), (4, 2, True), (3, 2, True), (7, 4, True)),
        *((2, 1, True), (1, 2, False), (2, 3, False), (2, 4, False), (4, 8, False), (4, 10, False), (10, 2, False)),
        *((9, 1, False), (13, 2, False), (1, 12, False), (4, 4, False), (None, 2, False), (8, None, False)),
        (8, 37, False),
        *((8, 5, False), (8, 6, False), (8, 7, False), (11, 5, True), (12, 7, True)),
    ],
)
def test_a_status_goes_back_out_of_an_end_or_to_an_earlier_period(before, after, back):
    assert went_back(before, after) is back


def test_going_there_and_back_is_never_right_both_ways():
    assert not [(a, b) for a in STATUS for b in STATUS if a not in (8, 11, 12) and went_back(a, b) and went_back(b, a)]


def test_a_cup_match_that_goes_on_after_ninety_minutes_takes_nothing_back():
    assert found(row(8), row(5)) == found(row(8), row(7)) == []


def test_a_match_that_returns_to_a_period_it_has_ended_is_kept():
    after_extra = row(8, home=(1, 0, 0, 0, 0, 2, 0), away=(1, 0, 0, 0, 0, 1, 0))
    after_kicks = row(8, home=(1, 0, 0, 0, 0, 1, 4), away=(1, 0, 0, 0, 0, 1, 3))
    back = [("status went back", "status", "ended", "extra time")]
    assert found(after_extra, {**after_extra, "score": ["m1", 5, *after_extra["score"][2:]]}) == back
    back = [("status went back", "status", "ended", "penalty shoot-out")]
    assert found(after_kicks, {**after_kicks, "score": ["m1", 7, *after_kicks["score"][2:]]}) == back
    assert found(after_extra, {**after_extra, "score": ["m1", 7, *after_extra["score"][2:]]}) == []


def test_a_simulated_day_ends_cup_matches_twice_and_sends_no_match_back():
    """Every status at every minute: the only ways out of an end lead to extra time and to the shoot-out."""
    last, ways = {}, set()
    for minute in range(24 * 60):
        for match_id, status in statuses(DAY + timedelta(minutes=minute)).items():
            before = last.get(match_id, status)
            if before != status:
                ways.add((before, status))
            last[match_id] = status
    assert {way for way in ways if way[0] == 8} <= {(8, 5), (8, 7)}
    assert (8, 7) in ways
    assert not [way for way in ways if went_back(*way)]


def test_a_score_that_becomes_unknown_is_not_one_that_falls():
    assert found(row(), {"id": "m1", "score": None, "incidents": []}) == []


def test_incidents_of_an_unreadable_row_are_not_taken_back():
    before = row(incidents=[goal(12, 1, 0)])
    assert found(before, {**before, "incidents": [{"type": "goal"}]}) == []


def test_a_shoot_out_score_falls_by_itself():
    kicks = [(2, 0, 0, 0, 0, 2, goals) for goals in (4, 3)]
    before, after = (row(7, home=each, away=(2, 0, 0, 0, 0, 2, 3)) for each in kicks)
    assert found(before, after) == [("score fell", "score_penalties", "4-3", "3-3")]


def test_a_match_that_is_new_takes_nothing_back():
    assert list(corrections({}, {"flattened_matches": {"m1": {"match_id": "m1", "status_id": 2}}})) == []


def test_a_shifted_list_of_incidents_takes_nothing_back():
    late = {"type": 3, "position": 1, "time": 5, "player_id": "p1", "player_name": "P"}
    assert found(row(incidents=[goal(12, 1, 0)]), row(incidents=[late, goal(12, 1, 0)])) == []


def test_an_incident_reads_type_side_minute_score_and_player():
    told = {"type": "goal", "side": "home", "minute": 37, "home_score": 1, "away_score": 0, "player": "Litmanen"}
    assert incident_text(told) == "goal home 37' 1-0 Litmanen"
