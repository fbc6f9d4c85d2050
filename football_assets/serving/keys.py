"""API keys: made once, shown once, kept as hashes in a file that only its owner may read."""

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock

from football_assets.config import now_utc
from football_assets.errors import StorageError
from football_assets.whole_files import write_whole

Scope = Literal["read", "write", "admin"]
RANK: dict[Scope, int] = {"read": 0, "write": 1, "admin": 2}
FILE = "api-keys.json"
MARK = "fbk"


@dataclass(frozen=True)
class Key:
    """One key as it is kept. `digest` is the SHA-256 of the secret, which has 256 random bits."""

    id: str
    name: str
    scope: Scope
    digest: str
    created_at: str
    expires_at: str | None = None

    def allows(self, scope: Scope) -> bool:
        """Whether the key may do what needs `scope`: admin includes write, write includes read."""
        return RANK[self.scope] >= RANK[scope]

    def is_valid(self, now: datetime) -> bool:
        """Whether it has not expired."""
        return self.expires_at is None or now < datetime.fromisoformat(self.expires_at).astimezone(UTC)


class KeyStore:
    """The keys of an installation."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE
        self._stamp: tuple[int, int, int] | None = None
        self._keys: dict[str, Key] = {}
        self._guard = threading.Lock()

    def keys(self) -> list[Key]:
        """All keys, the oldest first; a file changed by another process is read anew."""
        return sorted(self._current().values(), key=lambda key: key.created_at)

    def is_empty(self) -> bool:
        """Whether there is no key."""
        return not self._current()

    def create(self, name: str, scope: Scope, expires_at: datetime | None = None) -> tuple[Key, str]:
        """Make a key; the second value is the secret, which is not kept and cannot be shown again."""
        secret = secrets.token_urlsafe(32)
        number = secrets.token_hex(4)
        until = None if expires_at is None else expires_at.astimezone(UTC).isoformat()
        key = Key(number, name, scope, _digest(secret), now_utc().isoformat(), until)
        with self._changing() as keys:
            keys[number] = key
        return key, f"{MARK}_{number}_{secret}"

    def revoke(self, number: str) -> Key:
        """Remove a key at once. Raises StorageError when there is none of this id."""
        with self._changing() as keys:
            if number not in keys:
                there = ", ".join(keys) or "none"
                raise StorageError(f"revoking the key {number}", "there is none of this id", f"There are: {there}.")
            return keys.pop(number)

    def find(self, presented: str) -> Key | None:
        """The valid key that a client shows; None when it is wrong, unknown or expired."""
        mark, _, rest = presented.partition("_")
        number, _, secret = rest.partition("_")
        key = self._current().get(number)
        digest = _digest(secret)
        right = hmac.compare_digest(digest, key.digest if key else _digest(""))
        return key if mark == MARK and key is not None and right and key.is_valid(now_utc()) else None

    def _current(self) -> dict[str, Key]:
        try:
            about = self._path.stat()
        except FileNotFoundError:
            return {}
        stamp = (about.st_mtime_ns, about.st_size, about.st_ino)
        with self._guard:
            if stamp != self._stamp:
                self._keys, self._stamp = self._read(), stamp
            return self._keys

    def _read(self) -> dict[str, Key]:
        try:
            told = json.loads(self._path.read_text(encoding="utf-8"))
            return {each["id"]: Key(**each) for each in told}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError) as error:
            doing = f"reading the API keys in {self._path}"
            raise StorageError(doing, str(error), "Restore the file, or remove it and make new keys.") from None

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{self._path}.lock"):
            keys = self._read()
            yield keys
            write_whole(self._path, json.dumps([asdict(key) for key in keys.values()], indent=1))


def presented_key(header: Callable[[str, str], str]) -> str:
    """The key that a request shows, empty without one: `Authorization: Bearer KEY`, or `X-API-Key`.

    `header` gives the value of a header by its name in lower case, or the default that is its second argument.
    """
    scheme, _, presented = header("authorization", "").partition(" ")
    return (presented if scheme.lower() == "bearer" else header("x-api-key", "")).strip()


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
