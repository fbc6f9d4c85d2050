"""`football serve`: the REST service, the stream and the pages, until Ctrl-C."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated

import typer

from football_assets.config import LOOPBACK, Settings, load_settings
from football_assets.errors import FootballError
from football_assets.operations.processes import require_free
from football_assets.rooms import installed
from football_assets.serving.keys import KeyStore

if TYPE_CHECKING:
    from football_assets.serving.fast_lane import Looker

NO_KEY = "no API key is configured, so only this machine is served; `football keys create NAME` makes one"


def serve(
    host: Annotated[
        str | None, typer.Option("--host", help="Address to serve. Another than this machine needs a key.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", min=1, max=65535, help="Port to serve.")] = None,
) -> None:
    """Serve what is published: REST, the stream and the pages. Only the fast lane, when enabled, calls a provider."""
    from football_assets.serving.process import run

    settings = load_settings()
    address, number = host or settings.serving.host, port or settings.serving.port
    keyed = bool(KeyStore(settings.folder).keys())
    require_allowed(address, keyed=keyed)
    require_free(address, number, "starting the server", "football serve --port")
    typer.echo(f"Serving    http://{address}:{number}" + ("" if keyed else f"   ({NO_KEY})"))
    run(settings, address, number, _looker(settings))


def _looker(settings: Settings) -> "Callable[[], Looker] | None":
    """What makes the one who looks at the live list between the cycles; None when nobody should."""
    if not settings.fast_lane.enabled or "soccer" not in installed():
        return None
    from football_assets.soccer.fast_lane import FastLane

    return lambda: FastLane(settings)


def require_allowed(address: str, *, keyed: bool) -> None:
    """Raise FootballError when a keyless server would be seen by other machines."""
    if not keyed and address not in LOOPBACK and address != "::1":
        happened = f"{address} can be reached by others, and no API key is configured"
        raise FootballError("starting the server", happened, "Make one: football keys create NAME. Or serve 127.0.0.1.")
