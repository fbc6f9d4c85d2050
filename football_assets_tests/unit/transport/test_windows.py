"""A window counts a request from before it is sent until one window after its answer."""

from contextlib import closing

import pytest

from football_assets.transport import windows
from football_assets.transport.windows import Calls, Window

LENGTH_MS = 61_200
TRY_MS = 10_000


class Clock:
    def __init__(self):
        self.now_ms = 1_000_000

    def __call__(self):
        return self.now_ms


@pytest.fixture
def clock(monkeypatch):
    found = Clock()
    monkeypatch.setattr(windows, "now_ms", found)
    return found


def minute(calls, limit=2, *, by_arrival=True):
    return Window(calls, "calls_odds", limit, 60.0, f"{limit} a minute", longest_try_s=10.0, by_arrival=by_arrival)


@pytest.fixture
def calls(tmp_path):
    with closing(Calls(tmp_path / "limits.sqlite")) as found:
        yield found


def take(calls, window):
    """The number of a request that may go out; None when it may not."""
    entered = calls.take([window])
    return None if entered is None else entered[0][1]


def test_a_slow_answer_keeps_its_request_in_the_window(calls, clock):
    """Both leave at once; one is answered a whole window later, when the other's place is long free."""
    window = minute(calls)
    quick, slow = take(calls, window), take(calls, window)
    window.ended(quick, answered=True)
    clock.now_ms += 9_000
    window.ended(slow, answered=True)
    clock.now_ms += LENGTH_MS - 9_000 - 1
    assert take(calls, window) is None
    clock.now_ms += 1
    assert take(calls, window) is not None
    assert take(calls, window) is None, "the slow one arrived up to nine seconds later than it left"
    clock.now_ms += 9_000
    assert take(calls, window) is not None


def test_a_request_under_way_counts_however_long_it_takes(calls, clock):
    window = minute(calls, 1)
    call = take(calls, window)
    clock.now_ms += LENGTH_MS + TRY_MS
    assert take(calls, window) is None
    window.ended(call, answered=True)
    clock.now_ms += LENGTH_MS - 1
    assert take(calls, window) is None
    clock.now_ms += 1
    assert take(calls, window) is not None


def test_what_was_given_up_may_arrive_late_and_counts_longer(calls, clock):
    window = minute(calls, 1)
    window.ended(take(calls, window), answered=False)
    clock.now_ms += LENGTH_MS + TRY_MS - 1
    assert take(calls, window) is None
    clock.now_ms += 1
    assert take(calls, window) is not None


def test_a_process_that_died_leaves_its_requests_counted_until_they_cannot_matter(tmp_path, clock):
    with closing(Calls(tmp_path / "limits.sqlite")) as dead:
        assert take(dead, minute(dead, 1)) is not None
    with closing(Calls(tmp_path / "limits.sqlite")) as calls:
        window = minute(calls, 1)
        clock.now_ms += LENGTH_MS + 2 * TRY_MS - 1
        assert take(calls, window) is None
        clock.now_ms += 1
        assert take(calls, window) is not None


def test_our_own_manners_count_departures(calls, clock):
    window = minute(calls, 1, by_arrival=False)
    call = take(calls, window)
    clock.now_ms += 9_000
    window.ended(call, answered=True)
    clock.now_ms += LENGTH_MS - 9_000
    assert take(calls, window) is not None


def test_a_clock_that_is_put_back_holds_nothing_up_for_days(calls, clock):
    window = minute(calls, 1)
    window.ended(take(calls, window), answered=True)
    clock.now_ms -= 86_400_000
    assert take(calls, window) is None
    clock.now_ms += LENGTH_MS + 2 * TRY_MS
    assert take(calls, window) is not None


def test_one_full_window_takes_nothing_from_the_other(calls, clock):
    wide = minute(calls, 5)
    narrow = Window(calls, "calls_all", 1, 1.0, "1 a second", longest_try_s=10.0, by_arrival=False)
    assert calls.take([wide, narrow]) is not None
    assert calls.take([wide, narrow]) is None
    assert (wide.count(), narrow.count()) == (1, 1)


def test_two_processes_share_one_count(tmp_path, clock):
    with closing(Calls(tmp_path / "w.sqlite")) as first, closing(Calls(tmp_path / "w.sqlite")) as second:
        ours, theirs = minute(first), minute(second)
        call = take(first, ours)
        assert take(second, theirs) is not None
        assert take(first, ours) is None
        ours.ended(call, answered=True)
        clock.now_ms += LENGTH_MS
        assert take(second, theirs) is not None
        assert take(second, theirs) is None, "the one that is still under way counts in both"


@pytest.mark.parametrize("ahead", [0, 3, 4, 9])
def test_a_place_in_the_queue_tells_the_wait(calls, clock, ahead):
    """With a full window of four, each further four wait one more window."""
    window = minute(calls, 4)
    for _ in range(4):
        window.ended(take(calls, window), answered=True)
    assert window.wait_s(ahead) == pytest.approx(61.2 * (1 + ahead // 4))


def test_the_wait_behind_a_request_under_way_is_the_least_it_can_be(calls, clock):
    window = minute(calls)
    take(calls, window)
    assert (window.wait_s(), window.wait_s(1)) == (0, 61.2)
    clock.now_ms += 5_000
    assert window.wait_s(1) == 61.2


def test_requests_that_no_longer_count_are_cleared_away(calls, clock):
    window = minute(calls, 9)
    for _ in range(5):
        window.ended(take(calls, window), answered=True)
    clock.now_ms += LENGTH_MS
    take(calls, window)
    assert calls.database.execute("SELECT COUNT(*) FROM calls_odds").fetchone() == (1,)
