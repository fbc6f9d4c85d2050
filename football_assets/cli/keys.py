"""`football keys`: who may ask the REST service."""

import json
from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from football_assets.cli.options import AsJson
from football_assets.config import load_settings, now_utc
from football_assets.serving.keys import KeyStore, Scope

NOTHING = 3
app = typer.Typer(name="keys", help="API keys of the REST service and the stream.", no_args_is_help=True)


@app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who or what uses the key.")],
    scope: Annotated[
        Scope, typer.Option("--scope", help="read; write also starts runs; admin also clears and resets.")
    ] = "read",
    days: Annotated[
        int | None, typer.Option("--days", min=1, help="Valid for so many days. Default: until revoked.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key. It is shown once; several may be valid at a time, so a new one can replace an old one in peace."""
    expires_at = None if days is None else now_utc() + timedelta(days=days)
    key, secret = KeyStore(load_settings().folder).create(name, scope, expires_at)
    if as_json:
        typer.echo(
            json.dumps({"id": key.id, "name": name, "scope": scope, "expires_at": key.expires_at, "key": secret})
        )
        return
    typer.echo(f"Key {key.id} ({scope}) for {name}. It cannot be shown again:\n{secret}")


@app.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """List the keys; their secrets are not kept. Exit code 3 when there is none."""
    keys = KeyStore(load_settings().folder).keys()
    if as_json:
        typer.echo(json.dumps([{k: v for k, v in asdict(key).items() if k != "digest"} for key in keys], indent=1))
    else:
        grid = Table("id", "name", "scope", "made", "expires", box=None, pad_edge=False)
        for key in keys:
            grid.add_row(key.id, key.name, key.scope, key.created_at[:10], (key.expires_at or "never")[:10])
        Console().print(grid if keys else "No key: only this machine is served. `football keys create NAME` makes one.")
    if not keys:
        raise typer.Exit(NOTHING)


@app.command()
def revoke(
    number: Annotated[str, typer.Argument(metavar="ID", help="The id that `football keys list` shows.")],
) -> None:
    """Remove a key at once."""
    key = KeyStore(load_settings().folder).revoke(number)
    typer.echo(f"Key {key.id} ({key.name}) is no longer valid.")
