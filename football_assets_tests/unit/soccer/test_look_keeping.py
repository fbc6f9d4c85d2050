"""Looks of the fast lane in the change log: where they are entered, what they change, and what they leave alone."""

import sqlite3
from contextlib import closing
from datetime import timedelta

import pytest

from football_assets.errors import StorageError
from football_assets.soccer import compaction
from football_assets.soccer.change_feed import changes_from
from football_assets.soccer.compaction import compact, parts_of
from football_assets.soccer.day_files import HOT, history_folder
from football_assets.soccer.history import History
from football_assets.soccer.keeping import corrections_of
from football_assets.soccer.look_keeping import append_look
from football_assets.soccer.looks import Listed
from football_assets.states import Source
from football_assets_tests.unit.soccer.history_days import NOW, cycle

START = NOW.replace(hour=17, minute=0)
BEFORE = START - timedelta(days=1)


@pytest.fixture
def history(tmp_path):
    return History(tmp_path, Source.REAL)


def at(seconds):
    return START + timedelta(seconds=seconds)


def played(history, instant, home, **given):
    """Enter a cycle in which the home side has so many goals."""
    row = {"status_id": 4, "home_score": home, "away_score": 0, "home_team": "IFK", **given}
    return cycle(history.folder, instant, row)


def looked(history, instant, home, listed=None, **given):
    row = {"status_id": 4, "status": "second half", "home_score": home, "away_score": 0, "is_in_play": True, **given}
    return append_look(history.folder, Listed({"m1": row}, {"m1": listed or {}}), instant)


def score(history, instant):
    return history.at(instant).flattened["home_score"].tolist()


def told(changes, column="home_score"):
    values = [(each.observed_at, change) for each in changes for change in each.changes if change.column == column]
    return [(instant, change.before, change.after) for instant, change in values]


def test_a_look_needs_a_cycle_over_which_it_lies(history):
    assert looked(history, at(5), 1) is None
    assert not history.folder.exists()
    played(history, at(0), 1)
    compact(history.folder, START.date())
    assert looked(history, at(5), 2) is None


def test_between_two_cycles_the_board_shows_what_a_look_saw_and_the_rest_as_it_was(history):
    played(history, at(0), 1, odds_quotes=7, names_state="cached", names_age_s=60.0, minute=50, stats=3)
    looked(history, at(6), 2, minute=51)
    played(history, at(60), 3)
    (row,) = history.at(at(20)).flattened.to_dict("records")
    assert (row["home_score"], row["minute"], row["fetched_at"]) == (2, 51, at(6))
    assert (row["home_team"], row["odds_quotes"], row["stats"]) == ("IFK", 7, 3)
    assert (row["names_age_s"], row["names_state"]) == (66.0, "cached")
    assert (history.at(at(5)).is_look, history.at(at(6)).is_look, history.at(at(60)).is_look) == (False, True, False)
    assert [score(history, at(each)) for each in (0, 5, 59, 60)] == [[1], [1], [2], [3]]


def test_a_cycle_that_read_before_a_look_and_comes_after_it_moves_nothing_back(history):
    played(history, at(0), 1)
    _, place = changes_from(history, BEFORE, 200)
    looked(history, at(66), 2)
    found, place = changes_from(history, place, 200)
    assert told(found) == [(at(66), 1, 2)]
    played(history, at(61), 1, note="late", stats=4)
    found, place = changes_from(history, place, 200)
    assert told(found) == []
    assert told(found, "note") == [(at(61), None, "late")]
    assert [score(history, at(each)) for each in (61, 65, 66, 70)] == [[1], [1], [2], [2]]
    played(history, at(120), 2)
    assert told(changes_from(history, place, 200)[0]) == []
    changes = history.changes_of("m1")
    assert changes[changes["column"] == "home_score"]["after"].tolist() == [1, 2]


def test_a_value_only_looks_saw_is_told_when_it_comes_and_when_it_goes(history):
    played(history, at(0), 1)
    looked(history, at(6), 2)
    played(history, at(60), 1)
    assert told(changes_from(history, BEFORE, 200)[0]) == [(at(0), None, 1), (at(6), 1, 2), (at(60), 2, 1)]


def test_a_match_that_left_the_list_stays_as_seen_last_until_a_newer_cycle(history):
    played(history, at(0), 1)
    looked(history, at(6), 2)
    append_look(history.folder, Listed({}, {}), at(12))
    assert score(history, at(13)) == [2]
    played(history, at(60), 1)
    assert score(history, at(61)) == [1]


def test_an_answer_older_than_the_look_before_is_not_entered(history):
    played(history, at(0), 1)
    looked(history, at(12), 2)
    assert looked(history, at(6), 1) is None
    assert score(history, at(13)) == [2]


def test_what_was_seen_since_is_of_the_newest_cycles_and_not_of_a_restored_past(history):
    for minute in range(4):
        played(history, at(60 * minute), minute)
        looked(history, at(60 * minute + 6), minute + 1)
    assert history.seen_since(at(60)) is None
    assert history.seen_since(at(120)).matches["m1"]["home_score"] == 4, "the newest cycle may not be published yet"
    assert history.seen_since(at(180)).matches["m1"]["home_score"] == 4


def test_incidents_are_those_of_the_look(history):
    played(history, at(0), 0)
    goal = {"type_id": 1, "type": "goal", "side": "home", "minute": 51, "home_score": 1, "away_score": 0}
    looked(history, at(6), 1, {"0": goal}, incidents=1)
    (row,) = history.at(at(6)).tables["incidents"].to_dict("records")
    assert (row["match_id"], row["seq"], row["minute"], row["fetched_at"]) == ("m1", 0, 51, at(6))
    kinds = [(each.table, each.kind, each.row) for each in changes_from(history, at(0), 200)[0]]
    assert kinds == [("flattened_matches", "changed", None), ("incidents", "appeared", "0")]


@pytest.mark.parametrize(
    ("came", "found"),
    [
        ([("cycle", 0, 2), ("look", 6, 1), ("cycle", 60, 1)], [(6, 0, "2-0", "1-0")]),
        ([("cycle", 0, 1), ("look", 6, 2), ("look", 12, 1), ("cycle", 60, 1)], [(12, 6, "2-0", "1-0")]),
        ([("cycle", 0, 1), ("look", 6, 2), ("cycle", 60, 1)], [(60, 6, "2-0", "1-0")]),
        ([("cycle", 0, 2), ("look", 6, 3), ("look", 12, 1), ("cycle", 60, 1)], [(12, 6, "3-0", "1-0")]),
        ([("cycle", 0, 2), ("look", 66, 1), ("cycle", 60, 2), ("cycle", 120, 1)], [(66, 0, "2-0", "1-0")]),
        ([("cycle", 0, 2), ("cycle", 60, 2), ("look", 66, 2), ("cycle", 120, 1)], [(120, 66, "2-0", "1-0")]),
    ],
)
def test_what_was_taken_back_is_judged_once(history, came, found):
    for kind, seconds, home in came:
        (played if kind == "cycle" else looked)(history, at(seconds), home)
    rows = corrections_of(history).to_dict("records")
    assert [(row["observed_at"], row["previous_at"], row["before"], row["after"]) for row in rows] == [
        (at(seen), at(previous), before, after) for seen, previous, before, after in found
    ]
    assert {row["home_team"] for row in rows} == {"IFK"}


def test_over_midnight_a_look_lies_over_the_newest_cycle_until_the_new_day_has_one(history):
    def night(seconds):
        return START.replace(hour=0) + timedelta(days=1, seconds=seconds)

    place, found = night(-3600), []
    came = [
        *[(played, -30, 0), (looked, -20, 1), (looked, 5, 2), (looked, 35, 3), (played, 30, 2), (looked, 40, 3)],
        *[(played, 90, 4), (looked, 85, 3), (looked, 95, 5)],
    ]
    for enter, seconds, home in came:
        enter(history, night(seconds), home)
        page, place = changes_from(history, place, 200)
        found += told(page)
    assert found == [
        *[(night(-30), None, 0), (night(-20), 0, 1), (night(5), 1, 2), (night(35), 2, 3)],
        *[(night(90), 3, 4), (night(95), 4, 5)],
    ]
    shown = {-21: 0, -1: 1, 6: 2, 30: 2, 34: 2, 36: 3, 60: 3, 90: 4, 96: 5}
    assert {seconds: score(history, night(seconds))[0] for seconds in shown} == shown
    compact(history.folder, night(-1).date())
    assert {seconds: score(history, night(seconds))[0] for seconds in shown} == shown
    assert told(changes_from(history, night(-3600), 200)[0]) == found


def test_without_looks_nothing_on_the_disk_is_otherwise(history):
    played(history, at(0), 1)
    place = history.folder / START.date().isoformat()
    with closing(sqlite3.connect(place / HOT)) as connection:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert not {name for name in names if "look" in name}
    compact(history.folder, START.date())
    assert not list(place.glob("*/look*"))


def test_a_day_into_which_a_look_came_while_it_was_compacted_is_compacted_later_and_told_once(history, monkeypatch):
    played(history, at(0), 1)
    written = compaction._written

    def slow(*args):
        part = written(*args)
        looked(history, at(6), 2)
        return part

    with monkeypatch.context() as patch, pytest.raises(StorageError, match="1 looks were appended meanwhile"):
        patch.setattr(compaction, "_written", slow)
        compact(history.folder, START.date())
    compact(history.folder, START.date())
    assert len(parts_of(history.folder / START.date().isoformat())) == 1
    assert told(changes_from(history, BEFORE, 200)[0]) == [(at(0), None, 1), (at(6), 1, 2)]


def test_a_run_of_the_provider_whose_clock_went_back_is_not_shown_what_the_one_before_saw(history):
    played(history, at(600), 1)
    looked(history, at(606), 9)
    for seconds in (0, 60, 120):
        played(history, at(seconds), seconds // 60)
    assert score(history, at(130)) == [2]
    looked(history, at(126), 3)
    assert score(history, at(130)) == [3]
    assert told(changes_from(history, BEFORE, 200)[0])[-1] == (at(126), 2, 3)


def test_a_log_that_cannot_be_read_is_told_and_left_alone(tmp_path):
    folder = history_folder(tmp_path, "real")
    cycle(folder, START, {})
    path = folder / START.date().isoformat() / HOT
    path.write_bytes(b"no database" * 500)
    with pytest.raises(StorageError):
        append_look(folder, Listed({}, {}), at(5))
    assert path.read_bytes() == b"no database" * 500
