"""Sliding windows and connections, in memory and in a file."""

import asyncio
import sqlite3
import time
from contextlib import AsyncExitStack, closing

import pytest

from football_assets.errors import StorageError
from football_assets.sections import Service
from football_assets.transport import TransportStats, limits
from football_assets.transport.limits import Gate
from football_assets.transport.problems import not_asked

WINDOW_S = 0.4


@pytest.fixture(autouse=True)
def short_minutes(monkeypatch):
    monkeypatch.setattr(limits, "MINUTE_S", WINDOW_S)


@pytest.fixture(params=["memory", "file"])
def folder(request, tmp_path):
    return tmp_path / "cache" if request.param == "file" else None


def service(**changes):
    return Service(**{"connections": 50, "timeout_s": 5, "per_minute_by_path": {"odds": 4}} | changes)


def never():
    return None


def busiest(stamps, window_s):
    """The most stamps inside any window of that length."""
    return max(sum(start <= stamp < start + window_s for stamp in stamps) for start in stamps)


async def pass_through(gate, path, stamps, time_left_s=60.0):
    async with gate.slot(path, time_left_s, never) as turn:
        if turn.problem is None:
            stamps.append(time.monotonic())
            turn.answered = True
        return turn.problem


async def test_no_window_ever_holds_more_than_the_limit(folder):
    stamps: list[float] = []
    stats = TransportStats()
    with closing(Gate("x", service(), stats, folder)) as gate:
        await asyncio.gather(*(pass_through(gate, "odds", stamps) for _ in range(11)))
    assert len(stamps) == 11
    assert busiest(stamps, WINDOW_S) == 4
    assert stats.waited_for_limits_s > WINDOW_S


async def test_other_paths_do_not_wait(folder):
    odds: list[float] = []
    others: list[float] = []
    with closing(Gate("x", service(connections=3), TransportStats(), folder)) as gate:
        waiting = [asyncio.create_task(pass_through(gate, "odds", odds)) for _ in range(8)]
        await asyncio.gather(*(pass_through(gate, "live", others) for _ in range(20)))
        assert len(others) == 20 and len(odds) <= 4
        await asyncio.gather(*waiting)


async def test_a_limit_of_the_service_and_one_of_a_path_hold_together(monkeypatch, folder):
    monkeypatch.setattr(limits, "SECOND_S", 0.2)
    odds: list[float] = []
    others: list[float] = []
    both = service(per_second=3)
    with closing(Gate("x", both, TransportStats(), folder)) as gate:
        calls = [pass_through(gate, "odds", odds) for _ in range(6)]
        await asyncio.gather(*calls, *(pass_through(gate, "live", others) for _ in range(6)))
    assert (len(odds), len(others)) == (6, 6)
    assert busiest(odds, WINDOW_S) <= 4
    assert busiest(odds + others, 0.2) <= 3


async def test_waiting_for_the_service_spends_no_room_of_the_path(monkeypatch, folder):
    monkeypatch.setattr(limits, "SECOND_S", 0.1)
    stamps: list[float] = []
    with closing(Gate("x", service(per_second=1), TransportStats(), folder)) as gate:
        await asyncio.gather(*(pass_through(gate, "odds", stamps) for _ in range(3)))
        assert gate._by_path["odds"].count() == 3


async def test_who_cannot_make_the_deadline_is_told_at_once(folder):
    """Two windows fit before the deadline: the ninth and later callers fail while the fifth to eighth still wait."""
    stamps: list[float] = []
    with closing(Gate("x", service(), TransportStats(), folder)) as gate:
        calls = [asyncio.create_task(pass_through(gate, "odds", stamps, WINDOW_S * 1.6)) for _ in range(10)]
        done, waiting = await asyncio.wait(calls, return_when=asyncio.ALL_COMPLETED, timeout=WINDOW_S / 2)
        refused = [problem for task in done if (problem := task.result())]
        assert [problem.happened for problem in refused] == [
            "the limit of 4 a minute on odds leaves no room before the deadline"
        ] * 2
        assert len(waiting) == 4
        await asyncio.gather(*waiting)
    assert len(stamps) == 8


async def test_a_cancelled_waiter_takes_no_room(folder):
    stamps: list[float] = []
    with closing(Gate("x", service(), TransportStats(), folder)) as gate:
        await asyncio.gather(*(pass_through(gate, "odds", stamps) for _ in range(4)))
        waiters = [asyncio.create_task(pass_through(gate, "odds", stamps)) for _ in range(3)]
        await asyncio.sleep(0.02)
        for waiter in waiters:
            waiter.cancel()
        await asyncio.gather(*waiters, return_exceptions=True)
        await asyncio.sleep(WINDOW_S * 1.3)
        await asyncio.wait_for(asyncio.gather(*(pass_through(gate, "odds", stamps) for _ in range(4))), WINDOW_S / 2)
    assert len(stamps) == 8


async def test_no_more_connections_than_the_service_has():
    with closing(Gate("x", service(connections=2), TransportStats(), None)) as gate:
        async with AsyncExitStack() as held:
            for _ in range(2):
                await held.enter_async_context(gate.slot("live", 60, never))
            third = asyncio.create_task(pass_through(gate, "live", []))
            await asyncio.sleep(0.02)
            assert not third.done()
        assert await third is None


async def test_a_refusal_spends_neither_connection_nor_room(folder):
    stamps: list[float] = []
    with closing(Gate("x", service(connections=1), TransportStats(), folder)) as gate:
        for _ in range(9):
            async with gate.slot("odds", 60, lambda: not_asked("the breaker is open")) as turn:
                assert turn.problem.happened == "the breaker is open"
        await asyncio.wait_for(asyncio.gather(*(pass_through(gate, "odds", stamps) for _ in range(4))), WINDOW_S / 2)


async def test_who_waits_for_room_leaves_when_asking_becomes_pointless():
    answers = iter([None] * 6)
    with closing(Gate("x", service(), TransportStats(), None)) as gate:
        for _ in range(4):
            await pass_through(gate, "odds", [])
        async with gate.slot("odds", 60, lambda: next(answers, not_asked("it opened meanwhile"))) as turn:
            while turn.problem is None:
                async with gate.slot("odds", 60, lambda: next(answers, not_asked("it opened meanwhile"))) as turn:
                    pass
        assert turn.problem.happened == "it opened meanwhile"


async def test_the_window_holds_across_two_processes_on_one_file(tmp_path):
    """Two gates share nothing but the file, as two processes do."""
    stamps: list[float] = []
    with (
        closing(Gate("x", service(), TransportStats(), tmp_path)) as first,
        closing(Gate("x", service(), TransportStats(), tmp_path)) as second,
    ):
        both = [pass_through(gate, "odds", stamps) for gate in (first, second) * 4]
        await asyncio.gather(*both)
    assert busiest(stamps, WINDOW_S) == 4
    with closing(Gate("x", service(), TransportStats(), tmp_path)) as next_process:
        problem = await pass_through(next_process, "odds", stamps, time_left_s=0.05)
    assert "leaves no room" in problem.happened


async def test_a_damaged_file_stops_requests_instead_of_the_limit(tmp_path):
    (tmp_path / "limits-x.sqlite").write_bytes(b"not a database, long enough to be looked at" * 50)
    with pytest.raises(StorageError, match=r"limits-x\.sqlite.*remove it: the counts then start afresh"):
        Gate("x", service(), TransportStats(), tmp_path)


async def test_a_file_that_breaks_on_the_way_frees_the_connection(tmp_path):
    with closing(Gate("x", service(connections=1), TransportStats(), tmp_path)) as gate:
        connection = sqlite3.connect(tmp_path / "limits-x.sqlite")
        connection.execute("DROP TABLE calls_odds")
        connection.commit()
        connection.close()
        with pytest.raises(StorageError):
            await pass_through(gate, "odds", [])
        assert await asyncio.wait_for(pass_through(gate, "live", []), 1) is None
