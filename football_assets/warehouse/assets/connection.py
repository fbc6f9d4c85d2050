"""The resource through which assets reach a provider: one session for the length of a run."""

from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import dagster as dg
from pydantic import PrivateAttr

from football_assets.config import Settings, load_settings
from football_assets.providers import Connection, Domain
from football_assets.states import Source
from football_assets.transport import Transport

Result = TypeVar("Result")


class ProviderConnection(dg.ConfigurableResource[Any]):
    """One provider's session. Nothing is opened before the first call; the run's end closes it."""

    domain: str
    _connection: Connection | None = PrivateAttr(default=None)
    _settings: Settings | None = PrivateAttr(default=None)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["ProviderConnection"]:
        """Close the session when the run ends, whatever happened in it."""
        try:
            yield self
        finally:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @property
    def settings(self) -> Settings:
        """The settings as the run's process reads them."""
        if self._settings is None:
            self._settings = load_settings()
        return self._settings

    @property
    def connection(self) -> Connection:
        """The run's connection; the soccer one carries the cycle's deadline from its first use."""
        if self._connection is None:
            domain: Domain = "soccer" if self.domain == "soccer" else "ncaa"
            deadline_s = self.settings.live.deadline_s if domain == "soccer" else None
            self._connection = Connection(domain, self.settings, deadline_s=deadline_s)
        return self._connection

    @property
    def source(self) -> Source:
        """The world the answers belong to."""
        return self.connection.source

    def run(self, work: Callable[[Transport], Coroutine[Any, Any, Result]]) -> Result:
        """Run a coroutine function with the open transport."""
        return self.connection.run(work)
