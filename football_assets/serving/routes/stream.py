"""`/v1/stream`: what changed, over a WebSocket, and its twin over server-sent events."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Header, Query, Request, Response, WebSocket, WebSocketDisconnect
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, Field

from football_assets.config import now_utc
from football_assets.serving.access import Access, needs
from football_assets.serving.answers import Envelope, plain
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
    if not await _admitted(socket, services.access):
        return
    hub = services.hub
    stop = asyncio.Event()
    client = Client(Outbox(), stop.set)
    hub.clients.add(client)
    tasks = [
        asyncio.create_task(_send(socket, client)),
        asyncio.create_task(_hear(socket, hub, client)),
        asyncio.create_task(_beat(hub, client)),
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
        if isinstance(error, _Goodbye):
            return GOING_AWAY, "the server stops"
    return None, ""


class _Goodbye(Exception):
    """The last message was sent."""


async def _admitted(socket: WebSocket, access: Access) -> bool:
    """Whether the client showed a key: in a header, or in its first message, which a browser can send."""
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
        return False
    except (TimeoutError, WebSocketDisconnect):
        with suppress(RuntimeError):
            await socket.close(UNAUTHORIZED, "no key came")
        return False
    return True


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


async def _beat(hub: Hub, client: Client) -> None:
    while True:
        await asyncio.sleep(HEARTBEAT_S)
        client.outbox.put_text(_heartbeat(hub))


def _heartbeat(hub: Hub) -> str:
    return to_bytes({"type": "heartbeat", "at": now_utc(), "epoch": hub.epoch, "cursor": hub.cursor}).decode()


@router.get(
    "/events",
    responses={200: {"content": {"text/event-stream": {}}, "description": "Events"}, **problems()},
    response_class=StreamingResponse,
    summary="Follow a channel over server-sent events",
    dependencies=[Depends(needs("read"))],
)
async def events(
    request: Request,
    channel: Annotated[str, Query(max_length=64, description="Channel, as /v1/stream/about lists them")],
    key: Annotated[list[str] | None, Query(max_length=200, description="Only these keys")] = None,
    last_event_id: Annotated[str | None, Header(max_length=64, description="Resume after this event")] = None,
) -> Response:
    """A snapshot, then changes; an event's id is its cursor, so a browser that reconnects misses nothing."""
    if channel not in CHANNELS:
        raise Problem("invalid_parameter", f"channel: there are {', '.join(CHANNELS)}.", parameter="channel")
    hub = services_of(request).hub
    wish = Wish(channel, None if key is None else frozenset(key))
    return StreamingResponse(_events(hub, wish, last_event_id), media_type="text/event-stream")


async def _events(hub: Hub, wish: Wish, cursor: str | None) -> AsyncIterator[bytes]:
    stop = asyncio.Event()
    client = Client(Outbox(), stop.set)
    try:
        if cursor is None:
            raise SnapshotRequired
        for written in hub.missed(wish, cursor):
            client.outbox.put(written)
    except SnapshotRequired:
        client.outbox.put_text(to_bytes(hub.snapshot(wish)).decode())
    client.wishes["sse"] = wish
    hub.clients.add(client)
    try:
        while not stop.is_set():
            try:
                text = await asyncio.wait_for(client.outbox.get(), HEARTBEAT_S)
            except TimeoutError:
                text = _heartbeat(hub)
            told = orjson.loads(text)
            yield f"event: {told['type']}\nid: {told.get('cursor', hub.cursor)}\ndata: {text}\n\n".encode()
            if text is GOODBYE:
                return
    finally:
        hub.clients.discard(client)
