"""What can go wrong with a request, as values.

Inside the room a failure is a `SourceProblem`, passed by return. It becomes an exception only where the caller is, so
no exception of ours ever hangs on one of aiohttp's, which carry URLs and with them credentials.
"""

import ssl
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import aiohttp

from football_assets.errors import SourceChanged, SourceError, SourceRejected, SourceUnavailable

RETRY = "Retrying may clear this."
_SAMPLE = 160


@dataclass(frozen=True, slots=True)
class SourceProblem:
    """Why an answer cannot be used.

    `unavailable` is retried and counts for the breaker; `rejected` and `changed` are neither. `happened` and `to_do`
    are the two last parts of an error's line. For `changed`, `happened` is what came in the place named by `field`
    where `expected` was agreed. Not `asked` means that we did not ask or did not wait for the answer: it is
    final at once and says nothing about the provider's health. Not `answered` means that the provider may not have
    read the request yet. `held_back` means that one of our limits left no room: nothing failed.
    """

    kind: Literal["unavailable", "rejected", "changed"]
    happened: str
    to_do: str = RETRY
    retry_after_s: float | None = None
    field: str = "body"
    expected: str = "as agreed"
    asked: bool = True
    answered: bool = True
    held_back: bool = False

    def cleaned(self, redact: Callable[[str], str]) -> "SourceProblem":
        """The same without secrets."""
        return replace(self, happened=redact(self.happened), to_do=redact(self.to_do), expected=redact(self.expected))

    def as_error(self, source: str, doing: str) -> SourceError:
        """The error to raise for this problem of `source` while `doing`."""
        if self.kind == "unavailable":
            return SourceUnavailable(source, doing, self.happened, self.to_do, retry_after_s=self.retry_after_s)
        if self.kind == "rejected":
            return SourceRejected(source, doing, self.happened, self.to_do)
        return SourceChanged(source, doing, field=self.field, expected=self.expected, got=self.happened)


def not_asked(happened: str, to_do: str = RETRY) -> SourceProblem:
    """We did not ask, or stopped waiting."""
    return SourceProblem("unavailable", happened, to_do, asked=False)


def status_problem(status: int, sample: Callable[[], str]) -> SourceProblem | None:
    """What an HTTP status alone says; None for 2xx. `sample` gives the beginning of the body, redacted, or ""."""
    if 200 <= status < 300:
        return None
    body = sample()
    happened = f"HTTP {status}" + (f", {body}" if body else "")
    if status in {408, 429} or status >= 500:
        return SourceProblem("unavailable", happened)
    if status in {401, 403}:
        return SourceProblem("rejected", happened, "Check the key, the plan and which addresses may use it.")
    if status < 400:
        return SourceProblem("rejected", f"{happened}: it moved elsewhere", "Check the address in the settings.")
    return SourceProblem("rejected", happened, "Retrying cannot clear this; check the address and the arguments.")


def network_problem(error: Exception, host: str) -> SourceProblem:
    """What a failed exchange with `host` means, in words that hold no URL."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            happened = f"the name {host} could not be resolved"
        case aiohttp.ClientConnectorCertificateError() | aiohttp.ClientConnectorSSLError() | ssl.SSLError():
            happened = f"no trusted TLS connection to {host}"
        case aiohttp.ClientConnectorError():
            happened = f"no connection to {host} ({error.strerror or 'refused'})"
        case aiohttp.ClientPayloadError():
            happened = "the answer broke off or could not be decompressed"
        case aiohttp.ServerDisconnectedError() | ConnectionError() | aiohttp.ClientOSError():
            happened = f"{host} dropped the connection"
        case _:
            happened = f"the exchange with {host} failed ({type(error).__name__})"
    return SourceProblem("unavailable", happened, answered=False)


def sample_of(raw: bytes, redact: Callable[[str], str]) -> str:
    """The beginning of a body on one line. Redacted before it is cut, so that no half of a secret is left."""
    text = " ".join(redact(raw[: 50 * _SAMPLE].decode("utf-8", "replace")).split())
    return text if len(text) <= _SAMPLE else f"{text[:_SAMPLE]}…"
