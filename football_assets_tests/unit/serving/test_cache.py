"""Answers are kept by key, counted exactly, made once for many, and given up in order."""

import asyncio

import pytest

from football_assets.serving.cache import AnswerCache


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def builder(body=b"x", *, calls=None, error=None):
    async def build():
        if calls is not None:
            calls.append(body)
        await asyncio.sleep(0)
        if error is not None:
            raise error
        return body

    return build


async def test_a_second_read_is_a_hit_until_the_class_is_too_old(clock):
    cache, calls = AnswerCache(None, clock=clock), []
    for age_s, there in ((0, False), (9.9, True), (0.2, False)):
        clock.now += age_s
        assert await cache.get("live", "soccer", "k", builder(calls=calls)) == (b"x", there)
    assert len(calls) == 2
    told = cache.about()
    assert (told["hits"], told["misses"], told["expired"], told["reads"]) == (1, 2, 1, 3)
    assert told["by_class"]["live"]["hits"] == 1


async def test_a_hundred_who_ask_at_once_wait_for_one_build(clock):
    cache, calls = AnswerCache(None, clock=clock), []
    found = await asyncio.gather(*(cache.get("live", "soccer", "k", builder(calls=calls)) for _ in range(100)))
    assert len(calls) == 1
    assert {body for body, _ in found} == {b"x"}
    assert (cache.about()["misses"], cache.about()["coalesced"]) == (1, 99)


async def test_a_build_that_fails_fails_all_who_wait_and_is_not_kept(clock):
    cache = AnswerCache(None, clock=clock)
    asked = [cache.get("live", "soccer", "k", builder(error=ValueError("no"))) for _ in range(3)]
    assert [type(each) for each in await asyncio.gather(*asked, return_exceptions=True)] == [ValueError] * 3
    assert await cache.get("live", "soccer", "k", builder()) == (b"x", False)


async def test_a_client_that_leaves_does_not_take_the_answer_from_the_others(clock):
    cache, gate = AnswerCache(None, clock=clock), asyncio.Event()

    async def build():
        await gate.wait()
        return b"x"

    first = asyncio.create_task(cache.get("live", "soccer", "k", build))
    await asyncio.sleep(0)
    second = asyncio.create_task(cache.get("live", "soccer", "k", build))
    await asyncio.sleep(0)
    first.cancel()
    gate.set()
    assert await second == (b"x", True)


async def test_the_least_used_answer_leaves_first(clock):
    cache = AnswerCache(None, entries=2, clock=clock)
    for key in ("a", "b", "a", "c"):
        await cache.get("ids", "ncaa", key, builder())
    assert (await cache.get("ids", "ncaa", "a", builder()))[1]
    assert not (await cache.get("ids", "ncaa", "b", builder()))[1]
    assert cache.about()["evicted"] == 2


async def test_a_publication_frees_the_answers_of_its_pipeline_only(clock):
    cache = AnswerCache(None, clock=clock)
    await cache.get("live", "soccer", "s", builder())
    await cache.get("ids", "ncaa", "n", builder())
    cache.forget("soccer")
    assert (cache.about()["entries"], cache.about()["invalidated"]) == (1, 1)
    assert (await cache.get("ids", "ncaa", "n", builder()))[1]


async def test_redis_that_is_not_there_changes_no_answer(clock):
    cache = AnswerCache("redis://127.0.0.1:1/0", clock=clock)
    assert await cache.get("live", "soccer", "k", builder()) == (b"x", False)
    assert cache.about()["redis"] == "away"
    assert await cache.get("live", "soccer", "k", builder()) == (b"x", True)
    await cache.close()
