"""The recorded poll as a source, on a made-up poll of two matches in the same layout."""

import json
from datetime import timedelta

import pyarrow as pa
import pytest

from football_assets.emulators.recorded_matches import CAPTURE, CAPTURED_AT, SAMPLES, RecordedMatches
from football_assets.errors import StorageError
from football_assets.states import Source

TS = int(CAPTURED_AT.timestamp())
BEFORE = CAPTURED_AT - timedelta(seconds=1)


def quote(ts, price):
    return [ts, "16", price, 3.6, 1.95, 2, 0, "0-0"]


def poll():
    one_row = lambda row: {"code": 0, "query": {"total": 1, "type": "uuid", "uuid": row["id"]}, "results": [row]}  # noqa: E731
    return {
        "timestamp": "2025-05-28T17:30:17.518441",
        "live_matches": {"code": 0, "results": [{"id": "m1", "score": ["m1", 2, [1], [0], TS - 900, ""]}]},
        "match_details": {
            "m1": one_row({"id": "m1", "updated_at": TS - 10}),
            "m2": one_row({"id": "m2", "updated_at": TS + 40}),
        },
        "match_odds": {
            "m1": {"code": 0, "results": {"2": {"eu": [quote(TS + 5, 3.0), quote(TS - 30, 3.2), quote(TS - 90, 3.4)]}}},
            "m2": {"code": 0, "results": {}},
        },
        "team_info": {"t1": one_row({"id": "t1", "name": "Home", "updated_at": TS - 1000})},
        "competition_info": {"c1": one_row({"id": "c1", "name": "Cup", "updated_at": TS - 1000})},
        "countries": {"code": 0, "results": [{"id": "e", "name": "England", "updated_at": TS - 2000}]},
    }


def write_capture(folder, content):
    path = folder / CAPTURE
    path.parent.mkdir(parents=True)
    with pa.output_stream(str(path), compression="zstd") as stream:
        stream.write(content)
    return path


def write_samples(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for key, name in SAMPLES.items():
        (folder / name).write_text(json.dumps(poll()[key]))


@pytest.fixture
def recorded(tmp_path):
    write_capture(tmp_path, json.dumps(poll()).encode())
    return RecordedMatches(tmp_path)


def test_from_the_capture_on_the_poll_shows_whole_and_never_moves(recorded):
    for at in (CAPTURED_AT, CAPTURED_AT + timedelta(days=400)):
        assert [match["id"] for match in recorded.live(at)] == ["m1"]
        assert [row["id"] for row in recorded.recent(at)] == ["m1", "m2"]
        assert recorded.odds("m1", at) == poll()["match_odds"]["m1"]["results"]
        assert recorded.odds("m2", at) == {}
        assert recorded.reference("team", at)[0]["name"] == "Home"


def test_before_the_capture_nothing_of_the_future_shows(recorded):
    assert recorded.live(BEFORE) == []
    assert [row["id"] for row in recorded.recent(BEFORE)] == ["m1"]
    assert recorded.odds("m1", BEFORE) == {"2": {"eu": [quote(TS - 30, 3.2), quote(TS - 90, 3.4)]}}
    early = CAPTURED_AT - timedelta(seconds=1500)
    assert recorded.recent(early) == []
    assert recorded.odds("m1", early) == {}
    assert recorded.reference("team", early) == []
    assert recorded.reference("country", early) == poll()["countries"]["results"]


def test_odds_changes_are_after_since_and_up_to_until_in_the_layout_of_odds_live(recorded):
    def changes(since, until):
        return recorded.odds_changes(CAPTURED_AT + timedelta(seconds=since), CAPTURED_AT + timedelta(seconds=until))

    assert changes(-60, 0) == {"2": [["m1", "eu", [TS - 30, "16", 3.2, 3.6, 1.95, 2, 0], "0-0"]]}
    assert changes(-30, 4) == {}
    assert [row[2][0] for row in changes(-91, 5)["2"]] == [TS + 5, TS - 30, TS - 90]


def test_kinds_that_were_not_recorded_are_empty_and_not_invented(recorded):
    for kind in ("category", "season", "stage", "venue", "referee", "coach"):
        assert recorded.reference(kind, CAPTURED_AT) == []


def test_a_match_is_known_when_it_was_in_the_poll(recorded):
    assert recorded.knows("m1")
    assert recorded.knows("m2")
    assert not recorded.knows("m3")
    assert recorded.odds("m3", CAPTURED_AT) == {}


def test_it_is_labelled_recorded_and_starts_at_the_capture(recorded):
    assert recorded.label is Source.RECORDED
    assert recorded.default_at == CAPTURED_AT


@pytest.mark.parametrize("place", ["data", "apis/samples/thesports"])
def test_without_the_capture_the_samples_in_or_beside_the_folder_serve(tmp_path, place):
    (tmp_path / "data").mkdir()
    write_samples(tmp_path / place)
    recorded = RecordedMatches(tmp_path / "data")
    assert [row["id"] for row in recorded.recent(CAPTURED_AT)] == ["m1", "m2"]


def test_the_capture_goes_before_the_samples(tmp_path):
    write_samples(tmp_path)
    content = poll()
    content["live_matches"]["results"] = []
    write_capture(tmp_path, json.dumps(content).encode())
    assert RecordedMatches(tmp_path).live(CAPTURED_AT) == []


def test_a_folder_without_recordings_fails_at_once_naming_all_that_was_looked_for(tmp_path):
    with pytest.raises(StorageError) as caught:
        RecordedMatches(tmp_path)
    for expected in (str(tmp_path / CAPTURE), *SAMPLES.values(), "--data", "FOOTBALL_RECORDINGS"):
        assert expected in str(caught.value)


def test_five_of_six_samples_are_not_enough(tmp_path):
    write_samples(tmp_path)
    (tmp_path / SAMPLES["countries"]).unlink()
    with pytest.raises(StorageError):
        RecordedMatches(tmp_path)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"live_matches": {}}'])
def test_a_damaged_capture_fails_when_loaded_naming_the_file(tmp_path, content):
    path = write_capture(tmp_path, content)
    with pytest.raises(StorageError, match="not a readable recording") as caught:
        RecordedMatches(tmp_path).loaded()
    assert str(path) in str(caught.value)


def test_a_capture_that_is_not_zstd_fails_when_loaded(tmp_path):
    write_capture(tmp_path, b"{}").write_bytes(b"plain text")
    with pytest.raises(StorageError, match="not a readable recording"):
        RecordedMatches(tmp_path).loaded()
