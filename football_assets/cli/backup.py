"""`football backup`: copies of the databases."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.warehouse.backups import create_backup, folder_of
from football_assets.warehouse.reader import HOW_TO_PUBLISH
from football_assets.warehouse.relations import database_path

app = typer.Typer(name="backup", help="Compressed, verified copies of the databases.", no_args_is_help=True)


@app.command()
def create(as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """Copy the database of every world that has one; each copy is restored once to verify it."""
    settings = load_settings()
    worlds = [each for each in Source if database_path(settings.folder, each).exists()]
    if not worlds:
        raise StorageError("backing up", "nothing is published yet", HOW_TO_PUBLISH)
    made = [create_backup(settings.folder, each, keep_days=settings.backup.retention_days) for each in worlds]
    if as_json:
        typer.echo(json.dumps([asdict(each) for each in made], indent=2))
        return
    for world, each in zip(worlds, made, strict=True):
        where = folder_of(settings.folder, world) / each.file
        Console().print(f"{world.value}: {where} ({each.bytes / 1e6:.1f} MB, {each.total_rows} rows, verified)")


@app.callback()
def _group() -> None:
    """Backups lie beside the database of their world and are removed after the retention set in the configuration."""
