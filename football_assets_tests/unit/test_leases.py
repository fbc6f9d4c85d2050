"""A lease has one owner: whoever was paused, cut off or forgotten finds out before another can have it."""

import fakeredis
import pytest
import redis

from football_assets import leases
from football_assets.leases import LONGEST_S, FileHeld, SharedLease, held, live_lease

LENGTH_S = 6.0


class Clock:
    """One clock for the Redis and the process; `monotonic` is what the module asks."""

    def __init__(self):
        self.now_s = 1_000_000.0

    def monotonic(self):
        return self.now_s


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(leases.time, "monotonic", found.monotonic)
    return found


@pytest.fixture
def server(monkeypatch, clock):
    made = fakeredis.FakeRedis()
    evaluate = made.eval

    def at_our_time(script, *rest):
        now = f"local t = {{'{int(clock.now_s)}', '{round(1e6 * (clock.now_s % 1))}'}}"
        return evaluate(script.replace("local t = redis.call('TIME')", now), *rest)

    made.eval = at_our_time
    monkeypatch.setattr(leases, "redis_client", lambda _url: made)
    return made


def lease():
    return SharedLease("redis://nowhere", "live-loop", LENGTH_S)


@pytest.fixture
def two(server, clock):
    """An owner, and one that waits; the Redis has been there for a while."""
    one, other = lease(), lease()
    assert not one.hold(), "nobody knows who had it before"
    clock.now_s += LONGEST_S
    assert one.hold() and not other.hold()
    return one, other


def test_an_owner_that_ends_is_followed_after_its_lease(two, clock):
    one, other = two
    clock.now_s += LENGTH_S - 0.1
    assert not other.hold()
    clock.now_s += 0.2
    assert other.hold() and other.fence > one.fence
    assert not one.still() and not one.hold()


def test_an_owner_that_renews_keeps_it(two, clock):
    one, other = two
    first = one.fence
    for _ in range(20):
        clock.now_s += LENGTH_S / 4
        assert one.hold() and not other.hold()
    assert one.fence == first


def test_a_paused_owner_counts_itself_out_before_others_can_have_it(two, clock):
    one, other = two
    moments = []
    for _ in range(80):
        clock.now_s += 0.1
        moments.append((one.still(), other.hold()))
    assert (True, True) not in moments
    assert moments[0] == (True, False) and moments[-1] == (False, True)


def test_a_redis_that_forgot_gives_it_back_to_its_owner_only(two, server, clock):
    one, other = two
    server.flushall()
    assert not other.hold(), "the owner of before may still be at it"
    assert not one.hold(), "and it finds another's claim"
    clock.now_s += LONGEST_S
    assert not one.still()
    assert other.hold() and not one.hold()


def test_an_owner_that_asks_first_after_the_loss_stays_the_owner(two, server, clock):
    one, other = two
    first = one.fence
    server.flushall()
    assert one.hold() and one.fence == first
    assert not other.hold()
    clock.now_s += LENGTH_S + 0.1
    assert other.hold() and other.fence > first


def test_while_the_redis_is_away_the_owner_goes_on_for_the_rest_of_its_lease_only(two, server, clock, monkeypatch):
    one, other = two

    def away(*_):
        raise redis.ConnectionError

    monkeypatch.setattr(server, "eval", away)
    assert one.hold() and not other.hold()
    clock.now_s += LENGTH_S * 0.8
    assert not one.hold() and not other.hold()


def test_given_back_it_is_free_at_once(two):
    one, other = two
    one.release()
    assert not one.still() and other.hold()


def test_a_clock_of_the_redis_that_was_put_back_does_not_lock_everybody_out(two, clock):
    _, other = two
    clock.now_s -= 86_400
    assert not other.hold()
    clock.now_s += LONGEST_S + 0.1
    assert other.hold()


def test_who_loses_it_inside_the_block_is_told(server, monkeypatch):
    """By the real clock of this process, with a lease so short that the thread renews it at once."""
    monkeypatch.undo()
    real = fakeredis.FakeRedis()
    monkeypatch.setattr(leases, "redis_client", lambda _url: real)
    monkeypatch.setattr(leases, "LONGEST_S", 0.01)
    mine = SharedLease("redis://nowhere", "x", 0.2)
    mine.hold()
    while not mine.hold():
        pass
    import threading

    told = threading.Event()
    with held(mine, told.set) as is_ours:
        assert is_ours
        real.hset("football:lease:x", mapping={"owner": "another", "until": 10**14})
        assert told.wait(10)
        assert not mine.still()


def test_on_one_machine_it_is_a_lock_of_a_file(tmp_path):
    file = tmp_path / "folder" / "lease.lock"
    with live_lease(None, "fast-lane", LENGTH_S, file) as first:
        assert isinstance(first, FileHeld) and first.still()
        with live_lease(None, "fast-lane", LENGTH_S, file) as second:
            assert second is None
    with live_lease(None, "fast-lane", LENGTH_S, file) as third:
        assert third is not None
