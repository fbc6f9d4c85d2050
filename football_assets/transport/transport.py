"""A transport: the whole way of a request to one provider and back."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, closing, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import unquote, urlsplit

from football_assets import sections
from football_assets.errors import ConfigError
from football_assets.states import DataState, Source
from football_assets.transport.answers import Answer, CachePolicy, Credentials
from football_assets.transport.breaker import Breakers, file_name
from football_assets.transport.cache import Cache, Kept, cache_key, kept_reading
from football_assets.transport.coalescing import FlightLost, Flights
from football_assets.transport.forms import JSON, Form
from football_assets.transport.limits import Gate
from football_assets.transport.origin import SOURCE_HEADER
from football_assets.transport.problems import SourceProblem, not_asked
from football_assets.transport.redaction import RedactingFilter, redact
from football_assets.transport.retry import with_retries
from football_assets.transport.shared_windows import SharedCalls
from football_assets.transport.statistics import TransportStats
from football_assets.transport.wire import Judge, Reading, Wire, open_session

LOG = logging.getLogger("football_assets.transport")

# Loggers whose lines may carry a URL of ours.
_LOGGERS = ("football_assets.transport", "aiohttp.client", "aiohttp.internal", "asyncio")


@dataclass(frozen=True, slots=True)
class _Request:
    path: str
    params: Mapping[str, str]
    cache: CachePolicy | None
    key: str
    is_probe: bool = False


class Transport:
    """Reads one provider; made by `open_transport`. `stats` counts what it does."""

    def __init__(
        self,
        name: str,
        world: tuple[str, ...],
        service: sections.Service,
        wire: Wire,
        gate: Gate,
        breakers: Breakers,
        cache: Cache,
        stats: TransportStats,
        clean: Callable[[str], str],
        deadline_s: float | None,
        form: Form,
    ) -> None:
        self.name = name
        self.stats = stats
        self._world = world
        self._service = service
        self._once = service.model_copy(update={"tries": 1})
        self._wire = wire
        self._gate = gate
        self._breakers = breakers
        self._cache = cache
        self._clean = clean
        self._form = form
        self._deadline_s = deadline_s
        self._ends_at = asyncio.get_running_loop().time() + deadline_s if deadline_s is not None else math.inf
        self._flights: Flights[Answer | SourceProblem] = Flights()
        self._closed = False

    async def get(
        self,
        path: str,
        *,
        doing: str,
        params: Mapping[str, str | int] | None = None,
        cache: CachePolicy | None = None,
    ) -> Answer:
        """The answer of `path` (no leading slash) for `params`; `doing` opens the line of an error.

        Raises SourceUnavailable when it could not be read (network, 5xx, 429, breaker, limit or deadline),
        SourceRejected when asking again cannot help, SourceChanged when it is not what was agreed, StorageError when
        the counts of the limits cannot be kept.
        """
        path = path.strip("/")
        words = {name: str(value) for name, value in (params or {}).items()}
        key = cache_key(self.name, *self._world, path=path, params=words)
        return await self._ask(_Request(path, words, cache, key), doing)

    async def probe(self, path: str, *, doing: str) -> Answer:
        """The answer of `path` by one try, which goes out even while the breaker of the path is open; raises as `get`.

        For who keeps a breaker of their own. The path's breaker hears how it went.
        """
        return await self._ask(_Request(path, {}, None, f"probe of {path}", is_probe=True), doing)

    async def _ask(self, request: _Request, doing: str) -> Answer:
        outcome: Answer | SourceProblem
        if (final := self._over()) is not None:
            outcome = final
        else:
            try:
                outcome, joined = await self._flights.join((request.key, request.cache), partial(self._fly, request))
                self.stats.coalesced += joined
            except FlightLost:
                outcome = not_asked("the request was cancelled when the transport was closed")
        if isinstance(outcome, SourceProblem):
            raise outcome.as_error(self.name, self._clean(doing)) from None
        return outcome

    async def close(self) -> None:
        """End what is under way; those who wait for it get an error."""
        self._closed = True
        await self._flights.close()

    async def _fly(self, request: _Request) -> Answer | SourceProblem:
        kept: Kept | None = None
        outcome: Reading | SourceProblem
        try:
            async with asyncio.timeout_at(self._ends_at if math.isfinite(self._ends_at) else None):
                if request.cache:
                    kept = await self._cache.read(request.key, request.cache.fresh_s)
                    if kept and kept.age_s <= request.cache.fresh_s:
                        return self._from_cache(kept, DataState.CACHED)
                outcome = await with_retries(
                    partial(self._try, request),
                    self._once if request.is_probe else self._service,
                    partial(self._worth_waiting, request.path),
                    self._retrying,
                )
        except TimeoutError:
            outcome = self._too_late()
        return await self._settle(request, kept, outcome)

    async def _settle(
        self, request: _Request, kept: Kept | None, outcome: Reading | SourceProblem
    ) -> Answer | SourceProblem:
        if isinstance(outcome, SourceProblem):
            self.stats.settled(request.path, "held back" if outcome.held_back else outcome.kind)
            if outcome.kind == "unavailable" and kept and request.cache and kept.age_s <= request.cache.stale_s:
                self.stats.stale_served += 1
                return self._from_cache(kept, DataState.STALE)
            return outcome
        self.stats.settled(request.path, "ok")
        if request.cache:
            world = {name: value for name, value in outcome.headers.items() if name == SOURCE_HEADER}
            await self._cache.write(request.key, kept_reading(outcome.raw, outcome.served_at, world, request.cache))
        return Answer(outcome.body, DataState.LIVE, outcome.served_at, 0.0, outcome.headers)

    async def _try(self, request: _Request) -> Reading | SourceProblem:
        breaker = self._breakers.of(request.path)
        refusal = _nothing if request.is_probe else breaker.refusal
        async with self._gate.slot(request.path, self._time_left_s(), refusal) as turn:
            if turn.problem is not None:
                return turn.problem
            ticket = breaker.admit()
            try:
                outcome = await self._wire.ask(request.path, request.params)
                turn.answered = not isinstance(outcome, SourceProblem) or outcome.answered
                if isinstance(outcome, SourceProblem) and outcome.kind == "unavailable":
                    breaker.failed(ticket, outcome.happened)
                else:
                    breaker.succeeded(ticket)
                return outcome
            finally:
                breaker.abandoned(ticket)

    def _from_cache(self, kept: Kept, state: DataState) -> Answer:
        return Answer(self._form.read(kept.raw), state, kept.served_at, kept.age_s, kept.headers)

    def _worth_waiting(self, path: str, wait_s: float) -> bool:
        return wait_s < self._time_left_s() and self._breakers.of(path).refusal() is None

    def _retrying(self, problem: SourceProblem, wait_s: float) -> None:
        self.stats.retries += 1
        LOG.debug("%s: %s, trying again in %.1f s", self.name, problem.happened, wait_s)

    def _time_left_s(self) -> float:
        return self._ends_at - asyncio.get_running_loop().time()

    def _over(self) -> SourceProblem | None:
        if self._closed:
            return not_asked("not asked, the transport is closed", "Open a new one.")
        return self._too_late() if self._time_left_s() <= 0 else None

    def _too_late(self) -> SourceProblem:
        return not_asked(f"the cycle's deadline of {self._deadline_s:g} s passed", "The next cycle asks again.")


def _nothing() -> SourceProblem | None:
    return None


@asynccontextmanager
async def open_transport(
    name: str,
    base_url: str,
    service: sections.Service,
    *,
    credentials: Credentials | None = None,
    judge: Judge | None = None,
    cache_dir: Path | None = None,
    redis_url: str | None = None,
    shared_url: str | None = None,
    expect_source: Source | None = None,
    deadline_s: float | None = None,
    form: Form = JSON,
) -> AsyncIterator[Transport]:
    """A transport to the provider `name` at `base_url`, closed with all its sockets when the block ends.

    `form` is what every answer has to be: JSON, or TEXT for plain files. `judge(status, body)` sees every answer of
    that form and may declare it a problem, before it is cached or counted.
    With `cache_dir` the cache, the breaker and the sliding windows outlive this process; `redis_url` takes the place
    of the disk as second cache tier, `shared_url`, a Redis as well, that of the file of the windows: they then hold
    for all workers that name it, and no request under a limit goes out while it is away. An answer from another world
    than `expect_source` raises SourceChanged. `deadline_s` counts from now and cuts every call. Raises ConfigError for
    an unusable `base_url`, StorageError when the windows cannot be kept.
    """
    host = _checked_host(name, base_url)
    credentials = credentials or Credentials()
    secrets = (*credentials.secrets, *_redis_secrets(redis_url), *_redis_secrets(shared_url))
    clean = partial(redact, secrets=secrets)
    stats = TransportStats()
    async with AsyncExitStack() as stack:
        stack.enter_context(_clean_logs(secrets))
        session = await stack.enter_async_context(open_session(service))
        shared = SharedCalls(shared_url, f"{file_name(name)}:{host}") if shared_url else None
        gate = stack.enter_context(closing(Gate(file_name(name), service, stats, cache_dir, shared)))
        breakers = Breakers(service.breaker, name=name, folder=cache_dir, address=host)
        stack.callback(breakers.save)
        cache = Cache(cache_dir / "answers" if cache_dir else None, redis_url, stats)
        stack.push_async_callback(cache.close)
        world = (base_url.rstrip("/"), str(expect_source))
        wire = Wire(session, base_url, service, credentials, judge, expect_source, clean, stats, form)
        transport = Transport(name, world, service, wire, gate, breakers, cache, stats, clean, deadline_s, form)
        stack.push_async_callback(transport.close)
        yield transport


def _checked_host(name: str, base_url: str) -> str:
    parts = urlsplit(base_url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or "@" in parts.netloc:
        allowed = "http(s)://host/path, without credentials or query"
        shown = f"{parts.scheme}://{parts.hostname or ''}..."
        raise ConfigError(f"address of {name}", value=shown, allowed=allowed, origin="the settings")
    return parts.netloc


def _redis_secrets(url: str | None) -> tuple[str, ...]:
    if url is None:
        return ()
    parts = urlsplit(url)
    if parts.scheme not in {"redis", "rediss", "unix"} or find_spec("redis") is None:
        allowed = "redis://host:port/number, with the package installed as football-assets[redis]"
        raise ConfigError("redis_url", value="********", allowed=allowed, origin="the settings")
    password = parts.password or ""
    return password, unquote(password)


@contextmanager
def _clean_logs(secrets: tuple[str, ...]) -> Iterator[None]:
    cleaner = RedactingFilter(secrets)
    for logger in _LOGGERS:
        logging.getLogger(logger).addFilter(cleaner)
    try:
        yield
    finally:
        for logger in _LOGGERS:
            logging.getLogger(logger).removeFilter(cleaner)
