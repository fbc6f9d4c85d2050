"""One request for all who ask the same at the same time."""

import asyncio

import pytest

from football_assets.transport.coalescing import FlightLost, Flights


class Asked:
    """Counts how often it was begun; ends when told."""

    def __init__(self):
        self.times = 0
        self.cancelled = 0
        self.go = asyncio.Event()

    async def __call__(self):
        self.times += 1
        try:
            await self.go.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.times


async def waiting(flights, asked, count, key="k"):
    tasks = [asyncio.create_task(flights.join(key, asked)) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_a_hundred_callers_are_one_request():
    flights, asked = Flights(), Asked()
    tasks = await waiting(flights, asked, 100)
    asked.go.set()
    results = await asyncio.gather(*tasks)
    assert asked.times == 1
    assert [joined for _, joined in results] == [False] + [True] * 99


async def test_who_asks_after_the_landing_asks_anew():
    flights, asked = Flights(), Asked()
    asked.go.set()
    assert [await flights.join("k", asked), await flights.join("k", asked)] == [(1, False), (2, False)]


@pytest.mark.parametrize("gone", [0, 1], ids=["the one who began", "one who joined"])
async def test_cancelling_one_waiter_leaves_the_others_waiting(gone):
    flights, asked = Flights(), Asked()
    tasks = await waiting(flights, asked, 3)
    tasks.pop(gone).cancel()
    await asyncio.sleep(0)
    asked.go.set()
    assert [result for result, _ in await asyncio.gather(*tasks)] == [1, 1]


async def test_the_request_ends_when_nobody_waits_any_more():
    flights, asked = Flights(), Asked()
    tasks = await waiting(flights, asked, 2)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    (late,) = await waiting(flights, asked, 1)
    asked.go.set()
    assert (await late) == (2, False)
    assert asked.cancelled == 1


async def test_closing_gives_every_waiter_an_error_and_no_hang():
    flights, asked = Flights(), Asked()
    tasks = await waiting(flights, asked, 3)
    await flights.close()
    results = await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), 1)
    assert [type(result) for result in results] == [FlightLost] * 3
    assert asked.cancelled == 1


async def test_a_bug_in_the_request_reaches_every_waiter():
    async def broken():
        await asyncio.sleep(0)
        raise KeyError("bug")

    flights = Flights()
    tasks = await waiting(flights, broken, 3)
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [KeyError] * 3
