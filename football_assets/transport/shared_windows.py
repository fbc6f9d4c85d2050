"""The sliding windows of requests in a Redis, for workers on several machines: the same rules as in a file.

All machines go by the clock of the Redis. A window that is not there counts as full for as long as a request of before
could matter: a Redis that was emptied, or is new, never gives the provider's limit away twice. When the Redis does not
answer, no request under a limit goes out.
"""

import time
import uuid
from collections.abc import Sequence
from typing import Any

from football_assets.shared_state import PREFIX, redis_client, redis_failures

# A Redis that failed is left alone for so long: those who wait are told at once instead of one after another.
REST_S = 2.0

# A sorted set a window: member -> until when it counts, in ms. `since` keeps an empty window from vanishing.
_CLEAN = """
local function now_ms() local t = redis.call('TIME') return t[1] * 1000 + math.floor(t[2] / 1000) end
local function clean(key, now, limit, length, longest)
  if redis.call('EXISTS', key) == 0 then
    redis.call('ZADD', key, '+inf', 'since')
    -- A window after the latest arrival of what went out before.
    local ends = now + math.floor((length + longest) / 2)
    for n = 1, limit do redis.call('ZADD', key, ends, 'before:' .. n) end
  end
  redis.call('ZREMRANGEBYSCORE', key, '-inf', now)
  for _, far in ipairs(redis.call('ZRANGEBYSCORE', key, '(' .. (now + longest), '+inf')) do
    if far ~= 'since' then redis.call('ZADD', key, now + longest, far) end
  end
  return redis.call('ZCARD', key) - 1
end
"""
# KEYS: windows. ARGV: call, then for each window limit, length, longest and whether it counts from the answer.
_TAKE = (
    _CLEAN
    + """
local now = now_ms()
for n, key in ipairs(KEYS) do
  local at = 2 + (n - 1) * 4
  if clean(key, now, tonumber(ARGV[at]), tonumber(ARGV[at + 1]), tonumber(ARGV[at + 2])) >= tonumber(ARGV[at]) then
    return 0
  end
end
for n, key in ipairs(KEYS) do
  local at = 2 + (n - 1) * 4
  local waiting = ARGV[at + 3] == '1'
  redis.call('ZADD', key, now + ARGV[at + 2], (waiting and 'way:' or 'call:') .. ARGV[1])
end
return 1
"""
)
# ARGV: limit, length, longest, how many newer ones may stay. Gives the ms until the one in the way has left.
_WAIT = (
    _CLEAN
    + """
local now = now_ms()
clean(KEYS[1], now, tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
local found = {}
local all = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for n = 1, #all, 2 do
  if all[n] ~= 'since' then
    local until_ms = tonumber(all[n + 1])
    if string.sub(all[n], 1, 4) == 'way:' then until_ms = math.min(until_ms, now + ARGV[2]) end
    table.insert(found, until_ms)
  end
end
table.sort(found, function(a, b) return a > b end)
local wanted = found[tonumber(ARGV[4]) + 1]
return wanted and math.max(0, wanted - now) or 0
"""
)
# ARGV: limit, length, longest, the call, how long it goes on to count.
_ENDED = (
    _CLEAN
    + """
local now = now_ms()
clean(KEYS[1], now, tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))
redis.call('ZREM', KEYS[1], 'way:' .. ARGV[4])
redis.call('ZADD', KEYS[1], now + ARGV[5], 'call:' .. ARGV[4])
return 1
"""
)
_COUNT = _CLEAN + "return clean(KEYS[1], now_ms(), tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]))"


class CountsAway(Exception):
    """The Redis that holds the counts does not answer."""


class SharedCalls:
    """The requests of one service that still count, in a Redis that all workers reach.

    Args:
        url: The Redis.
        name: The service and the address it is asked at; what counts apart must not share it.
    """

    def __init__(self, url: str, name: str) -> None:
        self._url = url
        self._name = name
        self._rest_until = 0.0

    def key(self, table: str) -> str:
        """Where a window lies."""
        return f"{PREFIX}:limits:{self._name}:{table}"

    def take(self, windows: Sequence["SharedWindow"]) -> list[tuple["SharedWindow", str]] | None:
        """Enter one request into all windows; None, and into none, when one is full. Raises CountsAway."""
        call = uuid.uuid4().hex
        rules = [value for window in windows for value in window.rules()]
        if not self.ask(_TAKE, [window.key for window in windows], [call, *rules]):
            return None
        return [(window, call) for window in windows]

    def ask(self, script: str, keys: Sequence[str], values: Sequence[Any]) -> int:
        """Run a script whole. Raises CountsAway when the Redis does not answer."""
        if time.monotonic() < self._rest_until:
            raise CountsAway("it did not answer just now")
        try:
            return int(redis_client(self._url).eval(script, len(keys), *keys, *values))
        except redis_failures() as error:
            self._rest_until = time.monotonic() + REST_S
            raise CountsAway(type(error).__name__) from None

    def close(self) -> None:
        """Nothing is held open for one transport alone."""


class SharedWindow:
    """At most `limit` requests in any `length_ms`, counted by all workers together."""

    def __init__(
        self, calls: SharedCalls, table: str, limit: int, words: str, *, length_ms: int, late_ms: int, by_arrival: bool
    ) -> None:
        self.words = words
        self.limit = limit
        self.length_ms = length_ms
        self.key = calls.key(table)
        self._calls = calls
        self._by_arrival = by_arrival
        self._late_ms = late_ms
        self._longest_ms = length_ms + (2 * late_ms if by_arrival else 0)

    def rules(self) -> list[int]:
        """What the scripts have to know of it."""
        return [self.limit, self.length_ms, self._longest_ms, int(self._by_arrival)]

    def wait_s(self, ahead: int = 0) -> float:
        """Seconds until there is room, at the least, when `ahead` others come first. Raises CountsAway."""
        rounds, place = divmod(ahead, self.limit)
        newer = self.limit - 1 - place
        wait_ms = self._calls.ask(_WAIT, [self.key], [*self.rules()[:3], newer])
        return (rounds * self.length_ms + wait_ms) / 1000

    def count(self) -> int:
        """How many requests are in the window. Raises CountsAway."""
        return self._calls.ask(_COUNT, [self.key], self.rules()[:3])

    def ended(self, call: str, *, answered: bool) -> None:
        """A request is over: from here it counts for one window more. Raises CountsAway."""
        if self._by_arrival:
            keep_ms = self.length_ms + (0 if answered else self._late_ms)
            self._calls.ask(_ENDED, [self.key], [*self.rules()[:3], call, keep_ms])
