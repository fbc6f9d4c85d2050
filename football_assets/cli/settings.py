"""`football config`: the settings in force."""

import json
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from football_assets.config import explain_settings

app = typer.Typer(name="config", help="The settings in force and where each came from.", no_args_is_help=True)


@app.command()
def show(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
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


@app.callback()
def _group() -> None:
    """Settings come from config/pipeline.yaml, .env and the environment, the later ones winning."""
