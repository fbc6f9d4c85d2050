"""The windows that machines share: the rules of the file, in a Redis that may be away or have forgotten everything."""

import asyncio
from contextlib import closing

import fakeredis
import pytest
import redis

from football_assets.transport import TransportStats, limits, shared_windows
from football_assets.transport.limits import Gate
from football_assets.transport.shared_windows import CountsAway, SharedCalls, SharedWindow
from football_assets.transport.windows import margin_ms
from football_assets_tests.unit.transport.test_limits import WINDOW_S, busiest, pass_through, service

LIMIT = 3


@pytest.fixture
def server(monkeypatch):
    made = fakeredis.FakeRedis()
    monkeypatch.setattr(shared_windows, "redis_client", lambda _url: made)
    return made


@pytest.fixture
def calls(server):
    return SharedCalls("redis://nowhere", "x:host")


def window(calls, *, limit=LIMIT, length_ms=60_000, late_ms=10_000, by_arrival=True):
    return SharedWindow(calls, "calls_odds", limit, "some", length_ms=length_ms, late_ms=late_ms, by_arrival=by_arrival)


def forget_before(server, calls):
    """As if the window had been there for long and were empty now."""
    server.zadd(calls.key("calls_odds"), {"since": "+inf"})


def taken(calls, each):
    entered = calls.take([each])
    return None if entered is None else entered[0][1]


def test_a_window_holds_its_limit_and_one_under_way_counts_until_its_answer(server, calls):
    odds = window(calls)
    forget_before(server, calls)
    found = [taken(calls, odds) for _ in range(LIMIT + 1)]
    assert found[LIMIT] is None and len(set(found[:LIMIT])) == LIMIT
    assert odds.count() == LIMIT
    assert 59 < odds.wait_s() <= 60, "one answered now leaves a whole length later"
    odds.ended(found[0], answered=True)
    left = server.zscore(odds.key, f"call:{found[0]}") - server.zscore(odds.key, f"way:{found[1]}")
    assert -20_100 < left < -19_900, "who was answered leaves earlier than who may still be under way"
    assert odds.wait_s(LIMIT) >= 60


def test_a_window_that_is_not_there_counts_as_full(server, calls):
    odds = window(calls)
    assert taken(calls, odds) is None
    assert odds.count() == LIMIT
    server.delete(odds.key)  # as after a restart, or under memory pressure
    odds.ended("some call of before", answered=True)
    assert taken(calls, odds) is None, "an answer that comes after it was emptied opens nothing"


def test_nothing_is_spent_when_one_of_two_windows_is_full(server, calls):
    odds, every = (
        window(calls),
        SharedWindow(calls, "calls_all_paths", 1, "all", length_ms=1_000, late_ms=0, by_arrival=False),
    )
    forget_before(server, calls)
    server.zadd(every.key, {"since": "+inf"})
    assert calls.take([odds, every]) is not None
    assert calls.take([odds, every]) is None
    assert (odds.count(), every.count()) == (1, 1)


def test_a_clock_that_was_put_back_keeps_nobody_waiting_for_days(server, calls):
    odds = window(calls)
    forget_before(server, calls)
    server.zadd(odds.key, {"way:later": 10**14})
    assert odds.count() == 1
    assert server.zscore(odds.key, "way:later") < 10**14


async def test_two_machines_together_stay_within_the_limit(server, monkeypatch):
    monkeypatch.setattr(limits, "MINUTE_S", WINDOW_S)
    stamps: list[float] = []
    made = [SharedCalls("redis://nowhere", "x:host") for _ in range(2)]
    server.zadd(made[0].key("calls_odds"), {"since": "+inf"})
    with (
        closing(Gate("x", service(), TransportStats(), None, made[0])) as one,
        closing(Gate("x", service(), TransportStats(), None, made[1])) as other,
    ):
        await asyncio.gather(*(pass_through(gate, "odds", stamps) for gate in (one, other) * 5))
    assert len(stamps) == 10
    assert busiest(stamps, WINDOW_S) == 4


async def test_while_the_redis_is_away_nothing_under_a_limit_goes_out(monkeypatch):
    class Away:
        asked = 0

        def eval(self, *_):
            self.asked += 1
            raise redis.ConnectionError("refused by redis://user:password@host")

    away = Away()
    monkeypatch.setattr(shared_windows, "redis_client", lambda _url: away)
    stamps: list[float] = []
    with closing(Gate("x", service(), TransportStats(), None, SharedCalls("redis://nowhere", "x:host"))) as gate:
        problems = [await pass_through(gate, "odds", stamps) for _ in range(3)]
        assert await pass_through(gate, "live", stamps) is None
    assert len(stamps) == 1
    assert {str(each.happened) for each in problems} == {
        "the shared counts of requests cannot be reached (ConnectionError)",
        "the shared counts of requests cannot be reached (it did not answer just now)",
    }
    assert not any(each.asked for each in problems) and away.asked == 1
    with pytest.raises(CountsAway):
        window(SharedCalls("redis://nowhere", "y")).count()


def test_the_lengths_are_those_of_the_file():
    assert margin_ms(60) == 61_200
