"""Bytes on disk: shared, forgotten in time, never larger than allowed, never anything but bytes."""

import multiprocessing
import sqlite3
import threading
import time
from contextlib import closing

import pytest
import time_machine

from football_assets.blob_store import FILE, BlobStore

BIG = 10 * 2**20


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "below" / "kept"


@pytest.fixture
def store(folder):
    with closing(BlobStore(folder, largest_bytes=BIG)) as store:
        yield store


def values(folder):
    with closing(sqlite3.connect(folder / FILE)) as file:
        return dict(file.execute("SELECT key, bytes FROM kept ORDER BY stored_at, rowid"))


def test_what_was_set_is_there_also_for_whoever_comes_later(store, folder):
    store.set("a", b"1", 60)
    store.set("a", b"\x00\xff", 60)
    store.set("b", b"", 60)
    with closing(BlobStore(folder, largest_bytes=BIG)) as other:
        assert (other.get("a"), other.get("b"), other.get("c")) == (b"\x00\xff", b"", None)
    assert values(folder) == {"b": 0, "a": 2} or values(folder) == {"a": 2, "b": 0}


def test_an_entry_is_forgotten_after_its_time(store, folder):
    store.set("a", b"1", 60)
    with time_machine.travel(time.time() + 59):
        assert store.get("a") == b"1"
    with time_machine.travel(time.time() + 61):
        assert store.get("a") is None
        store.set("large", bytes(BIG // 2), 60)
    assert list(values(folder)) == ["large"]


def test_the_oldest_go_first_and_the_file_shrinks(folder):
    with closing(BlobStore(folder, largest_bytes=100_000)) as store:
        for number in range(200):
            store.set(f"{number:03}", bytes(1_000), 60)
        kept = values(folder)
        assert 100_000 * 0.9 - 1_000 <= sum(kept.values()) <= 100_000 + 100_000 / 64 + 1_000
        assert list(kept) == [f"{number:03}" for number in range(200 - len(kept), 200)]
    assert (folder / FILE).stat().st_size < 250_000


def test_one_that_is_larger_than_all_may_be_is_not_kept(folder):
    with closing(BlobStore(folder, largest_bytes=1_000)) as store:
        store.set("a", bytes(2_000), 60)
        assert store.get("a") is None


@pytest.mark.parametrize("planted", [7, 0.5, "text"])
def test_what_is_no_bytes_is_nothing(store, folder, planted):
    store.set("a", b"1", 60)
    with closing(sqlite3.connect(folder / FILE)) as file, file:
        file.execute("UPDATE kept SET value = ?", (planted,))
    assert store.get("a") is None


def test_a_file_that_is_no_database_is_an_error_and_left_closed(folder):
    folder.mkdir(parents=True)
    (folder / FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        BlobStore(folder, largest_bytes=BIG)


def _write(folder, name):
    with closing(BlobStore(folder, largest_bytes=BIG)) as store:
        for number in range(100):
            store.set(f"{name}-{number}", name.encode(), 60)


def test_processes_write_side_by_side_and_lose_nothing(folder):
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_write, args=(folder, f"p{number}")) for number in range(3)]
    for each in writers:
        each.start()
    for each in writers:
        each.join(60)
    assert [each.exitcode for each in writers] == [0, 0, 0]
    assert len(values(folder)) == 300


def test_threads_share_one(store, folder):
    def write(name):
        for number in range(100):
            store.set(f"{name}-{number}", b"x", 60)
            assert store.get(f"{name}-{number}") == b"x"

    threads = [threading.Thread(target=write, args=(name,)) for name in "abc"]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(values(folder)) == 300
