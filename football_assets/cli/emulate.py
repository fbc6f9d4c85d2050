"""`football emulate`: the providers on loopback, from recordings or from the simulation."""

import asyncio
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from football_assets.cli.instants import instant
from football_assets.config import LOOPBACK, load_settings, now_utc
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.sources import MatchSource, SeasonSource
from football_assets.errors import ConfigError
from football_assets.states import Source

if TYPE_CHECKING:
    from aiohttp import web

    from football_assets.emulators.football_data import HistorySource

app = typer.Typer(name="emulate", help="Serve a provider's API on this machine.", no_args_is_help=True)

DEFAULT_SEED = 1

Port = Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 takes a free one.")]
Host = Annotated[str, typer.Option("--host", help="Address to serve. It accepts any key: keep it off open networks.")]
Data = Annotated[
    Path | None, typer.Option("--data", metavar="DIR", help="Serve the recordings in DIR.", show_default=False)
]
Simulate = Annotated[
    int | None, typer.Option("--simulate", metavar="SEED", help="Serve the simulated world SEED.", show_default=False)
]
At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="INSTANT",
        help="Emulated time at the start, e.g. 2025-05-28T17:30:17Z. Default: what the data suggests.",
        show_default=False,
    ),
]
Speed = Annotated[float, typer.Option(min=0, help="Emulated seconds for each real one; 0 freezes the clock.")]
LatencyMs = Annotated[float, typer.Option("--latency-ms", min=0, help="Hold every answer back so long.")]
FaultList = Annotated[
    list[str] | None,
    typer.Option("--fault", metavar="NAME[@PATH][=VALUE]", help="Something that goes wrong; may be repeated."),
]


@app.command()
def thesports(
    port: Port = 8101,
    data: Data = None,
    simulate: Simulate = None,
    at: At = None,
    speed: Speed = 1.0,
    latency_ms: LatencyMs = 0.0,
    fault: FaultList = None,
    host: Host = LOOPBACK[0],
    user: Annotated[str | None, typer.Option(help="The only account accepted; any when not given.")] = None,
    secret: Annotated[str | None, typer.Option(help="The only secret accepted; any when not given.")] = None,
) -> None:
    """Serve the TheSports football API."""
    from football_assets.emulators.thesports import thesports_app

    faults, start, now = _faults(fault, latency_ms), _start(at), now_utc()
    recordings, seed = _origin(data, simulate)
    source = _matches(recordings, seed, start, now)
    clock = EmulatedClock(start or (source.default_at if recordings else now), speed)
    _serve(
        "TheSports", thesports_app(source, clock, faults, user=user, secret=secret), (host, port), clock, source.label
    )


@app.command()
def cfbd(
    port: Port = 8102,
    data: Data = None,
    simulate: Simulate = None,
    at: At = None,
    speed: Speed = 1.0,
    latency_ms: LatencyMs = 0.0,
    fault: FaultList = None,
    host: Host = LOOPBACK[0],
    key: Annotated[str | None, typer.Option(help="The only key accepted; any when not given.")] = None,
) -> None:
    """Serve the College Football Data API."""
    from football_assets.emulators.college_football import college_football_app

    faults, start = _faults(fault, latency_ms), _start(at)
    recordings, seed = _origin(data, simulate)
    source = _seasons(recordings, seed, around=start or now_utc())
    clock = EmulatedClock(start or source.default_at, speed)
    _serve(
        "College Football Data", college_football_app(source, clock, faults, key=key), (host, port), clock, source.label
    )


@app.command("football-data")
def football_data(
    port: Port = 8103,
    data: Data = None,
    simulate: Simulate = None,
    at: At = None,
    speed: Speed = 1.0,
    latency_ms: LatencyMs = 0.0,
    fault: FaultList = None,
    host: Host = LOOPBACK[0],
) -> None:
    """Serve the season files of football-data.co.uk."""
    from football_assets.emulators.football_data import football_data_app

    faults, start, now = _faults(fault, latency_ms), _start(at), now_utc()
    recordings, seed = _origin(data, simulate)
    source = _results(recordings, seed, around=start or now)
    clock = EmulatedClock(start or (source.default_at if recordings else now), speed)
    _serve("football-data.co.uk", football_data_app(source, clock, faults), (host, port), clock, source.label)


def _matches(recordings: Path | None, seed: int, start: datetime | None, now: datetime) -> MatchSource:
    if recordings is not None:
        from football_assets.emulators.recordings import recorded_at

        return recorded_at(recordings, start)
    from football_assets.emulators.simulation.soccer import SimulatedMatches

    return SimulatedMatches(seed, around=start or now)


def _results(recordings: Path | None, seed: int, *, around: datetime) -> "HistorySource":
    if recordings is not None:
        from football_assets.emulators.football_data import RecordedHistory

        return RecordedHistory(recordings)
    from football_assets.emulators.simulation.soccer_history import SimulatedHistory

    return SimulatedHistory(seed, around=around)


def _seasons(recordings: Path | None, seed: int, *, around: datetime) -> SeasonSource:
    if recordings is not None:
        from football_assets.emulators.recorded_seasons import RecordedSeasons

        return RecordedSeasons(recordings)
    from football_assets.emulators.simulation.college import SimulatedSeasons

    return SimulatedSeasons(seed, through=load_settings().running_season(around))


def _origin(data: Path | None, simulate: int | None) -> tuple[Path | None, int]:
    """The folder of recordings, or None and the seed of the simulation."""
    if data is not None and simulate is not None:
        raise typer.BadParameter("--data and --simulate exclude each other: serve recordings or a simulation.")
    if data is not None:
        if not data.is_dir():
            raise ConfigError("--data", value=str(data), allowed="a folder that exists", origin="the command line")
        return data, 0
    if simulate is not None:
        return None, simulate
    return load_settings().recordings, DEFAULT_SEED


def _faults(texts: list[str] | None, latency_ms: float) -> Faults:
    latency = [f"latency={latency_ms}"] if latency_ms else []
    try:
        return Faults.parse([*latency, *(texts or [])], origin="--fault")
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


def _serve(
    name: str, application: "web.Application", address: tuple[str, int], clock: EmulatedClock, label: Source
) -> None:
    """Serve until Ctrl-C or SIGTERM, after one line that says what and where."""
    from football_assets.emulators.server import run

    def ready(url: str) -> None:
        typer.echo(f"{name} emulator: {label} data at {url}, emulated time {clock.now():%Y-%m-%dT%H:%M:%SZ}")

    host, port = address
    asyncio.run(run(application, port, host, ready=ready))


def _start(at: str | None) -> datetime | None:
    return None if at is None else instant(at, "--at", needs_zone=True)
