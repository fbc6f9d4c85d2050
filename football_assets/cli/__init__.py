"""The `football` command. One file a group of commands; every error is one line and an exit code.

Exit codes: 0 whole, 1 failed, 2 partial, 3 nothing to show, 64 the command line is wrong.
"""

import sys

import typer

from football_assets.cli import (
    backup,
    daemon,
    doctor,
    drill,
    emulate,
    health,
    keys,
    lake,
    rollback,
    run,
    serve,
    service,
    settings,
    table,
    up,
    worker,
)
from football_assets.errors import FootballError
from football_assets.rooms import installed

USAGE = 64

app = typer.Typer(
    name="football",
    help="Live soccer and NCAA football: run the pipelines, look at their tables.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command(name="run")(run.run)
app.command(name="up")(up.up)
app.command(name="serve")(serve.serve)
app.command(name="daemon")(daemon.daemon)
app.command(name="worker")(worker.worker)
app.add_typer(health.app, name="health")
app.command(name="watchdog")(health.watchdog)
app.command(name="doctor")(doctor.doctor)
app.command(name="drill")(drill.drill)
app.add_typer(keys.app, name="keys")
app.add_typer(emulate.app, name="emulate")
app.command(name="table")(table.table)
app.add_typer(settings.app, name="config")
app.add_typer(backup.app, name="backup")
app.add_typer(lake.app, name="lake")
app.add_typer(service.app, name="service")
app.command(name="rollback")(rollback.rollback)
app.add_typer(rollback.app, name="database")

if "soccer" in installed():
    from football_assets.cli import identity, live

    app.add_typer(live.app, name="live")
    app.add_typer(identity.app, name="identity")
if "ncaa" in installed():
    from football_assets.cli import ncaa

    app.add_typer(ncaa.app, name="ncaa")


def main() -> None:
    """Entry point of the `football` command."""
    try:
        code = app(standalone_mode=False)
    except FootballError as error:
        typer.secho(str(error), err=True, fg="red")
        sys.exit(1)
    except typer.Abort:
        sys.exit(130)
    except typer.TyperException as error:
        typer.secho(f"{error.format_message()} (football --help lists the commands)", err=True, fg="red")
        sys.exit(USAGE)
    sys.exit(code if isinstance(code, int) else 0)
