"""Swapping a restored world in: by renames, whole again after being cut short anywhere, and back."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from football_assets.errors import StorageError
from football_assets.warehouse.backups import swapping

OLD = {"models/a": "old", "lake/x": "old", "gone": "old", "cache/c": "kept", "college_football_calls.json": "kept"}
NEW = {"models/a": "new", "lake/x": "new", "added": "new"}
CARRIED = {"cache/c": "kept", "college_football_calls.json": "kept"}


def write(folder, content, value):
    for name, text in content.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    with closing(sqlite3.connect(folder / "warehouse.sqlite")) as database:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("CREATE TABLE t (v)")
        database.execute("INSERT INTO t VALUES (?)", (value,))
        database.commit()


def read(folder):
    found = {
        path.relative_to(folder).as_posix(): path.read_text()
        for path in folder.rglob("*")
        if path.is_file() and not path.relative_to(folder).as_posix().startswith((".", "warehouse"))
    }
    with closing(sqlite3.connect(folder / "warehouse.sqlite")) as database:
        return found, database.execute("SELECT v FROM t").fetchone()[0]


@pytest.fixture
def world(tmp_path):
    write(tmp_path / "world", OLD, 1)
    write(tmp_path / "beside" / "world", NEW, 2)
    return tmp_path / "world"


def test_a_swap_leaves_caches_and_call_counts_and_is_undone_as_often_as_asked(world):
    swapping.swap_in(world.parent / "beside" / "world", world)
    assert read(world) == ({**NEW, **CARRIED}, 2)
    for wanted in ((OLD, 1), ({**NEW, **CARRIED}, 2), (OLD, 1)):
        swapping.undo(world)
        assert read(world) == wanted
    assert not swapping.finish(world)


def test_rows_that_are_only_in_the_log_of_the_database_go_with_it(world):
    with closing(sqlite3.connect(world / "warehouse.sqlite")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT v FROM t").fetchall()  # keeps the log from being emptied
        with closing(sqlite3.connect(world / "warehouse.sqlite")) as writer:
            writer.execute("UPDATE t SET v = 3")
            writer.commit()
        swapping.swap_in(world.parent / "beside" / "world", world)
    assert read(world)[1] == 2
    swapping.undo(world)
    assert read(world) == (OLD, 3)


def test_a_swap_that_was_cut_short_anywhere_is_finished_whole(tmp_path, monkeypatch):
    rename, outcomes = Path.rename, []
    for count in range(40):
        folder = tmp_path / str(count)
        write(folder / "world", OLD, 1)
        write(folder / "beside" / "world", NEW, 2)
        left = iter(range(count))

        def cut(path, target, left=left):
            if next(left, None) is None:
                raise KeyboardInterrupt
            return rename(path, target)

        try:
            with monkeypatch.context() as patched:
                patched.setattr(Path, "rename", cut)
                swapping.swap_in(folder / "beside" / "world", folder / "world")
            break
        except KeyboardInterrupt:
            swapping.finish(folder / "world")
            outcomes.append(read(folder / "world"))
    assert len(outcomes) > 6
    assert outcomes == [({**NEW, **CARRIED}, 2)] * len(outcomes)


def test_undoing_what_was_never_done_and_a_database_in_use_are_refused(world, monkeypatch):
    monkeypatch.setattr(swapping, "_WAIT_S", 0.05)
    with pytest.raises(StorageError, match="none was made"):
        swapping.undo(world)
    with closing(sqlite3.connect(world / "warehouse.sqlite", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match="being written"):
            swapping.swap_in(world.parent / "beside" / "world", world)
    assert read(world) == (OLD, 1)
