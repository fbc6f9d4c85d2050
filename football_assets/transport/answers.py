"""What goes in and what comes out: credentials, cache policy, answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from football_assets.errors import ConfigError
from football_assets.states import DataState


@dataclass(frozen=True, slots=True, repr=False)
class Credentials:
    """How a service authenticates; values are never shown.

    `query` is added to every URL and `headers` to every request, at the moment of the request. Raises ConfigError for
    a header value that is not one line, such as a key pasted with its line break.
    """

    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            if not value.isprintable():
                allowed = "one line of printable characters; look for a line break at its end"
                raise ConfigError(f"credentials {name}", value="********", allowed=allowed, origin="the environment")

    def __repr__(self) -> str:
        shown = [f"{name}=********" for name in (*self.query, *self.headers)]
        return f"Credentials({', '.join(shown)})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """The strings to redact: every value, and the token of a `Bearer <token>` header by itself too."""
        tokens = [value.partition(" ")[2] for value in self.headers.values()]
        return tuple(value for value in (*self.query.values(), *self.headers.values(), *tokens) if value)


@dataclass(frozen=True, slots=True)
class CachePolicy:
    """How long an answer may stand in for asking again.

    Up to `fresh_s` it is answered without asking; up to `stale_s` it is served, as stale and with its age, when the
    provider cannot be read. Both count from the reading.
    """

    fresh_s: float
    stale_s: float


@dataclass(frozen=True, slots=True)
class Answer:
    """One provider answer.

    `body` is parsed JSON (a str from a transport of TEXT), shared by all who asked the same at the same time: read it,
    do not change it.
    `served_at` is the provider's clock when the value was read (`Date` header; ours when absent). `age_s` is 0 when
    live. `headers` holds, by lower-case name, those of `x-calllimit-remaining`, `retry-after` and `x-football-source`
    that came; from the cache only the last.
    """

    body: Any
    state: DataState
    served_at: datetime
    age_s: float
    headers: Mapping[str, str]
