"""One HTTP try: out with the credentials, back with a reading or a problem."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import aiohttp

from football_assets import config, sections
from football_assets.states import Source
from football_assets.transport.answers import Credentials
from football_assets.transport.forms import Form
from football_assets.transport.origin import SOURCE_HEADER, foreign_source
from football_assets.transport.problems import SourceProblem, network_problem, sample_of, status_problem
from football_assets.transport.statistics import TransportStats

Judge = Callable[[int, Any], SourceProblem | None]

_KEPT_HEADERS = ("x-calllimit-remaining", "retry-after", SOURCE_HEADER)


@dataclass(frozen=True, slots=True)
class Reading:
    """A usable answer: `raw` as it came after decompression, `body` parsed."""

    raw: bytes
    body: Any
    served_at: datetime
    headers: Mapping[str, str]


class Wire:
    """Everything a single try needs; one session, closed by `open_session`."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        base_url: str,
        service: sections.Service,
        credentials: Credentials,
        judge: Judge | None,
        expected: Source | None,
        redact: Callable[[str], str],
        stats: TransportStats,
        form: Form,
    ) -> None:
        self._session = session
        self._base = base_url.rstrip("/")
        self._host = urlsplit(base_url).netloc
        self._service = service
        self._credentials = credentials
        self._judge = judge
        self._expected = expected
        self._redact = redact
        self._stats = stats
        self._form = form

    async def ask(self, path: str, params: Mapping[str, str]) -> Reading | SourceProblem:
        """Try once. Never raises for what a network or a provider does."""
        self._stats.started(path)
        try:
            async with asyncio.timeout(self._service.timeout_s):
                return await self._exchange(path, params)
        except TimeoutError:
            return SourceProblem(
                "unavailable", f"no complete answer within {self._service.timeout_s:g} s", answered=False
            )
        except (aiohttp.ClientError, OSError) as error:
            return network_problem(error, self._host)
        finally:
            self._stats.ended()

    async def _exchange(self, path: str, params: Mapping[str, str]) -> Reading | SourceProblem:
        async with self._session.get(
            f"{self._base}/{path}",
            params={**params, **self._credentials.query},
            headers=self._credentials.headers,
            allow_redirects=False,  # another host must not get the credentials
        ) as response:
            raw = await response.read()
        self._stats.bytes_read += len(raw)
        headers = {name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        reading = self._judged(response.status, raw, _served_at(response.headers.get("Date")), headers)
        return reading.cleaned(self._redact) if isinstance(reading, SourceProblem) else reading

    def _judged(
        self, status: int, raw: bytes, served_at: datetime, headers: Mapping[str, str]
    ) -> Reading | SourceProblem:
        try:
            body = self._form.read(raw)
        except ValueError:
            sample = sample_of(raw, self._redact) or "empty"
            garbage = SourceProblem(
                "unavailable", f"the answer was not {self._form.name} (HTTP {status}, {len(raw)} bytes: {sample})"
            )
            return self._with_retry_after(status_problem(status, str) or garbage, headers, served_at)
        problem = self._judge(status, body) if self._judge else None
        problem = problem or status_problem(status, lambda: sample_of(raw, self._redact))
        if problem:
            return self._with_retry_after(problem, headers, served_at)
        return foreign_source(headers, self._expected) or Reading(raw, body, served_at, headers)

    def _with_retry_after(
        self, problem: SourceProblem, headers: Mapping[str, str], served_at: datetime
    ) -> SourceProblem:
        asked_s = retry_after_s(headers.get("retry-after"), served_at)
        if asked_s is None or problem.retry_after_s is not None:
            return problem
        return replace(problem, retry_after_s=asked_s)


@asynccontextmanager
async def open_session(service: sections.Service) -> AsyncIterator[aiohttp.ClientSession]:
    """A session with as many connections as the service allows, its sockets closed when this ends."""
    connector = aiohttp.TCPConnector(limit=service.connections, limit_per_host=service.connections)
    # aiohttp asks for every compression it can decode here: gzip and deflate, br and zstd with their libraries.
    # The time limit of a try is ours and counts from its departure, not from the queue.
    session = aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=aiohttp.ClientTimeout(total=None, sock_connect=None),
    )
    # aiohttp repeats a GET by itself when a kept connection turns out dead. The provider may have counted the first
    # one, so every repetition has to pass our limits. There is no public switch.
    session._retry_connection = False
    try:
        yield session
    finally:
        await session.close()
        await asyncio.sleep(0)  # the loop closes the sockets themselves in its next round


def retry_after_s(value: str | None, now: datetime) -> float | None:
    """Seconds to wait by a `Retry-After` header in either form; None when there is none that can be read."""
    if value is None:
        return None
    if value.strip().isdecimal():
        return float(value)
    moment = _http_date(value)
    return None if moment is None else max(0.0, (moment - now).total_seconds())


def _served_at(date: str | None) -> datetime:
    moment = _http_date(date) if date else None
    return moment or config.now_utc()


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
