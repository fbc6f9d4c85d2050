import sqlite3
from datetime import timedelta

import pytest

from football_assets.errors import StorageError
from football_assets.soccer import changelog
from football_assets.soccer.changelog import HotDay
from football_assets.soccer.day_files import HOT, days_of, history_folder
from football_assets.soccer.history import History
from football_assets.states import Source
from football_assets_tests.unit.soccer.history_days import MINUTE, NOW, cycle, quote


def scores(folder, at):
    """The home score at each cycle of a day, read back."""
    log = HotDay(folder / at.date().isoformat() / HOT)
    states = [log.state_at(number) for number, _ in log.cycles()]
    return [state["flattened_matches"].get("m1", {}).get("home_score") for state in states]


def test_cycles_are_read_back_as_they_were(tmp_path):
    for n, score in enumerate((0, 0, 1)):
        cycle(tmp_path, NOW.replace(hour=17) + n * MINUTE, {"home_score": score})
    assert scores(tmp_path, NOW) == [0, 0, 1]


def test_what_did_not_change_is_not_written_again(tmp_path):
    at = NOW.replace(hour=17)
    assert cycle(tmp_path, at, {"home_score": 1}, quotes=[quote(1, 1.5)]).rows == 1
    second = cycle(tmp_path, at + MINUTE, {"home_score": 1}, quotes=[quote(1, 1.5)])
    assert (second.rows, second.quotes) == (0, 0)


def test_the_first_cycle_of_a_day_stands_by_itself_but_its_quotes_are_not_kept_again(tmp_path):
    cycle(tmp_path, NOW, {"home_score": 1}, quotes=[quote(1, 1.5)])
    next_day = cycle(tmp_path, NOW + 3 * MINUTE, {"home_score": 1}, quotes=[quote(2, 1.6), quote(1, 1.5)])
    assert (next_day.cycle, next_day.rows, next_day.quotes) == (1, 1, 1)
    assert [day.isoformat() for day in days_of(tmp_path)] == ["2025-05-28", "2025-05-29"]
    assert scores(tmp_path, NOW + 3 * MINUTE) == [1]


def test_a_correction_over_midnight_is_found(tmp_path):
    cycle(tmp_path, NOW, {"status_id": 8})
    (found,) = cycle(tmp_path, NOW + 3 * MINUTE, {"status_id": 4}).corrections
    assert (found["kind"], found["before"], found["after"]) == ("status went back", "ended", "second half")


def test_corrections_are_in_the_log(tmp_path):
    cycle(tmp_path, NOW, {"home_score": 1, "away_score": 0})
    cycle(tmp_path, NOW + MINUTE, {"home_score": 0, "away_score": 0})
    (found,) = HotDay(tmp_path / "2025-05-28" / HOT).corrections()
    assert (found["kind"], found["before"], found["after"]) == ("score fell", "1-0", "0-0")


def test_a_clock_that_goes_back_is_another_run_and_takes_nothing_back(tmp_path):
    cycle(tmp_path, NOW, {"status_id": 8})
    assert cycle(tmp_path, NOW - MINUTE, {"status_id": 4}).corrections == ()
    assert len(HotDay(tmp_path / "2025-05-28" / HOT).cycles()) == 2


def test_an_empty_list_is_kept_too(tmp_path):
    cycle(tmp_path, NOW, {"home_score": 1})
    assert cycle(tmp_path, NOW + MINUTE).rows == 1
    assert scores(tmp_path, NOW) == [1, None]


@pytest.mark.parametrize("step", ["difference", "new_quotes", "packed", "packed_table"])
def test_a_crash_in_the_middle_of_an_append_loses_that_cycle_only(tmp_path, monkeypatch, step):
    class Killed(BaseException):
        pass

    def die(*_):
        raise Killed

    cycle(tmp_path, NOW, {"home_score": 0}, quotes=[quote(1, 1.5)])
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(changelog, step, die)
        cycle(tmp_path, NOW + MINUTE, {"home_score": 1}, quotes=[quote(2, 1.6), quote(1, 1.5)])
    assert scores(tmp_path, NOW) == [0]
    after = cycle(tmp_path, NOW + MINUTE, {"home_score": 1}, quotes=[quote(2, 1.6), quote(1, 1.5)])
    assert (after.cycle, after.quotes) == (2, 1)
    assert scores(tmp_path, NOW) == [0, 1]


def test_a_log_cut_short_by_a_dying_machine_keeps_every_committed_cycle(tmp_path):
    for n in range(4):
        cycle(tmp_path, NOW.replace(hour=17) + n * MINUTE, {"home_score": n})
    path = tmp_path / "2025-05-28" / HOT
    with sqlite3.connect(path, isolation_level=None) as torn:
        torn.execute("BEGIN IMMEDIATE")
        torn.execute("INSERT INTO cycles (observed_at, changes) VALUES (1, x'00')")
        # What lies on the disk at this moment is what a machine that dies now leaves.
        copy = tmp_path / "copy" / "2025-05-28"
        copy.mkdir(parents=True)
        for file in path.parent.iterdir():
            if not file.name.endswith("-shm"):
                (copy / file.name).write_bytes(file.read_bytes())
        torn.execute("ROLLBACK")
    torn.close()
    assert scores(tmp_path / "copy", NOW) == [0, 1, 2, 3]
    with sqlite3.connect(copy / HOT) as kept:
        assert kept.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    kept.close()


def test_a_damaged_file_is_told_in_one_line(tmp_path):
    cycle(tmp_path, NOW, {})
    path = tmp_path / "2025-05-28" / HOT
    path.write_bytes(b"no database" * 500)
    with pytest.raises(StorageError, match="not a database"):
        cycle(tmp_path, NOW + MINUTE, {})
    with pytest.raises(StorageError, match="reading the history in"):
        HotDay(path).cycles()


def test_a_provider_whose_clock_was_slow_once_does_not_change_what_is_shown_of_before(tmp_path):
    folder = history_folder(tmp_path, "simulated")
    cycle(folder, NOW, {"home_score": 0})
    cycle(folder, NOW - 10 * MINUTE, {"home_score": 1})
    cycle(folder, NOW + MINUTE, {"home_score": 1})
    shown = [History(tmp_path, Source.SIMULATED).at(at).flattened["home_score"].tolist() for at in (NOW, NOW + MINUTE)]
    assert shown == [[0], [1]]


def test_a_day_whose_first_cycle_is_being_written_has_none_yet(tmp_path):
    folder = history_folder(tmp_path, "simulated")
    cycle(folder, NOW, {"home_score": 0})
    tomorrow = folder / (NOW + timedelta(days=1)).date().isoformat() / HOT
    tomorrow.parent.mkdir()
    sqlite3.connect(tomorrow).close()  # as it is found by who reads at that moment
    history = History(tmp_path, Source.SIMULATED)
    assert history.at(NOW + timedelta(days=1)).observed_at == NOW
    assert cycle(folder, NOW + timedelta(days=2), {"home_score": 0}).cycle == 1
