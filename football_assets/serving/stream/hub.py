"""The hub: the latest value of every key, the messages of the last ten minutes, and who wants which of them.

One event loop uses it. A value enters by `replace` (all keys of a channel as they are now) or `merge` (some keys).
"""

import time
import uuid
from collections import OrderedDict, deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from football_assets.config import now_utc
from football_assets.serving.stream.channels import CHANNELS, Channel
from football_assets.serving.stream.messages import Kind, Message, Written
from football_assets.serving.stream.outbox import Outbox, Overflow

REPLAY_S = 600.0
# A process that serves for months has seen every match there was: how long the count of a key that left is kept.
GONE_S = 86_400.0
Value = dict[str, Any]


class SnapshotRequired(Exception):
    """What was missed is no longer kept: the client needs the values anew."""


@dataclass(frozen=True)
class Wish:
    """What a client wants of a channel: some keys, those that fit the filter, or all."""

    channel: str
    keys: frozenset[str] | None = None
    where: Mapping[str, Any] = field(default_factory=dict)

    def wants(self, key: str, *values: Value | None) -> bool:
        """Whether a key is wanted whose value was, or is, one of `values`: a client sees a key leave its filter."""
        if self.keys is not None and key not in self.keys:
            return False
        if not self.where:
            return True
        return any(value is not None and _fits(value, self.where) for value in values)


@dataclass(eq=False)
class Client:
    """One connection: its wishes by name, its outbox, and what to call when it is too slow."""

    outbox: Outbox
    drop: Callable[[], None]
    wishes: dict[str, Wish] = field(default_factory=dict)

    def follows(self, channel: str) -> bool:
        """Whether it wants something of a channel."""
        return any(wish.channel == channel for wish in self.wishes.values())


@dataclass
class _Kept:
    seq: int
    value: Value


class Hub:
    """Values by channel and key, and the clients."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.epoch = uuid.uuid4().hex[:16]
        self._clock = clock
        self._values: dict[str, dict[str, _Kept]] = {name: {} for name in CHANNELS}
        self._sequences: dict[tuple[str, str], int] = {}
        self._gone: OrderedDict[tuple[str, str], float] = OrderedDict()  # since when, the longest first
        self._filled: set[str] = set()
        self._ring: deque[tuple[float, Written]] = deque()
        self._number = 0
        self._dropped_through = 0
        self.clients: set[Client] = set()
        self.sent = 0

    def replace(self, channel: str, values: Mapping[str, Value]) -> int:
        """Take all keys of a channel as they are now; how many messages that made. Filled unseen, it makes none."""
        if self.fill(channel, values):
            return 0
        return self.merge(channel, values) + self.retract(channel, self.gone(channel, values))

    def fill(self, channel: str, values: Mapping[str, Value]) -> bool:
        """Take the first values of a channel that nobody follows, without a message; whether it was so."""
        seen = any(client.follows(channel) for client in self.clients)
        unseen = channel not in self._filled and not seen and not self._values[channel]
        self._filled.add(channel)
        if unseen:
            for key, value in values.items():
                self._values[channel][key] = _Kept(self._step(channel, key), value)
        return unseen

    def gone(self, channel: str, values: Mapping[str, Value]) -> list[str]:
        """The keys of a channel that are not among its values any more."""
        return [key for key in self._values[channel] if key not in values]

    def retract(self, channel: str, keys: Iterable[str]) -> int:
        """Say that keys left; how many messages that made."""
        made = 0
        for key in keys:
            if (gone := self._values[channel].pop(key, None)) is not None:
                self._tell("retraction", channel, key, None, gone.value, ())
                made += 1
        return made

    def merge(self, channel: str, values: Mapping[str, Value]) -> int:
        """Take the values of some keys; how many messages that made."""
        about = CHANNELS[channel]
        made = 0
        for key, value in values.items():
            kept = self._values[channel].get(key)
            changed = _changed(about, kept.value if kept else None, value)
            if kept is not None and not changed:
                kept.value = value
                continue
            self._tell("change", channel, key, value, kept.value if kept else None, changed)
            made += 1
        return made

    def correct(self, channel: str, key: str, correction: Value) -> None:
        """Say that something said of a key was taken back; `correction` holds before and after."""
        self._tell("correction", channel, key, correction, None, ())

    def say(self, text: str) -> None:
        """Send a text that is no value to every client."""
        for client in list(self.clients):
            try:
                client.outbox.put_text(text)
            except Overflow:
                self.clients.discard(client)
                client.drop()

    def longest_queue(self, channel: str | None = None) -> int:
        """How many messages wait for the slowest client, of those that follow a channel or of all."""
        concerned = (client for client in self.clients if channel is None or client.follows(channel))
        return max((client.outbox.waiting for client in concerned), default=0)

    def snapshot(self, wish: Wish) -> dict[str, Any]:
        """The wanted values now, with the place in the stream from which their changes follow."""
        values = self._values[wish.channel]
        found = {
            key: {"seq": kept.seq, "data": kept.value} for key, kept in values.items() if wish.wants(key, kept.value)
        }
        about = {"type": "snapshot", "channel": wish.channel, "epoch": self.epoch, "cursor": self.cursor}
        return {**about, "values": found}

    def values(self, channel: str) -> dict[str, Value]:
        """The values of a channel now, by key."""
        return {key: kept.value for key, kept in self._values[channel].items()}

    @property
    def cursor(self) -> str:
        """The place in the stream now."""
        return f"{self.epoch}:{self._number}"

    def missed(self, wish: Wish, cursor: str) -> list[Written]:
        """What was said since a place in the stream. Raises SnapshotRequired when that is not known any more."""
        self._forget()
        epoch, _, number = cursor.partition(":")
        if epoch != self.epoch or not number.isdecimal() or not self._dropped_through <= int(number) <= self._number:
            raise SnapshotRequired
        return [each for _, each in self._ring if each.message.number > int(number) and _is_for(wish, each.message)]

    def _tell(
        self, kind: Kind, channel: str, key: str, data: Value | None, before: Value | None, changed: Iterable[str]
    ) -> None:
        self._number += 1
        seq = self._step(channel, key)
        at = now_utc().strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        message = Message(kind, channel, key, seq, self._number, self.epoch, at, data, before, tuple(changed))
        if kind == "change":
            assert data is not None
            self._values[channel][key] = _Kept(seq, data)
        elif kind == "correction" and key in self._values[channel]:
            self._values[channel][key].seq = seq
        if key not in self._values[channel]:
            self._gone[channel, key] = self._clock()
        written = Written(message)
        self._forget()
        self._ring.append((self._clock(), written))
        for client in list(self.clients):
            if any(_is_for(wish, message) for wish in client.wishes.values()):
                try:
                    client.outbox.put(written)
                    self.sent += 1
                except Overflow:
                    self.clients.discard(client)
                    client.drop()

    def _step(self, channel: str, key: str) -> int:
        """The next sequence number of a key; one that left and comes back within a day goes on counting."""
        self._gone.pop((channel, key), None)
        seq = self._sequences[channel, key] = self._sequences.get((channel, key), 0) + 1
        return seq

    def _forget(self) -> None:
        now = self._clock()
        while self._ring and self._ring[0][0] < now - REPLAY_S:
            self._dropped_through = self._ring.popleft()[1].message.number
        while self._gone and next(iter(self._gone.values())) < now - GONE_S:
            del self._sequences[self._gone.popitem(last=False)[0]]


def _is_for(wish: Wish, message: Message) -> bool:
    if wish.channel != message.channel:
        return False
    if message.kind == "correction":
        return wish.keys is None or message.key in wish.keys
    return wish.wants(message.key, message.data, message.before)


def _changed(about: Channel, before: Value | None, now: Value) -> tuple[str, ...]:
    if before is None:
        return tuple(now)
    return tuple(name for name, value in now.items() if not about.is_volatile(name) and before.get(name) != value)


def _fits(value: Value, where: Mapping[str, Any]) -> bool:
    for name, wanted in where.items():
        found = value.get(name)
        if found not in (wanted if isinstance(wanted, list) else [wanted]):
            return False
    return True
