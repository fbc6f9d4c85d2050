from datetime import UTC, datetime, timedelta

import pytest

from football_assets.emulators.recorded_days import RecordedDay
from football_assets.emulators.recorded_matches import CAPTURED_AT, RecordedMatches
from football_assets.emulators.recorded_rewind import RewoundPoll
from football_assets.emulators.recorded_stream import RecordedStream
from football_assets.emulators.recordings import recorded_at

SHOWN_BY = [
    (None, RecordedMatches),
    (CAPTURED_AT, RecordedMatches),
    (CAPTURED_AT + timedelta(minutes=15), RecordedMatches),
    (CAPTURED_AT - timedelta(minutes=15), RewoundPoll),
    (datetime(2025, 4, 29, 2, 0, tzinfo=UTC), RecordedStream),
    (datetime(2024, 10, 5, 14, 0, tzinfo=UTC), RecordedDay),
]


@pytest.mark.parametrize(("at", "source"), SHOWN_BY)
def test_each_instant_is_shown_by_the_recording_that_has_it(recordings, at, source):
    assert type(recorded_at(recordings, at)) is source
