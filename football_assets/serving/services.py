"""What the handlers share, made once when the server starts."""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from starlette.requests import HTTPConnection

from football_assets.config import Settings, now_utc
from football_assets.serving.cache import AnswerCache
from football_assets.serving.dagster_api import DagsterApi
from football_assets.serving.guard import Requests
from football_assets.serving.keys import KeyStore
from football_assets.serving.published import Published
from football_assets.serving.stream.hub import Hub

if TYPE_CHECKING:
    from football_assets.serving.access import Access
    from football_assets.serving.fast_lane import FastLane
    from football_assets.serving.props import PropDesk


@dataclass
class Services:
    """The shared parts of one serving process."""

    settings: Settings
    published: Published
    cache: AnswerCache
    keys: KeyStore
    access: "Access"
    requests: Requests
    hub: Hub
    dagster: DagsterApi
    desk: "PropDesk | None" = None
    fast_lane: "FastLane | None" = None
    loop_lag_s: float = 0.0
    loop: asyncio.AbstractEventLoop | None = None
    started_at: datetime = field(default_factory=now_utc)

    @property
    def props(self) -> "PropDesk":
        """Who answers props; there is one where the college pipeline is installed."""
        assert self.desk is not None
        return self.desk


def services_of(connection: HTTPConnection) -> Services:
    """The shared parts, from a request or a WebSocket."""
    services = connection.app.state.services
    assert isinstance(services, Services)
    return services
