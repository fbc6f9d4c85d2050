"""`football config`: the settings in force, whether they are sound, and a message to try the notifications."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from football_assets.cli.options import AsJson
from football_assets.config import Settings, explain_settings, load_settings
from football_assets.errors import ConfigError, SourceUnavailable
from football_assets.rooms import installed, part

app = typer.Typer(name="config", help="The settings in force and where each came from.", no_args_is_help=True)


@app.command()
def show(as_json: AsJson = False) -> None:
    """Print every setting, its value (secrets masked) and where it came from."""
    rows = explain_settings()
    if as_json:
        typer.echo(json.dumps({key: {"value": value, "from": origin} for key, value, origin in rows}, indent=2))
        return
    grid = Table(box=None, pad_edge=False)
    for title in ("setting", "value", "from"):
        grid.add_column(title, overflow="fold")
    for row in rows:
        grid.add_row(*row)
    Console().print(grid)


@app.command()
def validate() -> None:
    """Check every setting, the names of columns and the notification addresses included; exit code 1 on a fault."""
    settings = load_settings()
    if "ncaa" in installed():
        part("ncaa", "schemas")
        part("ncaa", "quality_parts").null_limits(settings.quality)
    targets = _targets(settings)
    typer.echo(f"{len(explain_settings())} settings are sound; {targets} notification targets")


@app.command()
def notify(message: Annotated[str, typer.Argument(help="What to say.")] = "football_assets can reach you.") -> None:
    """Send a message to every notification target, to see that it arrives."""
    settings = load_settings()
    if not _targets(settings):
        raise ConfigError("notifications.targets", value="none", allowed="at least one address", origin="settings")
    import apprise

    failed = []
    for number, target in enumerate(settings.notifications.targets):
        channel = apprise.Apprise()
        channel.add(target.get_secret_value())
        if not channel.notify(body=message, title="football_assets"):
            failed.append(str(number))
    if failed:
        happened = f"{len(failed)} of {len(settings.notifications.targets)} messages were not taken"
        where = ", ".join(f"notifications.targets.{number}" for number in failed)
        raise SourceUnavailable("notifications", "sending a message", happened, f"Check {where}.")
    typer.echo(f"sent to {len(settings.notifications.targets)} targets")


def _targets(settings: Settings) -> int:
    """How many notification targets there are. Raises ConfigError for one that no service of Apprise knows."""
    targets = settings.notifications.targets
    if targets:
        import apprise

        for number, target in enumerate(targets):
            if apprise.Apprise.instantiate(target.get_secret_value(), suppress_exceptions=True) is None:
                allowed = "an Apprise address such as mailto://user:password@example.com or discord://id/token"
                raise ConfigError(
                    f"notifications.targets.{number}", value="********", allowed=allowed, origin="settings"
                )
    return len(targets)


@app.callback()
def _group() -> None:
    """Settings come from config/pipeline.yaml, .env and the environment, the later ones winning."""
