"""Around every request: its id, the cap on its body, the headers of its answer, and what is counted of it."""

import math
import re
import time
import uuid
from bisect import bisect_left
from collections import Counter
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from football_assets.serving.keys import presented_key
from football_assets.serving.problems import PROBLEM_JSON, Problem
from football_assets.serving.rows import to_bytes

if TYPE_CHECKING:
    from football_assets.serving.access import Access

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
COUNTED_PATHS = ("/v1/", "/api/", "/metrics")
REFUSED = "refused for asking too often"


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

    def __init__(self, app: ASGIApp, *, largest_body_bytes: int, requests: Requests, access: "Access") -> None:
        self._app = app
        self._most = largest_body_bytes
        self._requests = requests
        self._access = access

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
        if (refusal := self._refused(scope["path"], headers)) is not None:
            await _send_problem(send, scope["path"], refusal.body(request_id), refusal.headers)
            self._requests.note(scope["method"], REFUSED, 429, time.perf_counter() - started)
            return
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

        async def headed(message: Message) -> None:
            nonlocal status, begun
            if message["type"] == "http.response.start":
                if read > self._most and message["status"] != 413:
                    raise _TooLarge  # the framework took the cut body for a malformed one
                begun, status = True, message["status"]
                message = {**message, "headers": completed(scope["path"], message["headers"], request_id)}
            await send(message)

        try:
            if _announced(headers) > self._most:
                raise _TooLarge
            await self._app(scope, capped, headed)
        except _TooLarge:
            if begun:
                raise
            detail = f"The body is larger than {self._most:,} bytes. Send less at once."
            body = {**Problem("invalid_parameter", detail).body(request_id), "status": 413}
            await _send_problem(headed, scope["path"], body, {"connection": "close"})
        finally:
            route = scope.get("route")
            path = getattr(route, "path", None) or "other"
            self._requests.note(scope["method"], path, status, time.perf_counter() - started)

    def _refused(self, path: str, headers: dict[bytes, bytes]) -> Problem | None:
        """The answer to a key that asked too often, before anything else is done for it."""
        if not path.startswith(COUNTED_PATHS):
            return None

        def header(name: str, default: str) -> str:
            return headers.get(name.encode(), default.encode()).decode("latin-1")

        presented = presented_key(header)
        return self._access.refused(presented) if presented else None


def _announced(headers: dict[bytes, bytes]) -> float:
    """How many bytes the body has by its header; endless when the header is no number."""
    told = headers.get(b"content-length", b"0").strip() or b"0"
    return int(told) if told.isdigit() else math.inf


async def _send_problem(send: Send, path: str, body: dict[str, Any], also: dict[str, str]) -> None:
    headers = [(b"content-type", PROBLEM_JSON.encode())]
    headers += [(name.lower().encode(), value.encode()) for name, value in also.items()]
    content = to_bytes(body)
    headers.append((b"content-length", str(len(content)).encode()))
    start = {"type": "http.response.start", "status": body["status"]}
    await send({**start, "headers": completed(path, headers, body["request_id"])})
    await send({"type": "http.response.body", "body": content})


def completed(path: str, headers: Any, request_id: str) -> list[tuple[bytes, bytes]]:
    """The headers of an answer with those that every answer has."""
    present = {name.lower() for name, _ in headers}
    added = [(name, value) for name, value in HEADERS.items() if name not in present]
    if path.startswith(API_PATHS) and b"content-security-policy" not in present:
        added.append((b"content-security-policy", API_POLICY))
    return [*headers, *added, *([] if b"x-request-id" in present else [(b"x-request-id", request_id.encode())])]
