"""Around every request: its id, the cap on its body, the headers of its answer, and what is counted of it."""

import re
import time
import uuid
from bisect import bisect_left
from collections import Counter
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from football_assets.serving.problems import PROBLEM_JSON
from football_assets.serving.rows import to_bytes

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
HEADERS = {
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
}
API_POLICY = b"default-src 'none'; frame-ancestors 'none'"
API_PATHS = ("/v1/", "/api/", "/health/", "/metrics")


class Requests:
    """How many requests ended how, and how long they took. `path` is the route, never the raw address."""

    BOUNDS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

    def __init__(self) -> None:
        self.outcomes: Counter[tuple[str, str, int]] = Counter()
        self.seconds: dict[str, float] = {}
        self.buckets: dict[str, list[int]] = {}

    def note(self, method: str, path: str, status: int, took_s: float) -> None:
        """Count one request."""
        self.outcomes[method, path, status] += 1
        self.seconds[path] = self.seconds.get(path, 0.0) + took_s
        buckets = self.buckets.setdefault(path, [0] * (len(self.BOUNDS_S) + 1))
        buckets[bisect_left(self.BOUNDS_S, took_s)] += 1


class _TooLarge(Exception):
    """The body went over the cap."""


class Guard:
    """ASGI middleware: the outermost layer."""

    def __init__(self, app: ASGIApp, *, largest_body_bytes: int, requests: Requests) -> None:
        self._app = app
        self._most = largest_body_bytes
        self._requests = requests

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        sent = headers.get(b"x-request-id", b"").decode("latin-1")
        request_id = sent if _ID.fullmatch(sent) else uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        if scope["type"] == "websocket":
            await self._app(scope, receive, send)
            return
        started = time.perf_counter()
        status = 500
        begun = False
        read = 0

        async def capped() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                raise _TooLarge
            return message

        async def completed(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                if read > self._most and message["status"] != 413:
                    raise _TooLarge  # the framework took the cut body for a malformed one
                begun, status = True, message["status"]
                message = {**message, "headers": _completed(scope["path"], message["headers"], request_id)}
            await send(message)

        try:
            if int(headers.get(b"content-length", b"0") or 0) > self._most:
                raise _TooLarge
            await self._app(scope, capped, completed)
        except (_TooLarge, ValueError):
            if begun:
                raise
            await _refuse(completed, self._most, request_id)
        finally:
            route = scope.get("route")
            path = getattr(route, "path", None) or "other"
            self._requests.note(scope["method"], path, status, time.perf_counter() - started)


def _completed(path: str, headers: Any, request_id: str) -> list[tuple[bytes, bytes]]:
    present = {name.lower() for name, _ in headers}
    added = [(name, value) for name, value in HEADERS.items() if name not in present]
    if path.startswith(API_PATHS) and b"content-security-policy" not in present:
        added.append((b"content-security-policy", API_POLICY))
    return [*headers, *added, (b"x-request-id", request_id.encode())]


async def _refuse(send: Send, most: int, request_id: str) -> None:
    body = {
        "type": "urn:football-assets:problem:invalid_parameter",
        "title": "Invalid parameter",
        "status": 413,
        "code": "invalid_parameter",
        "detail": f"The body is larger than {most:,} bytes. Send less at once.",
        "request_id": request_id,
    }
    headers = [(b"content-type", PROBLEM_JSON.encode()), (b"connection", b"close")]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": to_bytes(body)})
