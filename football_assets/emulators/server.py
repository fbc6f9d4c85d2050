"""What both emulators share: statistics, faults, headers, compression, and being served on loopback.

A provider's module adds its routes to `new_app(...)`. Paths are named relative to the provider's base and without a
leading slash (`odds/history`), in statistics, limits and faults alike. Every emulator answers, at its root and below
its base:

    GET  /__emulator__/stats     what was asked since the start or the last reset
    POST /__emulator__/clock     {"at": "2024-10-05T14:30Z", "speed": 60}    either or both
    POST /__emulator__/faults    {"faults": ["500=0.5", "hang@odds/history"]}    replaces the set; [] clears it
    POST /__emulator__/reset     zeroes the statistics
"""

import asyncio
import functools
import gzip
import json
import math
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from aiohttp.typedefs import Handler

from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults, emptied, retyped, truncated
from football_assets.emulators.statistics import Statistics, Window
from football_assets.errors import ConfigError, FootballError
from football_assets.states import Source

CONTROL = "__emulator__"
SECRETS = ("user", "secret")
COMPRESSED_FROM_BYTES = 1024

Refusal = Callable[[web.Request], web.Response]


@dataclass
class Desk:
    """What one running emulator keeps: its clock, faults and statistics."""

    name: str
    label: Source
    clock: EmulatedClock
    faults: Faults
    statistics: Statistics
    base: str
    plan_paths: tuple[str, ...]
    refusals: Mapping[str, Refusal]
    admitted: dict[str, Window] = field(default_factory=dict)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)


DESK = web.AppKey("desk", Desk)


def new_app(
    *,
    label: Source,
    clock: EmulatedClock,
    faults: Faults,
    per_minute: Mapping[str, int] | None = None,
    refusals: Mapping[str, Refusal] | None = None,
    base: str = "",
    name: str = "emulator",
    plan_paths: Sequence[str] = (),
    monotonic: Callable[[], float] = time.monotonic,
) -> web.Application:
    """An application with statistics, faults, headers and the control routes; the provider's module adds the rest.

    `per_minute` are limits by path: requests beyond them are counted as violations, not refused. `refusals` are the
    provider's own bodies for the faults `429`, `500`, `err`, `ip_refused`, `not_in_plan`. `plan_paths` are the
    beginnings of the paths that `not_in_plan` hits when it names none; none given = all. Middlewares appended to the
    result, such as the check of credentials, run inside the faults.
    """
    app = web.Application(middlewares=[_count, _compress, _strike])
    desk = Desk(
        name=name,
        label=label,
        clock=clock,
        faults=faults,
        statistics=Statistics(per_minute or {}, monotonic=monotonic),
        base=base.rstrip("/"),
        plan_paths=tuple(plan_paths),
        refusals=refusals or {},
    )
    app[DESK] = desk
    for root in dict.fromkeys(("", desk.base)):
        app.router.add_get(f"{root}/{CONTROL}/stats", _stats)
        app.router.add_post(f"{root}/{CONTROL}/clock", _set_clock)
        app.router.add_post(f"{root}/{CONTROL}/faults", _set_faults)
        app.router.add_post(f"{root}/{CONTROL}/reset", _reset)
    app.on_response_prepare.append(_stamp)
    app.on_shutdown.append(_stop)
    return app


def json_body(value: Any) -> bytes:
    """`value` as compact UTF-8 JSON."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def json_answer(value: Any, status: int = 200) -> web.Response:
    """A JSON answer; `bytes` are taken as JSON that is ready to send."""
    body = value if isinstance(value, bytes) else json_body(value)
    return web.Response(body=body, status=status, content_type="application/json")


@asynccontextmanager
async def serving(app: web.Application, port: int = 0, host: str = "127.0.0.1") -> AsyncIterator[str]:
    """Serve while the block runs and yield the base URL, the provider's path included.

    Port 0 takes a free one. A port in use raises FootballError.
    """
    try:
        listener = socket.create_server((host, port))
    except (OSError, OverflowError) as error:
        happened = f"port {port} on {host} cannot be used ({error})"
        raise FootballError("starting the emulator", happened, "Stop what listens there or choose another port.") from (
            error
        )
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=1.0)
    try:
        await runner.setup()
        await web.SockSite(runner, listener).start()
        yield f"http://{host}:{listener.getsockname()[1]}{app[DESK].base}"
    finally:
        # asyncio never closes a connection that it accepted just before its server stopped; let it arrive first.
        await asyncio.sleep(0.01)
        await runner.cleanup()
        listener.close()


async def run(
    app: web.Application, port: int, host: str = "127.0.0.1", *, ready: Callable[[str], None] | None = None
) -> None:
    """Serve until SIGTERM, SIGINT or cancellation; `ready` is told the base URL once connections are accepted."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(name, stop.set)
    try:
        async with serving(app, port, host) as url:
            if ready is not None:
                ready(url)
            await stop.wait()
    finally:
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.remove_signal_handler(name)


def relative_path(request: web.Request) -> str:
    """The path below the provider's base, without a leading slash."""
    return request.path.removeprefix(request.app[DESK].base).strip("/")


def _is_control(request: web.Request) -> bool:
    return relative_path(request).startswith(f"{CONTROL}/")


def _question(request: web.Request) -> str:
    """Path and query without credentials: what makes two requests the same."""
    query = sorted((key, value) for key, value in request.query.items() if key not in SECRETS)
    return relative_path(request) + "?" + "&".join(f"{key}={value}" for key, value in query)


# The question of a request and how often it has been asked, this time included.
ASKED = web.RequestKey("asked", tuple[str, int])


@web.middleware
async def _count(request: web.Request, handler: Handler) -> web.StreamResponse:
    if _is_control(request):
        return await handler(request)
    statistics = request.app[DESK].statistics
    question, path = _question(request), relative_path(request)
    request[ASKED] = (question, statistics.arrived(path, question, request.transport))
    try:
        response = await handler(request)
    except web.HTTPException as error:
        statistics.answered(path, error.status)
        raise
    finally:
        statistics.left()
    statistics.answered(path, response.status)
    return response


@web.middleware
async def _compress(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    accepted = "gzip" in request.headers.get("Accept-Encoding", "").lower()
    if not accepted or response.prepared or not isinstance(response, web.Response):
        return response
    body = response.body
    if not isinstance(body, bytes) or len(body) <= COMPRESSED_FROM_BYTES:
        return response
    # A cut answer must not hide behind a whole gzip stream: it was cut before it came here.
    response.body = _gzipped(body) if len(body) <= 1_000_000 else await asyncio.to_thread(gzip.compress, body, 1)
    response.headers["Content-Encoding"] = "gzip"
    response.headers["Vary"] = "Accept-Encoding"
    return response


@functools.lru_cache(maxsize=256)
def _gzipped(body: bytes) -> bytes:
    return gzip.compress(body, compresslevel=1, mtime=0)


@web.middleware
async def _strike(request: web.Request, handler: Handler) -> web.StreamResponse:
    """The faults, in the order in which a real provider's layers would show them."""
    desk = request.app[DESK]
    if _is_control(request) or not desk.faults.switched_on:
        return await handler(request)
    path = relative_path(request)
    question, nth = request[ASKED]
    held_s = desk.faults.latency_s(path, question, nth)
    if held_s:
        await asyncio.sleep(held_s)
    if (hang := desk.faults.find("hang", path)) is not None:
        await _hang(request, hang.values[0])
    name = _refused(desk, path, question, nth)
    if name is not None:
        return desk.refusals.get(name, _plain_refusals[name])(request)
    response = await handler(request)
    return await _spoil(request, response, path, question, nth)


def _refused(desk: Desk, path: str, question: str, nth: int) -> str | None:
    """The name of the fault that refuses this request; None when it may pass."""
    faults = desk.faults
    for name in ("ip_refused", "err", "500"):
        if faults.hits(name, path, question, nth):
            return name
    plan = faults.find("not_in_plan", path)
    if plan is not None and (plan.path or not desk.plan_paths or path.startswith(desk.plan_paths)):
        return "not_in_plan"
    limit = faults.find("429", path)
    if limit is not None:
        window = desk.admitted.setdefault(path, Window())
        now = desk.statistics.monotonic()
        if window.count(now) >= limit.values[0]:
            return "429"
        window.add(now)
    return None


async def _spoil(
    request: web.Request, response: web.StreamResponse, path: str, question: str, nth: int
) -> web.StreamResponse:
    """Empty, retype, cut or break off an answer that the provider gave."""
    faults = request.app[DESK].faults
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes) or not response.body:
        return response
    is_json = response.content_type == "application/json"
    for name, change in (("empty", emptied), ("wrong_types", retyped), ("truncated", truncated)):
        if faults.hits(name, path, question, nth) and (is_json or name == "truncated"):
            response.body = change(response.body)
    if faults.hits("reset", path, question, nth):
        return await _break_off(request, response)
    return response


async def _break_off(request: web.Request, whole: web.Response) -> web.StreamResponse:
    """Promise the whole body, send half of it and close the connection."""
    assert isinstance(whole.body, bytes)
    half = web.StreamResponse(status=whole.status, headers={"Content-Type": "application/json"})
    half.content_length = len(whole.body)
    half.force_close()
    await half.prepare(request)
    await half.write(truncated(whole.body))
    if request.transport is not None:
        request.transport.close()
    return half


async def _hang(request: web.Request, seconds: float) -> None:
    """Hold the answer back so long. When the client leaves or the server stops meanwhile, there is none at all."""
    desk = request.app[DESK]
    until = math.inf if math.isinf(seconds) else time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        if desk.stopping.is_set() or request.transport is None or request.transport.is_closing():
            raise asyncio.CancelledError
        await asyncio.sleep(min(left, 0.1))


def _plain(status: int, message: str) -> Refusal:
    return lambda _request: json_answer({"message": message}, status)


_plain_refusals: Mapping[str, Refusal] = {
    "429": _plain(429, "Too many requests."),
    "500": _plain(500, "Internal Server Error"),
    "err": _plain(403, "Refused."),
    "ip_refused": _plain(403, "This address may not call."),
    "not_in_plan": _plain(403, "Not part of the plan."),
}


async def _stamp(request: web.Request, response: web.StreamResponse) -> None:
    desk = request.app[DESK]
    off = desk.faults.find("clock", relative_path(request))
    now = desk.clock.now() + timedelta(seconds=off.values[0] if off else 0)
    response.headers["Date"] = format_datetime(now, usegmt=True)
    response.headers["X-Football-Source"] = desk.label.value


async def _stop(app: web.Application) -> None:
    app[DESK].stopping.set()


async def _stats(request: web.Request) -> web.Response:
    desk = request.app[DESK]
    return json_answer(
        {
            "source": desk.label.value,
            "emulator": desk.name,
            "now": desk.clock.now().isoformat(),
            "speed": desk.clock.speed,
            "faults": [fault.text for fault in desk.faults.switched_on],
            **desk.statistics.as_dict(),
        }
    )


async def _set_clock(request: web.Request) -> web.Response:
    wanted = await _command(request, allowed=("at", "speed"))
    clock = request.app[DESK].clock
    try:
        at = datetime.fromisoformat(wanted["at"]) if "at" in wanted else clock.now()
        speed = float(wanted["speed"]) if "speed" in wanted else None
        if speed is not None and not math.isfinite(speed):
            raise ValueError(f"setting the emulated clock: speed {speed} is not a number. Use 0 to freeze it.")
        clock.set(at, speed)
    except (TypeError, ValueError) as error:
        raise _bad_command(str(error)) from None
    return await _stats(request)


async def _set_faults(request: web.Request) -> web.Response:
    wanted = await _command(request, allowed=("faults",))
    texts = wanted.get("faults")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise _bad_command('setting faults: `faults` is not a list of texts. Send {"faults": ["500=0.5"]}.')
    desk = request.app[DESK]
    try:
        desk.faults = Faults.parse(texts, seed=desk.faults.seed)
    except ConfigError as error:
        raise _bad_command(str(error)) from None
    desk.admitted.clear()
    return await _stats(request)


async def _reset(request: web.Request) -> web.Response:
    request.app[DESK].statistics.reset()
    return await _stats(request)


async def _command(request: web.Request, *, allowed: tuple[str, ...]) -> dict[str, Any]:
    try:
        wanted = await request.json()
    except ValueError:
        raise _bad_command("reading the command: the body is not JSON.") from None
    if not isinstance(wanted, dict) or not wanted or set(wanted) - set(allowed):
        raise _bad_command(f"reading the command: send an object with {' or '.join(allowed)}.")
    return wanted


def _bad_command(message: str) -> web.HTTPBadRequest:
    return web.HTTPBadRequest(text=json.dumps({"error": message}), content_type="application/json")
