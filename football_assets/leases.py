"""Who may do what only one may do: a lease that its owner renews, held in a file or, for several machines, in a Redis.

A file's lock is freed by the system when its holder ends. In a Redis the owner renews its lease every quarter of its
length, and everybody goes by the clock of the Redis. An owner counts itself out a margin before others count it out,
by a clock that runs on while it is stopped: it asks `still()` before it acts, so one that was paused or cut off finds
that it has lost. Each owner has a number, higher than that of any before it (the fence).
"""

import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol

from football_assets.shared_state import PREFIX, redis_client, redis_failures

LONGEST_S = 10.0
MARGIN = 0.2
RENEWALS = 4

# KEYS: the lease, a hash without a time to live. ARGV: who asks, for how many ms, the fence it still holds or 0, the
# longest length of any lease. Gives the fence, or 0. A lease that is not there was forgotten: its owner gets it back,
# anybody else waits until no owner of before can think that it still has it.
_HOLD = """
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local owner, ends, fence = unpack(redis.call('HMGET', KEYS[1], 'owner', 'until', 'fence'))
local mine, longest = tonumber(ARGV[3]), tonumber(ARGV[4])
if not owner then
  if mine == 0 then
    redis.call('HSET', KEYS[1], 'owner', 'forgotten', 'until', now + longest, 'fence', '0')
    return 0
  end
  fence = mine
elseif owner ~= ARGV[1] then
  if tonumber(ends) > now + longest then
    redis.call('HSET', KEYS[1], 'until', now + longest)
    return 0
  end
  if owner ~= '' and tonumber(ends) > now then return 0 end
  fence = math.max(tonumber(fence) + 1, now)
end
redis.call('HSET', KEYS[1], 'owner', ARGV[1], 'until', now + ARGV[2], 'fence', string.format('%.0f', fence))
return tonumber(fence)
"""
_RELEASE = (
    "if redis.call('HGET', KEYS[1], 'owner') == ARGV[1] then redis.call('HSET', KEYS[1], 'owner', '') end return 1"
)


class Held(Protocol):
    """A lease in hand."""

    fence: int

    def still(self) -> bool:
        """Whether it is held at this moment."""


class FileHeld:
    """A lock of the file system, which only the end of its holder takes away."""

    fence = 0

    def still(self) -> bool:
        """Always: who holds a file's lock keeps it."""
        return True


class SharedLease:
    """One candidate for a lease in a Redis."""

    def __init__(self, url: str, name: str, length_s: float) -> None:
        self.fence = 0
        self.length_s = length_s
        self._url = url
        self._key = f"{PREFIX}:lease:{name}"
        self._me = uuid.uuid4().hex
        self._holds_until = -math.inf

    def hold(self) -> bool:
        """Take or renew it; whether it is held. A Redis that does not answer renews nothing."""
        asked_at = time.monotonic()
        mine = self.fence if self.still() else 0
        asked = (self._key, self._me, round(1000 * self.length_s), mine, round(1000 * LONGEST_S))
        try:
            self.fence = int(redis_client(self._url).eval(_HOLD, 1, *asked))
        except redis_failures():
            return self.still()
        self._holds_until = asked_at + self.length_s * (1 - MARGIN) if self.fence else -math.inf
        return self.still()

    def still(self) -> bool:
        """Whether it is held at this moment, by our own clock and with a margin."""
        return time.monotonic() < self._holds_until

    def release(self) -> None:
        """Give it back, so that nobody has to wait for its end."""
        self._holds_until = -math.inf
        with suppress(*redis_failures()):
            redis_client(self._url).eval(_RELEASE, 1, self._key, self._me)


@contextmanager
def held(lease: SharedLease, lost: Callable[[], None] = lambda: None) -> Iterator[bool]:
    """Hold a lease for the length of the block, renewed by a thread; whether it was free. `lost` hears of its loss."""
    if not lease.hold():
        yield False
        return
    ended = threading.Event()

    def renew() -> None:
        while not ended.wait(lease.length_s / RENEWALS):
            if not lease.hold() and not ended.is_set():
                lost()
                return

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield True
    finally:
        ended.set()
        thread.join(2)
        lease.release()


@contextmanager
def live_lease(shared_url: str | None, name: str, length_s: float, file: Path) -> Iterator[Held | None]:
    """The lease `name`, in the Redis where there is one, else as the lock of `file`; None when another has it."""
    if shared_url is not None:
        lease = SharedLease(shared_url, name, length_s)
        with held(lease) as is_ours:
            yield lease if is_ours else None
        return
    from filelock import FileLock, Timeout

    file.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(file, thread_local=False)
    try:
        lock.acquire(blocking=False)
    except Timeout:
        yield None
        return
    try:
        yield FileHeld()
    finally:
        lock.release()
