"""What waits to be sent to one client: in order, conflated when the client is slow, bounded."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterable
from dataclasses import dataclass

from football_assets.serving.stream.messages import Message, Written

CONFLATE_FROM = 100
MOST = 1_000
# Only who resumes again and again without reading comes near it.
MOST_MISSED = 200_000


class Overflow(Exception):
    """The client is too slow even for the latest values."""


@dataclass
class _Waiting:
    written: Written | None
    text: str | None = None
    first: Message | None = None


class Outbox:
    """Texts in the order of arrival. Once many wait, a newer change of a key takes the place of the waiting one.

    What a client missed while it was away comes first, whole and at the client's pace: it is kept by the hub anyway,
    so it does not count as waiting.
    """

    def __init__(self, *, conflate_from: int = CONFLATE_FROM, most: int = MOST) -> None:
        self._missed: deque[str | Written] = deque()
        self._waiting: OrderedDict[int, _Waiting] = OrderedDict()
        self._place: dict[tuple[str, str], int] = {}
        self._next = 0
        self._conflate_from = conflate_from
        self._most = most
        self._some = asyncio.Event()
        self.conflated = 0

    def __len__(self) -> int:
        return len(self._missed) + len(self._waiting)

    @property
    def waiting(self) -> int:
        """How many wait because the client is slow."""
        return len(self._waiting)

    def replay(self, missed: Iterable[Written], said: str | None = None) -> None:
        """Add everything that was missed, after an answer. Raises Overflow."""
        self._missed.extend([] if said is None else [said])
        self._missed.extend(missed)
        if len(self._missed) > MOST_MISSED:
            raise Overflow
        self._some.set()

    def put_text(self, text: str) -> None:
        """Add something that is no value: an answer, a heartbeat. Raises Overflow."""
        self._append(_Waiting(None, text))

    def put(self, written: Written) -> None:
        """Add a message. Corrections and retractions are never conflated away. Raises Overflow."""
        message = written.message
        name = (message.channel, message.key)
        place = self._place.get(name)
        if place is not None and len(self._waiting) >= self._conflate_from and message.kind == "change":
            waiting = self._waiting[place]
            assert waiting.written is not None
            self._waiting[place] = _Waiting(written, first=waiting.first or waiting.written.message)
            self.conflated += 1
            return
        self._append(_Waiting(written))
        if message.kind == "change":
            self._place[name] = self._next - 1
        else:
            # What follows a correction must not take the place of something before it.
            self._place.pop(name, None)

    async def get(self) -> str:
        """The next text, once there is one."""
        while not self._missed and not self._waiting:
            self._some.clear()
            await self._some.wait()
        if self._missed:
            missed = self._missed.popleft()
            return missed if isinstance(missed, str) else missed.as_text()
        place, waiting = self._waiting.popitem(last=False)
        if waiting.written is None:
            assert waiting.text is not None
            return waiting.text
        message = waiting.written.message
        name = (message.channel, message.key)
        if self._place.get(name) == place:
            del self._place[name]
        if waiting.first is not None:
            return message.body(waiting.first).decode()
        return waiting.written.as_text()

    def _append(self, waiting: _Waiting) -> None:
        if len(self._waiting) >= self._most:
            raise Overflow
        self._waiting[self._next] = waiting
        self._next += 1
        self._some.set()
