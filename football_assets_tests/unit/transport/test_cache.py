"""What an entry is, under which key it lies, and how much memory keeps."""

import json
from datetime import UTC, datetime

import pytest
import time_machine

from football_assets.transport import CachePolicy, TransportStats
from football_assets.transport import cache as cache_module
from football_assets.transport.cache import Cache, Kept, cache_key, kept_reading

NOON = datetime(2024, 10, 5, 12, tzinfo=UTC)
DAY = CachePolicy(fresh_s=86_400, stale_s=0)


def reading(raw=b'{"a": 1}', policy=DAY):
    return kept_reading(raw, NOON, {"x-football-source": "recorded"}, policy)


def test_an_entry_survives_packing_whatever_its_body():
    kept = reading(b'{\n "a": "\xc3\xa4\\n"\n}\n')
    assert Kept.unpacked(kept.packed()) == kept
    assert json.loads(kept.raw) == {"a": "ä\n"}


@pytest.mark.parametrize(
    ("policy", "kept_s"), [(DAY, 86_400), (CachePolicy(60, 600), 600), (CachePolicy(float("inf"), 0), 315_360_000)]
)
def test_an_entry_is_kept_as_long_as_its_policy_can_use_it(policy, kept_s):
    with time_machine.travel(NOON, tick=False) as clock:
        packed = reading(policy=policy).packed()
        clock.shift(kept_s - 1)
        assert Kept.unpacked(packed).age_s == kept_s - 1
        clock.shift(1)
        assert Kept.unpacked(packed) is None


def test_every_part_of_the_question_is_in_the_key():
    def key(*world, path="team/list", **params):
        return cache_key(*world, path=path, params=params)

    keys = {
        key("TheSports", "http://a", "real"),
        key("TheSports", "http://a", "simulated"),
        key("TheSports", "http://b", "real"),
        key("TheSports", "http://a", "real", path="team"),
        key("TheSports", "http://a", "real", page="1"),
        key("TheSports", "http://a", "real", page="2"),
        key("TheSports", "http://a", "real", uuid="1"),
    }
    assert len(keys) == 7
    assert key("x", page="1", uuid="2") == key("x", uuid="2", page="1")


async def test_memory_forgets_what_was_not_used_for_longest(monkeypatch):
    monkeypatch.setattr(cache_module, "MEMORY_ENTRIES", 3)
    cache = Cache(None, None, TransportStats())
    for key in "abc":
        await cache.read(key, 60)
        await cache.write(key, reading())
    await cache.read("a", 60)
    await cache.write("d", reading())
    assert [bool(await cache.read(key, 60)) for key in "abcd"] == [True, False, True, True]


async def test_a_fresher_entry_of_another_process_wins_over_a_stale_one_in_memory(tmp_path):
    """Two caches on one folder, as two processes have them."""
    with time_machine.travel(NOON, tick=False) as clock:
        mine, theirs = (Cache(tmp_path, None, TransportStats()) for _ in range(2))
        assert await mine.read("k", 60) is None
        await mine.write("k", reading(b"1"))
        clock.shift(61)
        assert (await theirs.read("k", 60)).raw == b"1"
        await theirs.write("k", reading(b"2"))
        assert (await mine.read("k", 60)).raw == b"2"
        await mine.close()
        await theirs.close()
