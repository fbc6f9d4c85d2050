"""`football service`: the platform as services of systemd."""

import subprocess
import time
from pathlib import Path
from typing import Annotated

import typer
import yaml

from football_assets.config import load_settings
from football_assets.operations import service_units as units
from football_assets.operations.dagster_home import prepare_dagster_home

app = typer.Typer(name="service", help="Install and control the services of systemd.", no_args_is_help=True)
Prefix = Annotated[Path, typer.Option("--prefix", help="Write below this folder and leave systemd alone.")]
Lines = Annotated[int, typer.Option("--lines", "-n", min=1, help="How many lines.")]
ROOT = Path("/")
NOT_ACTIVE = 3
_LOOK_S = 0.2


@app.command()
def install(prefix: Prefix = ROOT) -> None:
    """Write the units and enable them; the same again changes nothing."""
    done = units.install(prefix)
    for path in done.written:
        typer.echo(f"written    {path}")
    typer.echo(f"{len(done.unchanged)} files were as they should be")
    if prefix == ROOT:
        typer.echo(f"Keys belong in /{units.ENVIRONMENT}. Start: football service start")


@app.command()
def uninstall(prefix: Prefix = ROOT) -> None:
    """Stop and remove the units; data, keys and the user stay."""
    for path in units.uninstall(prefix):
        typer.echo(f"removed    {path}")
    typer.echo("The service is not installed. Data in /var/lib/football and keys in /etc/football were left.")


@app.command()
def start() -> None:
    """Start all services; those that run go on."""
    units.control("start")
    status()


@app.command()
def stop() -> None:
    """Stop all services."""
    units.control("stop")
    typer.echo("stopped")


@app.command()
def restart() -> None:
    """Stop and start all services."""
    units.control("restart")
    status()


@app.command()
def status() -> None:
    """Show the state of each service. Exit code 3 when one is not active."""
    found = units.states()
    for name, state in found.items():
        typer.echo(f"{name:28} {state}")
    if set(found.values()) != {"active"}:
        raise typer.Exit(NOT_ACTIVE)


@app.command()
def logs(lines: Lines = 100) -> None:
    """Print the newest lines of all services' logs."""
    _journal(units.logs_command(lines, follow=False))


@app.command()
def follow(lines: Lines = 20) -> None:
    """Print the logs of all services as they come, until Ctrl-C."""
    _journal(units.logs_command(lines, follow=True))


@app.command(hidden=True)
def prepare() -> None:
    """Bring the data folder in order before the code server starts."""
    settings = load_settings()
    home = prepare_dagster_home(settings)
    spec = {"grpc_server": {"socket": units.CODE_SOCKET, "location_name": "football_assets"}}
    (settings.folder / "workspace.yaml").write_text(yaml.safe_dump({"load_from": [spec]}), encoding="utf-8")
    Path(units.CODE_SOCKET).unlink(missing_ok=True)
    typer.echo(f"{home} is ready")


@app.command(name="wait-for-code", hidden=True)
def wait_for_code() -> None:
    """Return when the code server has loaded the code; systemd limits the time."""
    while not Path(units.CODE_SOCKET).is_socket():
        time.sleep(_LOOK_S)


def _journal(command: list[str]) -> None:
    try:
        code = subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:
        code = 0
    raise typer.Exit(code)
