"""A file that is written whole, and what a killed writer of it leaves."""

import os
import time

import pytest

from football_assets.whole_files import ABANDONED_S, whole, write_among, write_whole


def old(path):
    long_ago = time.time() - 60 * ABANDONED_S
    os.utime(path, (long_ago, long_ago))


def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path):
    left, others = tmp_path / ".table.parquet.x8q.part", tmp_path / ".other.parquet.x8q.part"
    for path in (left, others):
        path.write_bytes(b"half")
        old(path)
    write_whole(tmp_path / "table.parquet", "whole")
    assert not left.exists()
    assert others.exists(), "the file of another table is none of ours"


def test_a_file_that_somebody_is_writing_or_just_made_stays(tmp_path):
    target = tmp_path / "table.parquet"
    with whole(target) as slow:
        old(slow)
        write_whole(target, "of another writer")
        assert slow.exists()
        slow.write_text("of the slow one", encoding="utf-8")
    assert target.read_text(encoding="utf-8") == "of the slow one"
    young = tmp_path / ".table.parquet.new.part"
    young.touch()
    write_whole(target, "whole")
    assert young.exists()


def test_a_write_that_breaks_leaves_nothing(tmp_path):
    with pytest.raises(ZeroDivisionError), whole(tmp_path / "a") as beside:
        beside.write_text("half", encoding="utf-8")
        raise ZeroDivisionError
    assert list(tmp_path.iterdir()) == []


def test_the_newest_files_of_a_kind_are_kept_and_no_other_is_touched(tmp_path):
    other = tmp_path / "b-1.json"
    other.touch()
    old(other)
    for number in range(4):
        write_among(tmp_path / f"a-{number}.json", b"{}", "a-*.json", 2)
        os.utime(tmp_path / f"a-{number}.json", ns=(0, 10 - number))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-0.json", "a-3.json", "b-1.json"]
