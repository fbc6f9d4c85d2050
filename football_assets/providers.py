"""Who answers for each pipeline: the provider's address, the credentials, and which world its data belongs to."""

import asyncio
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit

from football_assets.config import CFBD_URL, LOOPBACK, THESPORTS_URL, Settings
from football_assets.errors import ConfigError
from football_assets.sections import Service
from football_assets.states import Source
from football_assets.transport import Credentials, SourceProblem, Transport, open_transport, probe_source

Domain = Literal["soccer", "ncaa"]
Result = TypeVar("Result")

Judge = Callable[[int, Any], SourceProblem | None]

# A pipeline whose provider reports failures inside HTTP 200 answers enters its judge here when it is imported.
JUDGES: dict[str, Judge] = {}

_PLACEHOLDER = "no-key-needed-on-loopback"
_known: dict[str, Source] = {}


@dataclass(frozen=True)
class Provider:
    """One service as configured. `official` is its public address."""

    domain: Domain
    name: str
    url: str
    official: str
    service: Service
    credentials: Credentials | None = field(repr=False)
    needs: str

    @property
    def is_official(self) -> bool:
        """Whether calls go to the provider's own address."""
        return self.url.rstrip("/") == self.official

    def require_credentials(self) -> Credentials:
        """The credentials; a loopback emulator takes any. Raises ConfigError when they are needed and not set."""
        if self.credentials is not None:
            return self.credentials
        if urlsplit(self.url).hostname in {host.strip("[]") for host in LOOPBACK}:
            words = {"user": _PLACEHOLDER, "secret": _PLACEHOLDER}
            if self.domain == "soccer":
                return Credentials(query=words)
            return Credentials(headers={"Authorization": f"Bearer {_PLACEHOLDER}"})
        allowed = f"set {self.needs} in the environment or in .env; without keys `make run` uses the simulation"
        raise ConfigError(self.needs, value=None, allowed=allowed, origin="environment and .env")

    def source(self) -> Source:
        """The world this provider's data belongs to: real, unless an emulator at its address says otherwise.

        Raises SourceUnavailable when a custom address does not answer.
        """
        if self.is_official:
            return Source.REAL
        if self.url not in _known:
            _known[self.url] = run_async(probe_source(self.url))
        return _known[self.url]


def provider(domain: Domain, settings: Settings) -> Provider:
    """The service that a pipeline reads."""
    if domain == "soccer":
        user, secret = settings.thesports_user, settings.thesports_secret
        pair = {"user": user, "secret": secret.get_secret_value()} if user and secret else None
        return Provider(
            domain="soccer",
            name="TheSports",
            url=settings.thesports_url,
            official=THESPORTS_URL,
            service=settings.thesports,
            credentials=Credentials(query=pair) if pair else None,
            needs="THESPORTS_USER and THESPORTS_SECRET",
        )
    key = settings.cfbd_api_key
    bearer = {"Authorization": f"Bearer {key.get_secret_value()}"} if key and key.get_secret_value() else None
    return Provider(
        domain="ncaa",
        name="College Football Data",
        url=settings.cfbd_url,
        official=CFBD_URL,
        service=settings.cfbd,
        credentials=Credentials(headers=bearer) if bearer else None,
        needs="CFBD_API_KEY",
    )


def run_async(work: Coroutine[Any, Any, Result]) -> Result:
    """Run a coroutine to its end from plain code, whether or not a loop is running in this thread."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


def newest_world(home: Path, domain: Domain, lake_url: str | None = None) -> Source | None:
    """The world whose tables of `domain` were written last; None before the first run. Raises StorageError."""
    seen: list[tuple[float, Source]] = []
    for source in Source:
        if lake_url is not None:
            from football_assets.warehouse.lake_store import LakeStore

            stored = LakeStore(lake_url, home / source.value).all().items()
            written = [at for name, at in stored if name.startswith(f"lake/{domain}/")]
        else:
            files = (home / source.value / "lake" / domain).rglob("*.parquet")
            written = [file.stat().st_mtime for file in files]
        if written:
            seen.append((max(written), source))
    return max(seen)[1] if seen else None


def reading_world(settings: Settings, domain: Domain, explicit: Source | None = None) -> Source | None:
    """The world a reading command shows: the one named, the real one when keys are set, else the newest."""
    if explicit is not None:
        return explicit
    chosen = provider(domain, settings)
    if chosen.is_official and chosen.credentials is not None:
        return Source.REAL
    return newest_world(settings.folder, domain, settings.lake_url)


class Connection:
    """One provider for the length of one run: an event loop and one transport, opened at the first call.

    Used by a single thread. `close` ends both; no socket stays open after it.
    """

    def __init__(self, domain: Domain, settings: Settings, *, deadline_s: float | None = None) -> None:
        self.provider = provider(domain, settings)
        self._settings = settings
        self._deadline_s = deadline_s
        self._stack = AsyncExitStack()
        self._runner: asyncio.Runner | None = None
        self._transport: Transport | None = None

    @property
    def source(self) -> Source:
        """The world the answers belong to."""
        return self.provider.source()

    def run(self, work: Callable[[Transport], Coroutine[Any, Any, Result]]) -> Result:
        """Run `work` with the open transport and return what it returns."""
        if self._runner is None:
            self.provider.require_credentials()
            self.provider.source()
            self._runner = asyncio.Runner()
            self._transport = self._runner.run(self._open())
        assert self._transport is not None
        return self._runner.run(work(self._transport))

    def close(self) -> None:
        """Close the session and the loop; safe to call twice."""
        if self._runner is not None:
            try:
                self._runner.run(self._stack.aclose())
            finally:
                self._runner.close()
                self._runner = self._transport = None

    async def _open(self) -> Transport:
        chosen = self.provider
        redis = self._settings.redis_url
        return await self._stack.enter_async_context(
            open_transport(
                chosen.name,
                chosen.url,
                chosen.service,
                credentials=chosen.require_credentials(),
                judge=JUDGES.get(chosen.domain),
                cache_dir=self._settings.folder / chosen.source().value / "cache" / chosen.domain,
                redis_url=redis.get_secret_value() if redis else None,
                shared_url=self._settings.shared_url,
                expect_source=chosen.source(),
                deadline_s=self._deadline_s,
            )
        )
