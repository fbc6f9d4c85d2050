"""Instants of requests are read as UTC, whatever a client sends."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from football_assets.serving.times import aware

EAST, WEST = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))


@pytest.mark.parametrize(
    ("told", "read"),
    [
        (datetime.fromisoformat("2026-11-22T06:00"), datetime(2026, 11, 22, 6, tzinfo=UTC)),
        (datetime(2026, 11, 22, 6, tzinfo=EAST), datetime(2026, 11, 21, 16, tzinfo=UTC)),
        (datetime(1, 1, 1, tzinfo=EAST), datetime(1, 1, 1, tzinfo=UTC)),
        (datetime(9999, 12, 31, 23, tzinfo=WEST), datetime(9999, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_an_instant_is_read_as_utc(told, read):
    assert aware(told) == read
    assert aware(told).tzinfo is UTC
