"""`/v1/stream`: what changed, over a WebSocket, and its twin over server-sent events."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from football_assets.config import now_utc
from football_assets.serving.access import Access, needs
from football_assets.serving.answers import Envelope, plain
from football_assets.serving.keys import Key
from football_assets.serving.problems import Problem, problems
from football_assets.serving.rows import to_bytes
from football_assets.serving.services import services_of
from football_assets.serving.stream.channels import CHANNELS
from football_assets.serving.stream.hub import Client, Hub, SnapshotRequired, Wish
from football_assets.serving.stream.outbox import Outbox, Overflow
from football_assets.serving.stream.talk import ProtocolError, hear

UNAUTHORIZED, MALFORMED, TOO_SLOW, GOING_AWAY = 4001, 4002, 4003, 1001
HEARTBEAT_S = 30.0
GREETING_S = 10.0
EVENTS = {"type": "string", "description": "Blocks of `event`, `id` and `data`; `data` is a message as of /v1/stream"}
GOODBYE = to_bytes({"type": "goodbye", "reason": "The server stops. Connect again and resume."}).decode()

router = APIRouter(prefix="/v1/stream", tags=["stream"])


class ChannelAbout(BaseModel):
    """One channel of the stream."""

    name: str = Field(description="Name to subscribe to")
    about: str = Field(description="What its values are")
    key: list[str] = Field(description="Columns whose values, joined by `:`, are a value's key")


class StreamAbout(BaseModel):
    """The stream of this process."""

    epoch: str = Field(description="Names this life of the server; a cursor of another one cannot be resumed")
    cursor: str = Field(description="The place in the stream now")
    clients: int = Field(description="Connections now")
    sent: int = Field(description="Messages handed to clients so far")
    channels: list[ChannelAbout] = Field(description="What can be followed")


@router.get(
    "/about",
    response_model=Envelope[StreamAbout],
    responses=problems(),
    summary="Channels and state of the stream",
    dependencies=[Depends(needs("read"))],
    openapi_extra={"x-example": "/v1/stream/about"},
)
async def about(request: Request) -> Response:
    """What can be followed, and how many follow."""
    hub = services_of(request).hub
    channels = [{"name": each.name, "about": each.about, "key": list(each.key)} for each in CHANNELS.values()]
    told = {"epoch": hub.epoch, "cursor": hub.cursor, "clients": len(hub.clients), "sent": hub.sent}
    return plain(request, {**told, "channels": channels})


@router.websocket("")
async def stream(socket: WebSocket) -> None:
    """Follow channels. Close codes: 4001 no valid key, 4002 a message we do not understand, 4003 too slow."""
    services = services_of(socket)
    await socket.accept()
    key = await _admitted(socket, services.access)
    if key is None:
        return
    hub = services.hub
    stop = asyncio.Event()
    client = Client(Outbox(), stop.set)
    hub.clients.add(client)
    tasks = [
        asyncio.create_task(_send(socket, client)),
        asyncio.create_task(_hear(socket, hub, client)),
        asyncio.create_task(_beat(hub, client, services.access, key)),
        asyncio.create_task(stop.wait()),
    ]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        code, reason = _why(done, stop)
    finally:
        hub.clients.discard(client)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    if code is not None:
        with suppress(RuntimeError, WebSocketDisconnect):
            await socket.close(code, reason)


def _why(done: "set[asyncio.Task[Any]]", stop: asyncio.Event) -> tuple[int | None, str]:
    """The close code and reason; None when the client is gone already."""
    if stop.is_set():
        return TOO_SLOW, "too slow: too many messages wait"
    for task in done:
        error = task.exception()
        if isinstance(error, ProtocolError):
            return MALFORMED, str(error)[:120]
        if isinstance(error, Overflow):
            return TOO_SLOW, "too slow: too many messages wait"
        if isinstance(error, _KeyEnded):
            return UNAUTHORIZED, "the key is not valid any more"
        if isinstance(error, _Goodbye):
            return GOING_AWAY, "the server stops"
    return None, ""


class _Goodbye(Exception):
    """The last message was sent."""


class _KeyEnded(Exception):
    """The key was revoked or has expired."""


async def _admitted(socket: WebSocket, access: Access) -> Key | None:
    """The key that the client showed: in a header, or in its first message, which a browser can send. None: closed."""
    try:
        try:
            key = access.key_of(socket)
        except Problem:
            if access.is_open or "authorization" in socket.headers or "x-api-key" in socket.headers:
                raise
            told = await asyncio.wait_for(socket.receive_text(), GREETING_S)
            key = access.judge(_presented(told))
        access.count(key)
    except Problem as problem:
        await socket.close(UNAUTHORIZED, problem.detail[:120])
        return None
    except (TimeoutError, WebSocketDisconnect):
        with suppress(RuntimeError):
            await socket.close(UNAUTHORIZED, "no key came")
        return None
    return key


def _presented(text: str) -> str:
    try:
        told = orjson.loads(text)
    except orjson.JSONDecodeError:
        return ""
    fits = isinstance(told, dict) and told.get("type") == "auth" and isinstance(told.get("key"), str)
    return str(told["key"]) if fits else ""


async def _send(socket: WebSocket, client: Client) -> None:
    while True:
        text = await client.outbox.get()
        await socket.send_text(text)
        if text is GOODBYE:
            raise _Goodbye


async def _hear(socket: WebSocket, hub: Hub, client: Client) -> None:
    while True:
        try:
            text = await socket.receive_text()
        except KeyError:
            raise ProtocolError("only text messages are understood") from None
        hear(hub, client, text)


async def _beat(hub: Hub, client: Client, access: Access, key: Key) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        if not access.lasts(key):
            raise _KeyEnded
        client.outbox.put_text(_heartbeat(hub))


def _heartbeat(hub: Hub) -> str:
    return to_bytes({"type": "heartbeat", "at": now_utc(), "epoch": hub.epoch, "cursor": hub.cursor}).decode()


@router.get(
    "/events",
    responses={200: {"content": {"text/event-stream": {"schema": EVENTS}}, "description": "Events"}, **problems()},
    response_class=StreamingResponse,
    summary="Follow a channel over server-sent events",
    openapi_extra={"x-example": "/v1/stream/events?channel=soccer.matches&key={match_id}"},
)
async def events(
    request: Request,
    reader: Annotated[Key, Depends(needs("read"))],
    channel: Annotated[str, Query(max_length=64, description="Channel, as /v1/stream/about lists them")],
    key: Annotated[list[str] | None, Query(max_length=200, description="Only these keys")] = None,
    where: Annotated[
        str | None,
        Query(
            max_length=2_000,
            description="Only values that fit: a JSON object of columns with a value or a list of values, such as "
            '`{"competition_id": "c1"}`',
        ),
    ] = None,
    last_event_id: Annotated[str | None, Header(max_length=64, description="Resume after this event")] = None,
) -> Response:
    """A snapshot, then changes; an event's id is its cursor, so a browser that reconnects misses nothing."""
    if channel not in CHANNELS:
        raise Problem("invalid_parameter", f"channel: there are {', '.join(CHANNELS)}.", parameter="channel")
    services = services_of(request)
    wish = Wish(channel, None if key is None else frozenset(key), _where(where))
    told = _events(services.hub, wish, last_event_id, lambda: services.access.lasts(reader))
    return StreamingResponse(told, media_type="text/event-stream", headers={"Cache-Control": "no-store"})


def _where(text: str | None) -> dict[str, Any]:
    try:
        told = {} if text is None else orjson.loads(text)
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict):
        raise Problem("invalid_parameter", 'where: a JSON object is needed: {"column": value}.', parameter="where")
    return told


async def _events(hub: Hub, wish: Wish, cursor: str | None, is_let_in: Callable[[], bool]) -> AsyncIterator[bytes]:
    stop = asyncio.Event()
    client = Client(Outbox(), stop.set)
    try:
        if cursor is not None:
            client.outbox.replay(hub.missed(wish, cursor))
    except SnapshotRequired:
        # With the old cursor: cut before the snapshot came, the client asks the same again.
        told = {"type": "snapshot_required", "channel": wish.channel, "epoch": hub.epoch, "cursor": cursor}
        client.outbox.put_text(to_bytes(told).decode())
        cursor = None
    if cursor is None:
        client.outbox.put_text(to_bytes(hub.snapshot(wish)).decode())
    client.wishes["sse"] = wish
    hub.clients.add(client)
    looked = time.monotonic()
    try:
        while not stop.is_set():
            try:
                text = await asyncio.wait_for(client.outbox.get(), HEARTBEAT_S)
            except TimeoutError:
                if len(client.outbox):
                    continue  # it came this instant; its cursor is not yet that of the heartbeat
                text = _heartbeat(hub)
            if time.monotonic() - looked >= HEARTBEAT_S:
                looked = time.monotonic()
                if not is_let_in():
                    return
            yield _event(text, hub)
            if text is GOODBYE:
                return
    finally:
        hub.clients.discard(client)


def _event(text: str, hub: Hub) -> bytes:
    told = orjson.loads(text)
    return f"event: {told['type']}\nid: {told.get('cursor', hub.cursor)}\ndata: {text}\n\n".encode()
