from datetime import UTC, datetime, timedelta

import pytest

from football_assets.soccer.minute import match_minute

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)


def minute(status_id, seconds_ago):
    found = match_minute(status_id, NOW - timedelta(seconds=seconds_ago), NOW)
    return found.number, found.text


@pytest.mark.parametrize(
    ("status_id", "seconds_ago", "expected"),
    [
        (2, 0, (1, "1")),
        (2, 59, (1, "1")),
        (2, 60, (2, "2")),
        (2, 45 * 60 - 1, (45, "45")),
        (2, 45 * 60, (45, "45+")),
        (2, 50 * 60, (45, "45+")),
        (4, 0, (46, "46")),
        (4, 45 * 60 - 1, (90, "90")),
        (4, 45 * 60, (90, "90+")),
        (5, 0, (91, "91")),
        (5, 30 * 60, (120, "120+")),
        (6, 0, (91, "91")),
    ],
)
def test_the_minute_counts_on_in_each_period_and_stops_at_its_end(status_id, seconds_ago, expected):
    assert minute(status_id, seconds_ago) == expected


def test_half_time_reads_ht_without_a_number():
    assert minute(3, 60 * 50) == (None, "HT")


@pytest.mark.parametrize("status_id", [None, 0, 1, 7, 8, 9, 10, 11, 12, 13, 37])
def test_other_statuses_have_no_minute(status_id):
    assert minute(status_id, 600) == (None, None)


def test_a_period_whose_start_is_not_known_has_no_minute():
    found = match_minute(5, None, NOW)
    assert (found.number, found.text) == (None, None)


def test_clocks_a_few_seconds_apart_give_the_first_minute_and_clocks_far_apart_none():
    assert minute(2, -20) == (1, "1")
    assert minute(4, -20) == (46, "46")
    assert minute(2, -3600) == (None, None)
