"""The serving process: uvicorn, with a goodbye to the stream's clients before it closes their connections."""

import asyncio
import gc
import socket
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import uvicorn

from football_assets.config import Settings
from football_assets.operations.json_logs import log_to_file
from football_assets.serving.app import create_app
from football_assets.serving.routes.stream import GOODBYE
from football_assets.serving.services import Services

if TYPE_CHECKING:
    from football_assets.serving.fast_lane import Looker

GOODBYE_LIMIT_S = 1.0
# A thread that reads tables gives way to the requests so often.
SWITCH_S = 0.001


class Server(uvicorn.Server):
    """A uvicorn server that tells the stream's clients when it stops.

    `alone` is for a process that does nothing else: what is there once it has started is taken out of the garbage
    collector's rounds, each of which would hold up every client.
    """

    def __init__(self, config: uvicorn.Config, *, alone: bool = False) -> None:
        super().__init__(config)
        self._alone = alone

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start as usual."""
        await super().startup(sockets)
        if self._alone:
            gc.collect()
            gc.freeze()
            sys.setswitchinterval(SWITCH_S)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Say goodbye, then stop as usual."""
        services = getattr(getattr(self.config.app, "state", None), "services", None)
        if isinstance(services, Services):
            services.hub.say(GOODBYE)
            deadline = asyncio.get_running_loop().time() + GOODBYE_LIMIT_S
            while services.hub.clients and asyncio.get_running_loop().time() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        await super().shutdown(sockets)


def run(settings: Settings, address: str, port: int, looker: "Callable[[], Looker] | None" = None) -> None:
    """Serve until a signal comes; what is logged goes to `<home>/logs/serving-json.log`, too.

    `looker` makes who looks at the provider for the fast lane.
    """
    log_to_file(settings, "serving")
    config = uvicorn.Config(
        create_app(settings, pages=True, looker=looker),
        host=address,
        port=port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=5,
        ws_max_size=settings.serving.largest_body_bytes,
        ws_per_message_deflate=False,  # it would compress each message anew for each of its readers
    )
    Server(config, alone=True).run()
