import os
import time
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest

from football_assets.errors import StorageError
from football_assets.soccer import compaction
from football_assets.soccer.changelog import HotDay
from football_assets.soccer.compaction import ColdPart, compact, finished_days, keep_up, parts_of, prune
from football_assets.soccer.day_files import HOT
from football_assets_tests.unit.soccer.history_days import MINUTE, NOW, cycle, quote

TODAY = NOW.date()
START = NOW.replace(hour=17)
CACHED = {"names_state": "cached"}


@pytest.fixture
def place(tmp_path):
    """A day of five cycles: a goal, a match that leaves and comes back, and quotes that grow."""
    quotes = [quote(n, 1.5 + n / 10) for n in range(5)]
    for n, rows in enumerate(([{"home_score": 0}], [{"home_score": 1}], [], [{"home_score": 1}], [{"minute": 9}])):
        cycle(
            tmp_path,
            START + n * MINUTE,
            *rows,
            {"match_id": "m2", **CACHED, "names_age_s": 60.0 * n},
            quotes=quotes[n::-1],
        )
    return tmp_path / TODAY.isoformat()


def test_a_compacted_day_reads_as_its_log_at_every_cycle(place):
    log = HotDay(place / HOT)
    before = {number: log.state_at(number) for number, _ in log.cycles()}
    cycles, changes = log.cycles(), list(log.versions("m1"))
    compact(place.parent, TODAY)
    (part,) = parts_of(place)
    assert {number: part.state_at(number) for number, _ in part.cycles()} == before
    assert part.cycles() == cycles
    assert list(part.versions("m1")) == changes


def test_the_hot_file_is_removed_only_after_the_part_is_there(place):
    done = compact(place.parent, TODAY)
    assert [path.name for path in place.iterdir()] == ["part-1"]
    assert done.quotes == 5
    assert done.part_bytes > 0


def test_versions_are_sorted_by_match_and_cycle(place):
    compact(place.parent, TODAY)
    data = pq.read_table(place / "part-1" / "flattened_matches.parquet", columns=["match_id", "cycle"])
    rows = list(zip(data["match_id"].to_pylist(), data["cycle"].to_pylist(), strict=True))
    assert rows == sorted(rows)
    assert [match_id for match_id, _ in rows] == ["m1"] * 5 + ["m2"], "an age that grows is no version"


def test_a_part_that_differs_from_its_log_is_refused_and_the_log_stays(place, monkeypatch):
    monkeypatch.setattr(ColdPart, "state_at", lambda self, number: {})
    with pytest.raises(StorageError, match="cycle 1 reads otherwise than in the log"):
        compact(place.parent, TODAY)
    assert [path.name for path in place.iterdir() if not path.name.endswith(("-wal", "-shm"))] == [HOT]


def test_a_damaged_part_is_told(place):
    compact(place.parent, TODAY)
    path = place / "part-1" / "flattened_matches.parquet"
    data = bytearray(path.read_bytes())
    data[200:260] = bytes(60)
    path.write_bytes(bytes(data))
    with pytest.raises(StorageError, match="reading the history in"):
        parts_of(place)[0].state_at(1)


def test_a_day_that_went_on_meanwhile_keeps_its_log(place, monkeypatch):
    written = compaction._written

    def slow(*args):
        part = written(*args)
        cycle(place.parent, START + 9 * MINUTE, {"home_score": 7})
        return part

    monkeypatch.setattr(compaction, "_written", slow)
    with pytest.raises(StorageError, match="1 cycles were appended meanwhile"):
        compact(place.parent, TODAY)
    assert len(HotDay(place / HOT).cycles()) == 6


def test_a_crash_between_part_and_removal_is_made_good_without_a_second_part(place, monkeypatch):
    with monkeypatch.context() as patch, pytest.raises(RuntimeError):
        patch.setattr(compaction, "_drop_hot", lambda *_: (_ for _ in ()).throw(RuntimeError))
        compact(place.parent, TODAY)
    assert (place / HOT).exists()
    compact(place.parent, TODAY)
    assert [path.name for path in place.iterdir()] == ["part-1"]


def test_a_crash_while_writing_leaves_no_part(place, monkeypatch):
    def die(*_):
        raise OSError("no space left on device")

    with monkeypatch.context() as patch, pytest.raises(StorageError, match="no space left"):
        patch.setattr(compaction, "_write_versions", die)
        compact(place.parent, TODAY)
    assert parts_of(place) == []
    compact(place.parent, TODAY)
    assert len(parts_of(place)) == 1


def test_a_day_played_again_gets_another_part(place):
    compact(place.parent, TODAY)
    cycle(place.parent, START, {"home_score": 4})
    compact(place.parent, TODAY)
    newest, first = parts_of(place)
    assert (newest.folder.name, first.folder.name) == ("part-2", "part-1")
    assert newest.state_at(1)["flattened_matches"]["m1"]["home_score"] == 4


def test_only_days_that_are_over_are_compacted(place):
    folder = place.parent
    assert finished_days(folder) == []
    assert finished_days(folder, now_s=time.time() + compaction.IDLE_S + 60) == [TODAY]
    cycle(folder, NOW + 5 * MINUTE, {})
    assert finished_days(folder) == [TODAY]
    done = keep_up(folder, 30)
    assert [day.day for day in done.compacted] == [TODAY]
    assert keep_up(folder, 30).compacted == ()


def test_a_day_that_cannot_be_compacted_is_told_and_stays(place):
    (place / HOT).write_bytes(b"no database" * 500)
    os.utime(place / HOT, (0, 0))
    done = keep_up(place.parent, 30)
    assert done.compacted == ()
    assert "not a database" in done.problems[0]
    assert (place / HOT).exists()


def test_days_past_retention_are_removed_counted_from_the_newest(tmp_path):
    for n in (0, 1, 29, 30):
        (tmp_path / (date(2025, 5, 1) + timedelta(days=n)).isoformat()).mkdir()
    assert prune(tmp_path, 30) == [date(2025, 5, 1)]
    assert prune(tmp_path, 2) == [date(2025, 5, 2)]
    assert prune(tmp_path / "nowhere", 30) == []
