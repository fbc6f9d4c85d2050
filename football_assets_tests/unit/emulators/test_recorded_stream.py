"""The push stream as a source, on a made-up stream in the recording's layout."""

import json
from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from football_assets.emulators.recorded_stream import STREAM, RecordedStream
from football_assets.errors import StorageError
from football_assets.states import Source

FIRST_KICKOFF, SECOND_KICKOFF = 1_745_890_000, 1_745_890_600
START = datetime.fromtimestamp(FIRST_KICKOFF, UTC)


def score(match_id, status, home, kickoff=0):
    return "score", match_id, [match_id, status, [home] + [0] * 6, [0] * 7, kickoff, ""]


# Message 10 tells that a half began at START, message 30 that one began 600 s later: 30 s a message.
MESSAGES = {
    5: score("m1", 1, 0),
    10: score("m1", 2, 0, FIRST_KICKOFF),
    12: ("stats", "m2", [{"type": 2, "home": 1, "away": 0}]),
    15: score("m2", 3, 0),
    20: ("incidents", "m1", [{"type": 1, "position": 1, "time": 5, "home_score": 1, "away_score": 0}]),
    22: score("m1", 2, 1, FIRST_KICKOFF),
    30: score("m2", 4, 0, SECOND_KICKOFF),
    40: ("incidents", "m1", []),
}


def write(folder, messages):
    rows = [
        {"message": number, "match_id": match_id, "kind": kind, "payload": json.dumps(said)}
        for number, (kind, match_id, said) in messages.items()
    ]
    (folder / STREAM).parent.mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(rows), folder / STREAM)
    return folder


@pytest.fixture
def stream(tmp_path):
    return RecordedStream(write(tmp_path, MESSAGES))


def shown(stream, seconds):
    return {row["id"]: row for row in stream.live(START + timedelta(seconds=seconds))}


def test_a_half_that_begins_tells_the_time_of_its_place_and_the_others_lie_evenly_between(stream):
    assert stream.label is Source.RECORDED
    assert stream.span == (START - timedelta(seconds=150), START + timedelta(seconds=901))
    assert shown(stream, -1)["m1"]["score"][1] == 1
    assert shown(stream, 0)["m1"]["score"][1] == 2
    assert shown(stream, 299)["m1"]["incidents"] == []
    assert len(shown(stream, 300)["m1"]["incidents"]) == 1


def test_a_match_shows_what_was_said_of_it_last(stream):
    assert shown(stream, 359)["m1"]["score"][2][0] == 0
    assert shown(stream, 360)["m1"]["score"][2][0] == 1
    assert len(shown(stream, 360)["m1"]["incidents"]) == 1
    assert shown(stream, 900)["m1"]["incidents"] == [], "a list that was emptied takes its incidents back"


def test_a_match_is_listed_from_its_first_score_on_with_what_was_said_before(stream):
    assert set(shown(stream, 149)) == {"m1"}
    row = shown(stream, 150)["m2"]
    assert row == {**row, "stats": [{"type": 2, "home": 1, "away": 0}], "incidents": [], "tlive": []}


def test_what_is_not_pushed_is_not_served(stream):
    assert stream.knows("m2")
    assert not stream.knows("m3")
    assert stream.recent(START) == stream.reference("team", START) == []
    assert stream.odds("m1", START) == stream.odds_changes(START, START) == {}


def test_a_stream_that_cannot_be_read_is_told(tmp_path):
    with pytest.raises(StorageError, match="the file does not exist"):
        RecordedStream(tmp_path)
    few = write(tmp_path, {1: MESSAGES[5], 2: MESSAGES[10]})
    with pytest.raises(StorageError, match="too few halves begin in it"):
        RecordedStream(few).live(START)
    (tmp_path / STREAM).write_bytes(b"no parquet")
    with pytest.raises(StorageError, match="reading the recorded push stream"):
        RecordedStream(tmp_path).live(START)
