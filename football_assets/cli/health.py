"""`football health`: how the platform is, what is wrong, and its logs; `football watchdog`: tells when it is ill."""

import logging
import time
from typing import Annotated

import typer
from rich.console import Console
from rich.live import Live

from football_assets.cli.options import AsJson
from football_assets.config import load_settings, now_utc
from football_assets.errors import FootballError

LOOK_S = 1.0
NO_DATA = 1

app = typer.Typer(name="health", help="How the platform is, what is wrong, and its logs.", no_args_is_help=True)
alerts_app = typer.Typer(name="alerts", help="What is wrong now, and acknowledging it.")
app.add_typer(alerts_app)


@app.command()
def report(as_json: AsJson = False) -> int:
    """Services, cycles, tables, checks, providers and the machine; works while Dagster is down.

    Exit code 1 when it runs but no data came for two cycles.
    """
    from football_assets.cli.health_views import report_view
    from football_assets.operations.alert_rules import findings
    from football_assets.operations.health import health

    settings = load_settings()
    found = health(settings)
    if as_json:
        typer.echo(found.model_dump_json(indent=1))
    else:
        Console().print(report_view(found, findings(found, settings.alerts)))
    return NO_DATA if found.state == "no_data" else 0


@app.command()
def monitor() -> None:
    """The report as a live screen, until Ctrl-C; works while Dagster is down."""
    from football_assets.cli.health_views import monitor_view
    from football_assets.operations.alert_rules import findings
    from football_assets.operations.health import health

    console = Console()
    settings = load_settings()
    try:
        with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
            while True:
                found = health(settings)
                live.update(monitor_view(found, findings(found, settings.alerts)), refresh=True)
                time.sleep(LOOK_S)
    except KeyboardInterrupt:
        return


@app.command()
def logs(
    service: Annotated[str | None, typer.Argument(help="Only this one, such as daemon or serving.")] = None,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many lines of the past.")] = 50,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on with what is added, over rotations.")] = False,
) -> None:
    """The newest lines of our processes' logs."""
    from football_assets.operations.log_reading import Follower, last_lines, log_files

    folder = load_settings().folder / "logs"
    files = log_files(folder, service)
    if not files:
        there = ", ".join(sorted({each.stem for each in log_files(folder, None)})) or "none"
        raise FootballError("reading the logs", f"no log {service or ''} in {folder}".rstrip(), f"There are: {there}.")
    follower = Follower(folder, service)
    for line in last_lines(files, lines):
        typer.echo(line)
    try:
        while follow:
            for line in follower.new_lines():
                typer.echo(line)
            time.sleep(0.2)
    except KeyboardInterrupt:
        return


@alerts_app.callback(invoke_without_command=True)
def alerts(
    context: typer.Context,
    as_json: AsJson = False,
    every: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
) -> None:
    """What was raised and lasts. `football health alerts ack ID` says that you look after it."""
    if context.invoked_subcommand is not None:
        return
    import json

    from football_assets.cli.health_views import alerts_view
    from football_assets.operations.alert_state import AlertBook

    state = AlertBook(load_settings().folder).read()
    shown = list(reversed(state.alerts)) if every else state.open
    if as_json:
        typer.echo(json.dumps([each.model_dump(mode="json") for each in shown], indent=1))
    else:
        Console().print(alerts_view(shown, now_utc()))


@alerts_app.command()
def ack(
    alert_id: Annotated[str, typer.Argument(help="Id, as `football health alerts` shows it.")],
    by: Annotated[str, typer.Option("--by", help="Who looks after it.")] = "command line",
) -> None:
    """Say that somebody looks after an alert: nobody else is called."""
    from football_assets.operations.alert_state import AlertBook

    alert = AlertBook(load_settings().folder).acknowledge(alert_id, by, now_utc())
    at = alert.acknowledged_at
    typer.echo(f"{alert.id} {alert.key}: acknowledged by {alert.acknowledged_by} at {at:%Y-%m-%d %H:%M:%S} UTC")


def watchdog(
    once: Annotated[bool, typer.Option("--once", help="Look once.")] = False,
) -> None:
    """Look every 15 s and tell the notification targets what is wrong, also when Dagster is gone; until Ctrl-C."""
    from football_assets.operations.json_logs import log_to_file
    from football_assets.operations.watchdog import Watchdog, last_word, watch

    settings = load_settings()
    dog = Watchdog(settings, stays=not once)
    if once:
        state = dog.look()
        typer.echo("another one is looking" if state is None else f"{len(state.open)} alerts")
        return
    try:
        with last_word(settings):
            log_to_file(settings, "watchdog")
            logging.getLogger(__name__).info("watching %s", settings.folder)
            watch(dog)
    except KeyboardInterrupt:
        return
