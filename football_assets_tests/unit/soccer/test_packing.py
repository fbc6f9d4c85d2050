import pyarrow as pa
import pytest

from football_assets.soccer.packing import packed, packed_table, unpacked, unpacked_table


def test_a_table_packed_and_unpacked_is_the_same():
    given = pa.table({"name": ["IFK", None, "HJK"], "score": pa.array([1, None, 3], pa.int64())})
    assert unpacked_table(packed_table(given)).equals(given)


def test_changes_packed_and_unpacked_are_the_same():
    given = {"flattened_matches": {"m1": {"home_score": 2, "weather": None, "odds": 1.95, "name": "Malmö"}, "m2": None}}
    assert unpacked(packed(given)) == given


def test_damaged_bytes_are_no_table():
    blob = bytearray(packed_table(pa.table({"n": list(range(1000))})))
    blob[len(blob) // 2 :] = bytes(len(blob) // 2)
    with pytest.raises((OSError, pa.ArrowException)):
        unpacked_table(bytes(blob))
