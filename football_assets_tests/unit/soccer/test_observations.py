"""The fast lane's log: what it holds, for how long, and what a process that comes later reads of it."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.errors import StorageError
from football_assets.soccer.observations import Observation, ObservationLog

AT = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)


@pytest.fixture
def log(tmp_path):
    return ObservationLog(tmp_path, "simulated")


def test_nothing_was_seen_before_the_first_look(log):
    assert log.latest() is None
    assert log.after(0) == []
    assert not log.folder.exists()


def test_every_entry_is_read_back_in_order_and_the_list_as_seen_last(log):
    first = Observation(AT, {"m1": {"home_score": 1, "minute": None}}, [], [], [])
    second = Observation(AT + timedelta(seconds=5), {}, ["m1"], [{"kind": "score fell"}], [{"seq": 0}])
    numbers = [log.append(first, {"m1": {"home_score": 1}}), log.append(second, {})]
    assert log.after(0) == [(numbers[0], first), (numbers[1], second)]
    assert log.after(numbers[0]) == [(numbers[1], second)]
    latest = log.latest()
    assert (latest.number, latest.observed_at, latest.rows) == (numbers[1], second.observed_at, {})


def test_entries_are_kept_for_an_hour_and_numbers_are_never_used_again(log):
    old = log.append(Observation(AT), {})
    new = log.append(Observation(AT + timedelta(hours=1, seconds=1)), {})
    assert [number for number, _ in log.after(0)] == [new]
    assert new == old + 1


def test_a_damaged_log_says_what_to_do(log):
    log.append(Observation(AT), {})
    (log.folder / "observations.sqlite").write_bytes(b"nothing like a database" * 100)
    with pytest.raises(StorageError, match="remove the file"):
        log.latest()
