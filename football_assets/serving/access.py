"""Who may ask what, and how often: keys, scopes and a window of requests a key."""

import json
import threading
from collections.abc import Callable, Coroutine
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from pyrate_limiter import InMemoryBucket, Rate, RateItem
from starlette.requests import HTTPConnection

from football_assets.config import LOOPBACK, now_utc
from football_assets.sections import Serving
from football_assets.serving.keys import Key, KeyStore, Scope, presented_key
from football_assets.serving.problems import Problem
from football_assets.serving.services import services_of

MINUTE_MS = 60_000
LOCAL = Key("local", "this machine, no key configured", "admin", "", "")
HOW_TO_MAKE = "`football keys create NAME` makes one."


class Access:
    """The keys in use and the requests each has made of late."""

    def __init__(self, keys: KeyStore, serving: Serving, audit: Path) -> None:
        self._keys = keys
        self._per_minute = serving.requests_per_minute
        self._windows: dict[str, InMemoryBucket] = {}
        self._full_until_ms: dict[str, int] = {}
        self._audit = audit
        self._writing = threading.Lock()

    @property
    def is_open(self) -> bool:
        """Whether no key is configured: then only this machine is served."""
        return self._keys.is_empty()

    @property
    def configured(self) -> list[Key]:
        """The keys there are."""
        return self._keys.keys()

    def key_of(self, connection: HTTPConnection) -> Key:
        """The key a client shows. Raises Problem `unauthorized`, or `forbidden` for a foreign host without keys."""
        if self.is_open:
            self.require_loopback(connection)
            return LOCAL
        return self.judge(presented_key(connection.headers.get))

    def judge(self, presented: str) -> Key:
        """The key of a secret. Raises Problem `unauthorized`."""
        key = self._keys.find(presented) if presented else None
        if key is None:
            says = "This key is not valid: wrong, revoked or expired." if presented else "A key is needed."
            detail = f"{says} Send it as `Authorization: Bearer KEY`. {HOW_TO_MAKE}"
            raise Problem("unauthorized", detail, headers={"WWW-Authenticate": "Bearer"})
        return key

    def lasts(self, key: Key) -> bool:
        """Whether a key that was let in is valid still: a connection may outlive it."""
        if key is LOCAL:
            return self.is_open
        return any(each.id == key.id and each.is_valid(now_utc()) for each in self.configured)

    def count(self, key: Key) -> None:
        """Count a request of a key. Raises Problem `rate_limited` with the wait."""
        if key is LOCAL:
            return
        window = self._windows.get(key.id)
        if window is None:
            window = self._windows[key.id] = InMemoryBucket([Rate(self._per_minute, MINUTE_MS)])
        now = now_ms()
        window.leak(now)
        if not window.put(RateItem("request", now)):
            oldest = window.peek(self._per_minute - 1)
            until = oldest.timestamp + MINUTE_MS if isinstance(oldest, RateItem) else now + 1_000
            self._full_until_ms[key.id] = until
            raise self._refusal(until - now)

    def refused(self, presented: str) -> Problem | None:
        """The refusal of a key whose window is known to be full; None for any other.

        It answers as `count` would and costs a fraction of it: what one key asks in vain must not delay the others.
        """
        if not self._full_until_ms or (key := self._keys.find(presented)) is None:
            return None
        left = self._full_until_ms.get(key.id, 0) - now_ms()
        return self._refusal(left) if left > 0 else None

    def _refusal(self, left_ms: int) -> Problem:
        wait_s = max(1, -(-left_ms // 1000))
        detail = f"This key may make {self._per_minute} requests a minute. Try again in {wait_s} s."
        return Problem("rate_limited", detail, headers={"Retry-After": str(wait_s)})

    def note_write(self, connection: HTTPConnection, key: Key) -> None:
        """Append a line to the audit: who asked for what; never a secret."""
        self.note(key, connection, connection.scope.get("method", ""), connection.url.path)

    def note(self, key: Key, connection: HTTPConnection, method: str, path: str) -> None:
        """The same for what was done in a page that came by this connection."""
        line = {
            "at": now_utc().isoformat(),
            "key": key.id,
            "key_name": key.name,
            "method": method,
            "path": path,
            "request_id": connection.state.request_id,
            "client": connection.client.host if connection.client else None,
        }
        with self._writing:
            self._audit.parent.mkdir(parents=True, exist_ok=True)
            with self._audit.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")

    def require_loopback(self, connection: HTTPConnection) -> None:
        """Raise Problem `forbidden` for another machine, and for a page of another site that a browser here shows.

        A server that was started with keys may be reachable from outside when the last of them is revoked.
        """
        host, client = connection.url.hostname or "", connection.client.host if connection.client else ""
        origin = connection.headers.get("origin")
        if host not in {each.strip("[]") for each in LOOPBACK} or not _is_here(client):
            detail = f"Without keys only this machine is served, not {host!r} to {client!r}. {HOW_TO_MAKE}"
            raise Problem("forbidden", detail)
        if origin is not None and origin.rpartition("//")[2] != connection.headers.get("host"):
            raise Problem("forbidden", f"A page of {origin} may not ask without a key. {HOW_TO_MAKE}")


def _is_here(address: str) -> bool:
    """Whether an address is one of this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def now_ms() -> int:
    """The monotonic clock in milliseconds."""
    import time

    return time.monotonic_ns() // 1_000_000


def needs(scope: Scope, *, audited: bool = False) -> Callable[[HTTPConnection], Coroutine[Any, Any, Key]]:
    """A dependency that lets in only keys with a scope, counts the request and, when asked, writes the audit."""

    async def key(connection: HTTPConnection) -> Key:
        access = services_of(connection).access
        found = access.key_of(connection)
        access.count(found)
        if not found.allows(scope):
            raise Problem("forbidden", f"This key may {found.scope}; this needs a key that may {scope}.")
        if audited:
            access.note_write(connection, found)
        return found

    return key
