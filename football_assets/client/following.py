"""Following a channel of the stream: connects again by itself and goes on where it was cut."""

import asyncio
import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import aiohttp

from football_assets.client.answers import ApiError

FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 30.0
# The service sends a heartbeat every 30 s; a connection that is silent for longer is dead.
SILENCE_S = 75.0
UNAUTHORIZED, MALFORMED = 4001, 4002


@dataclass(frozen=True)
class Event:
    """One thing of a channel. A `snapshot` holds all values: what was known before no longer counts."""

    kind: Literal["snapshot", "change", "correction", "retraction"]
    key: str | None
    data: Mapping[str, Any] | None
    seq: int | None
    at: str | None = None
    changed: tuple[str, ...] = ()
    conflated_from: int | None = None


class Follower:
    """One subscription over as many connections as it takes. `connections` counts them."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        channel: str,
        keys: Sequence[str] | None,
        where: Mapping[str, Any] | None,
    ) -> None:
        self._session = session
        self._url = url
        self._wanted = {"channel": channel, "keys": None if keys is None else list(keys), "where": dict(where or {})}
        self._cursor: str | None = None
        self._seen: dict[str, int] = {}
        self.connections = 0

    async def events(self) -> AsyncIterator[Event]:
        """The snapshot, then each change once, until the caller stops. Raises ApiError when the key is refused."""
        wait_s = FIRST_WAIT_S
        while True:
            try:
                async with self._session.ws_connect(self._url, max_msg_size=0) as socket:
                    self.connections += 1
                    await socket.send_json(self._question())
                    async for event in self._heard(socket):
                        wait_s = FIRST_WAIT_S
                        yield event
                    _require_open(socket)
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                if isinstance(error, aiohttp.WSServerHandshakeError) and error.status in (401, 403):
                    raise ApiError(error.status, "unauthorized", "The service refused the key.", {}) from None
            # Not all clients come back at the same instant after the server was away.
            await asyncio.sleep(wait_s * random.uniform(0.5, 1.0))  # noqa: S311
            wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    def _question(self) -> dict[str, Any]:
        if self._cursor is None:
            return {"type": "subscribe", **self._wanted}
        return {"type": "resume", **self._wanted, "cursor": self._cursor}

    async def _heard(self, socket: aiohttp.ClientWebSocketResponse) -> AsyncIterator[Event]:
        while True:
            message = await socket.receive(timeout=SILENCE_S)
            if message.type is not aiohttp.WSMsgType.TEXT:
                return
            told = json.loads(message.data)
            kind = told["type"]
            if kind == "snapshot_required":
                self._cursor = None
                await socket.send_json(self._question())
            elif kind == "snapshot":
                self._cursor = told["cursor"]
                self._seen = {key: each["seq"] for key, each in told["values"].items()}
                values = {key: each["data"] for key, each in told["values"].items()}
                yield Event("snapshot", None, values, None)
            elif kind in ("change", "correction", "retraction"):
                self._cursor = told["cursor"]
                if told["seq"] <= self._seen.get(told["key"], 0):
                    continue  # a message that stood for several had told it before the connection was cut
                self._seen[told["key"]] = told["seq"]
                changed = tuple(told["changed"])
                first = told.get("conflated_from")
                yield Event(kind, told["key"], told["data"], told["seq"], told["at"], changed, first)


def _require_open(socket: aiohttp.ClientWebSocketResponse) -> None:
    if socket.close_code == UNAUTHORIZED:
        raise ApiError(401, "unauthorized", "The service refused the key.", {})
    if socket.close_code == MALFORMED:
        raise ApiError(422, "invalid_parameter", "The service did not understand the channel or the filter.", {})
