"""What the fast lane saw is laid over what is published only where it is newer by the provider's clock."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.serving.stream.overlay import Overlay, as_text
from football_assets.soccer.observations import Observation

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


def value(score, after_s):
    return {"match_id": "m1", "home_team": "Home", "home_score": score, "fetched_at": as_text(after(after_s))}


def after(seconds):
    return AT + timedelta(seconds=seconds)


@pytest.fixture
def overlay():
    made = Overlay()
    made.take(Observation(after(10), {"m1": {"match_id": "m1", "home_score": 2, "live_gap": None}}))
    return made


@pytest.mark.parametrize(("cycle_s", "shown"), [(0, 2), (9.999999, 2), (10, 2), (10.000001, 1), (60, 1)])
def test_the_newer_of_the_two_is_shown(overlay, cycle_s, shown):
    assert overlay.over({"m1": value(1, cycle_s)})["m1"]["home_score"] == shown


def test_what_a_look_does_not_know_is_kept_and_what_the_channel_does_not_show_stays_out(overlay):
    merged = overlay.over({"m1": value(1, 0)})["m1"]
    assert merged == {"match_id": "m1", "home_team": "Home", "home_score": 2, "fetched_at": as_text(after(10))}


def test_a_look_that_shows_no_change_still_makes_what_was_seen_newer_than_a_slower_cycle(overlay):
    overlay.take(Observation(after(15)))
    assert overlay.over({"m1": value(1, 12)})["m1"]["home_score"] == 2


@pytest.mark.parametrize(("cycle_s", "shown"), [(0, 2), (10, 2), (10.000001, 1), (15, 1)])
def test_a_match_that_left_the_list_stays_as_seen_last_until_a_newer_cycle(overlay, cycle_s, shown):
    overlay.take(Observation(after(15), gone=["m1"]))
    assert overlay.over({"m1": value(1, cycle_s)})["m1"]["home_score"] == shown


def test_a_match_that_comes_back_is_as_new_as_the_list(overlay):
    overlay.take(Observation(after(15), gone=["m1"]))
    overlay.take(Observation(after(20), {"m1": {"match_id": "m1", "home_score": 3}}))
    assert overlay.over({"m1": value(1, 18)})["m1"]["home_score"] == 3


def test_a_match_that_left_long_ago_is_forgotten(overlay):
    overlay.take(Observation(after(15), gone=["m1"]))
    overlay.take(Observation(after(10 + 3601)))
    assert overlay.over({"m1": value(1, 0)})["m1"]["home_score"] == 1


def test_an_unknown_value_is_shown_as_unknown(overlay):
    overlay.take(Observation(after(15), {"m1": {"match_id": "m1", "home_score": None}}))
    assert overlay.over({"m1": value(1, 12)})["m1"]["home_score"] is None


def test_a_correction_is_known_for_ten_minutes():
    now = 0.0
    overlay = Overlay(lambda: now)
    told = {"match_id": "m1", "kind": "score fell", "subject": "score", "before": "2-0", "after": "1-0"}
    overlay.take(Observation(after(15), corrections=[told]))
    assert overlay.told({**told, "observed_at": "later", "seq": 0})
    assert not overlay.told({**told, "before": "3-0"})
    now = 601.0
    assert not overlay.told(told)
