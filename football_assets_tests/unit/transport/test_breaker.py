"""When a provider counts as down, how it is probed, and what the next process knows of it."""

import logging
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from football_assets.sections import Breaker as Rules
from football_assets.transport.breaker import Breaker, Breakers, breaker_file

NOON = datetime(2024, 10, 5, 12, tzinfo=UTC)
RULES = Rules(consecutive_failures=3, first_probe_s=5, longest_probe_s=12)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def fail(breaker, times=1):
    for _ in range(times):
        assert breaker.refusal() is None
        ticket = breaker.admit()
        breaker.failed(ticket, "HTTP 503")
        breaker.abandoned(ticket)


def opened(clock, **options):
    breaker = Breaker(RULES, **options)
    fail(breaker, 3)
    return breaker


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not(clock):
    breaker = Breaker(RULES)
    fail(breaker, 2)
    breaker.succeeded(breaker.admit())
    fail(breaker, 2)
    assert not breaker.is_open
    fail(breaker)
    assert breaker.is_open


def test_half_of_the_latest_tries_failing_opens_it_as_well(clock):
    rules = Rules(consecutive_failures=3, window_tries=6, failed_share=0.5)
    breaker = Breaker(rules)
    for _ in range(2):
        fail(breaker)
        breaker.succeeded(breaker.admit())
    assert not breaker.is_open, "two failures of four tries are too few to tell"
    breaker.succeeded(breaker.admit())
    fail(breaker)
    assert breaker.is_open


def test_what_ails_one_path_does_not_stop_the_others(clock, tmp_path):
    breakers = Breakers(RULES, name="TheSports", folder=tmp_path, address="host")
    fail(breakers.of("odds/history"), 3)
    breakers.of("match/live").succeeded(breakers.of("match/live").admit())
    breakers.save()

    again = Breakers(RULES, name="TheSports", folder=tmp_path, address="host")
    assert again.of("odds/history").is_open
    assert not again.of("match/live").is_open


def test_an_open_one_says_since_when_why_and_when_it_probes(clock):
    problem = opened(clock).refusal()
    assert problem.happened == (
        "not asked, it has failed since 12:00:00 UTC (3 failed tries in a row, the last: HTTP 503); "
        "the next probe is at 12:00:05 UTC"
    )
    assert not problem.asked


def test_one_probe_goes_out_and_the_others_are_refused_meanwhile(clock):
    breaker = opened(clock)
    clock.shift(5)
    assert breaker.refusal() is None
    breaker.admit()
    assert "a probe is under way" in breaker.refusal().happened


def test_failed_probes_double_the_wait_up_to_the_longest(clock):
    breaker = opened(clock)
    for wait_s, next_wait_s in ((5, 10), (10, 12), (12, 12)):
        clock.shift(wait_s - 0.1)
        assert breaker.refusal() is not None
        clock.shift(0.1)
        fail(breaker)
        assert f"{datetime.now(UTC) + timedelta(seconds=next_wait_s):%H:%M:%S}" in breaker.refusal().happened


def test_a_successful_probe_closes_it_and_the_waits_start_afresh(clock):
    breaker = opened(clock)
    clock.shift(5)
    fail(breaker)
    clock.shift(10)
    breaker.succeeded(breaker.admit())
    assert not breaker.is_open and breaker.refusal() is None
    fail(breaker, 3)
    clock.shift(5)
    assert breaker.refusal() is None


def test_a_cancelled_probe_gives_its_place_back(clock):
    breaker = opened(clock)
    clock.shift(5)
    breaker.abandoned(breaker.admit())
    assert breaker.refusal() is None and breaker.is_open


def test_answers_to_calls_from_before_it_opened_change_nothing(clock):
    breaker = Breaker(RULES)
    late = breaker.admit()
    fail(breaker, 3)
    breaker.succeeded(late)
    assert breaker.is_open
    late_failure = late
    breaker.failed(late_failure, "HTTP 500")
    assert "3 failed tries" in breaker.refusal().happened


def test_it_stays_open_for_the_next_process(clock, tmp_path):
    file = breaker_file(tmp_path, "College Football Data")
    assert file.name == "breaker-College-Football-Data.json"
    opened(clock, file=file, address="host")
    clock.shift(4)
    again = Breaker(RULES, file=file, address="host")
    assert again.is_open and "12:00:05" in again.refusal().happened
    clock.shift(1)
    fail(again)
    third = Breaker(RULES, file=file, address="host")
    clock.shift(9)
    assert third.refusal() is not None
    clock.shift(1)
    assert third.refusal() is None
    assert list(tmp_path.iterdir()) == [file]


def test_failures_before_it_opens_are_carried_over_too(clock, tmp_path):
    file = breaker_file(tmp_path, "x")
    first = Breaker(RULES, file=file)
    fail(first, 2)
    first.save()
    second = Breaker(RULES, file=file)
    fail(second)
    assert second.is_open


def test_closing_it_is_written_at_once(clock, tmp_path):
    file = breaker_file(tmp_path, "x")
    breaker = opened(clock, file=file)
    clock.shift(5)
    breaker.succeeded(breaker.admit())
    assert not Breaker(RULES, file=file).is_open


def test_another_address_starts_closed(clock, tmp_path):
    file = breaker_file(tmp_path, "x")
    opened(clock, file=file, address="api.example")
    assert not Breaker(RULES, file=file, address="127.0.0.1:9000").is_open


def test_a_clock_put_back_does_not_keep_it_shut(clock, tmp_path):
    breaker = opened(clock)
    clock.shift(-86_400)
    assert breaker.refusal() is None


@pytest.mark.parametrize("content", [b"", b"{half", b'{"state": "ajar"}', b"\xff"])
def test_a_damaged_file_starts_closed_and_says_so(clock, tmp_path, caplog, content):
    file = breaker_file(tmp_path, "x")
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        assert not Breaker(RULES, file=file).is_open
    assert "unreadable, it starts closed" in caplog.text


def test_a_folder_that_cannot_be_written_does_not_stop_it(clock, tmp_path, caplog):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    breaker = opened(clock, file=breaker_file(blocked, "x"))
    assert breaker.is_open and "could not be written" in caplog.text
