import random
from datetime import timedelta
from itertools import pairwise

import pyarrow as pa
import pytest

from football_assets.errors import StorageError
from football_assets.soccer import changelog
from football_assets.soccer.board import match_board
from football_assets.soccer.changelog import append
from football_assets.soccer.changes import LOGGED, instant_of
from football_assets.soccer.compaction import compact
from football_assets.soccer.day_files import history_folder
from football_assets.soccer.history import History
from football_assets.states import Source
from football_assets.tables import from_arrow, to_arrow
from football_assets_tests.unit.soccer.history_days import MINUTE, NOW, cycle, evening

INSTANTS = 1_000


def played(home):
    """The simulated evening appended to the history of a home, and its raw snapshots by instant."""
    folder = history_folder(home, Source.SIMULATED.value)
    for at, tables, quotes in evening():
        append(folder, tables, quotes, at)
    return History(home, Source.SIMULATED), {at: tables for at, tables, _ in evening()}


def raw(tables, name):
    """A raw snapshot's table in the order of its key."""
    return tables[name].sort_by([(key, "ascending") for key in LOGGED[name].about().key]).combine_chunks()


def rebuilt(past, name):
    return to_arrow(LOGGED[name], past.tables[name])


@pytest.mark.parametrize("form", ["hot", "compacted"])
def test_the_board_at_any_instant_equals_the_raw_snapshot_of_its_cycle(tmp_path, form, monkeypatch):
    monkeypatch.setattr(changelog, "SNAPSHOT_EVERY", 7)  # the evening has too few cycles on each of its days
    history, snapshots = played(tmp_path)
    if form == "compacted":
        for day in history.days():
            compact(history.folder, day)
    first, last = min(snapshots), max(snapshots)
    boards = {}
    for at, tables in snapshots.items():
        flattened, said = (from_arrow(raw(tables, name)) for name in ("flattened_matches", "match_predictions"))
        boards[at] = match_board(flattened, predictions=said)
    choose = random.Random(7)
    seen = set()
    for _ in range(INSTANTS // 2):
        instant = first + timedelta(seconds=choose.uniform(0, (last - first).total_seconds() + 600))
        shown_at = max(at for at in snapshots if at <= instant)
        cycle_of_it = history.cycle_at(instant)
        assert instant_of(cycle_of_it[2]) == shown_at
        if shown_at in seen:
            continue  # the same cycle, which was rebuilt and compared
        seen.add(shown_at)
        past = history.cycle(*cycle_of_it)
        assert past.observed_at == shown_at
        assert past.board.equals(boards[shown_at])
        assert all(rebuilt(past, name).equals(raw(snapshots[shown_at], name)) for name in LOGGED)
    assert len(seen) > len(snapshots) * 0.8
    assert max(len(board) for board in boards.values()) > 1
    assert all(board["model_state"].notna().all() for board in boards.values()), "each shows what was said then"
    told = [dict(zip(board["match_id"], board["p_home"], strict=True)) for board in boards.values()]
    assert any(each[key] != other[key] for each, other in pairwise(told) for key in each.keys() & other.keys())


def test_an_instant_before_the_first_cycle_says_where_the_history_begins(tmp_path):
    cycle(history_folder(tmp_path, "real"), NOW, {})
    with pytest.raises(StorageError, match="it begins at 2025-05-28T23:58:00Z"):
        History(tmp_path, Source.REAL).board_at(NOW - MINUTE)


def test_a_world_without_history_says_so(tmp_path):
    with pytest.raises(StorageError, match="no cycle was kept yet"):
        History(tmp_path, Source.REAL).board_at(NOW)


def test_an_instant_between_two_days_shows_the_last_cycle_before_it(tmp_path):
    folder = history_folder(tmp_path, "real")
    cycle(folder, NOW, {"home_score": 1})
    cycle(folder, NOW + 5 * MINUTE, {"home_score": 2})
    history = History(tmp_path, Source.REAL)
    assert history.at(NOW + 3 * MINUTE).flattened["home_score"].tolist() == [1]
    assert history.at(NOW + 99 * MINUTE).flattened["home_score"].tolist() == [2]


def test_a_day_played_again_shows_its_newest_run(tmp_path):
    folder = history_folder(tmp_path, "simulated")
    start = NOW.replace(hour=17)
    for score, at in ((1, start), (2, start + 2 * MINUTE), (3, start + MINUTE)):
        cycle(folder, at, {"home_score": score})
    history = History(tmp_path, Source.SIMULATED)
    assert history.at(start).flattened["home_score"].tolist() == [1]
    assert history.at(start + MINUTE).flattened["home_score"].tolist() == [3]


@pytest.mark.parametrize("form", ["hot", "compacted"])
def test_the_changes_of_a_match_are_each_told_once_with_before_and_after(tmp_path, form):
    folder = history_folder(tmp_path, "real")
    steps = [{"home_score": 0}, {"home_score": 0}, {"home_score": 1}, {"home_score": 1}, {"home_score": 1, "note": "x"}]
    for n, row in enumerate(steps):
        cycle(folder, NOW + n * MINUTE, row, {"match_id": "m2", "home_score": n})
    history = History(tmp_path, Source.REAL)
    if form == "compacted":
        for day in history.days():
            compact(folder, day)
    changes = history.changes_of("m1")
    told = changes[changes["column"].isin(["home_score", "note"])]
    assert list(zip(told["observed_at"], told["column"], told["before"], told["after"], strict=True)) == [
        (NOW, "home_score", None, 0),
        (NOW + 2 * MINUTE, "home_score", 0, 1),
        (NOW + 4 * MINUTE, "note", None, "x"),
    ]


def test_the_changes_of_a_match_lead_from_nothing_to_its_last_row(tmp_path):
    history, snapshots = played(tmp_path)
    last = max(snapshots)
    for row in raw(snapshots[last], "flattened_matches").to_pylist()[:3]:
        changes = history.changes_of(row["match_id"])
        newest = changes[changes["table"] == "flattened_matches"].groupby("column").last()
        assert newest.loc["home_team", "after"] == row["home_team"]
        assert newest.loc["status_id", "after"] == row["status_id"]


def test_a_match_that_nobody_kept_is_told(tmp_path):
    cycle(history_folder(tmp_path, "real"), NOW, {})
    with pytest.raises(StorageError, match="no kept day of the real world has it"):
        History(tmp_path, Source.REAL).changes_of("m9")


def test_every_quote_of_the_evening_is_kept_exactly_once(tmp_path):
    history, _ = played(tmp_path)
    logs = [log for day in history.days() for log in history.logs(day)]
    kept = pa.concat_tables([log.quotes().drop_columns("cycle") for log in logs])
    given = pa.concat_tables([quotes.select(kept.column_names) for _, _, quotes in evening()])
    order = [(name, "ascending") for name in kept.column_names]
    distinct = given.group_by(kept.column_names).aggregate([]).select(kept.column_names)
    assert kept.sort_by(order).combine_chunks().equals(distinct.sort_by(order).combine_chunks())
    assert kept.num_rows > 300


@pytest.mark.parametrize("form", ["hot", "compacted"])
def test_a_board_from_before_predictions_were_kept_shows_none(tmp_path, form, monkeypatch):
    folder = history_folder(tmp_path, "real")
    with monkeypatch.context() as before:
        before.delitem(LOGGED, "match_predictions")
        cycle(folder, NOW, {"status_id": 4, "home_score": 1})
        if form == "compacted":
            compact(folder, NOW.date())
            assert not list(folder.glob("*/part-1/match_predictions.parquet"))
    past = History(tmp_path, Source.REAL).at(NOW)
    assert past.predictions.empty
    assert past.board["model_state"].isna().tolist() == [True]
    assert not History(tmp_path, Source.REAL).changes_of("m1").empty


def test_a_compacted_day_that_lost_a_table_is_not_shown_without_it(tmp_path):
    folder = history_folder(tmp_path, "real")
    cycle(folder, NOW, {"status_id": 4})
    compact(folder, NOW.date())
    (lost,) = folder.glob("*/part-1/incidents.parquet")
    lost.unlink()
    with pytest.raises(StorageError, match=r"incidents\.parquet"):
        History(tmp_path, Source.REAL).at(NOW)
