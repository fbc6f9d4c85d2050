"""Which recording shows an instant: the poll and its hours before, the push stream, or a match day."""

from datetime import datetime, timedelta
from pathlib import Path

from football_assets.emulators.recorded_days import RecordedDay
from football_assets.emulators.recorded_matches import CAPTURED_AT, RecordedMatches
from football_assets.emulators.recorded_rewind import BEGINS_BEFORE, RewoundPoll
from football_assets.emulators.recorded_stream import STREAM, RecordedStream
from football_assets.emulators.sources import MatchSource

MATCH_DAYS = Path("soccer/world_matches.parquet")


def recorded_at(folder: Path, at: datetime | None) -> MatchSource:
    """The recording below `folder` that shows `at`, its contents read; the poll when no instant is given.

    Raises StorageError when what is there cannot be read.
    """
    if at is not None and CAPTURED_AT - BEGINS_BEFORE <= at < CAPTURED_AT:
        return RewoundPoll(folder)
    if at is not None and (folder / STREAM).is_file():
        stream = RecordedStream(folder)
        first, last = stream.span
        if first - timedelta(hours=1) <= at <= last + timedelta(hours=1):
            return stream
    if at is not None and abs(at - CAPTURED_AT) > timedelta(days=1) and (folder / MATCH_DAYS).is_file():
        return RecordedDay(folder, at.date(), world=True)
    return RecordedMatches(folder).loaded()
