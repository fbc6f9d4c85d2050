"""`football lake`: the tables of this machine and the object store of FOOTBALL_LAKE_URL."""

from typing import Annotated

import typer

from football_assets.config import load_settings
from football_assets.errors import ConfigError, StorageError
from football_assets.states import Source
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.lake_store import LakeStore

app = typer.Typer(help="The lake on an object store (FOOTBALL_LAKE_URL).", no_args_is_help=True)
World = Annotated[Source, typer.Option("--source", help="The world.")]


@app.command()
def push(
    source: World,
    yes: Annotated[
        bool, typer.Option("--yes", help="Also when the store has tables, which are then replaced.")
    ] = False,
) -> None:
    """Put the tables and models of this machine into the store: once, when a lake of files moves there."""
    store = _store(source)
    if store.all() and not yes:
        happened = f"{store} holds {len(store.all())} files"
        raise StorageError("pushing the lake", happened, "Say --yes to replace them by those of this machine.")
    typer.echo(f"{store.push()} files are now in {store}")


@app.command()
def pull(source: World) -> None:
    """Bring this machine's copy up to date; reading does so by itself, file by file."""
    store = _store(source)
    typer.echo(f"{store.pull()} files of {store} are here")


def _store(source: Source) -> LakeStore:
    store = Lake(load_settings().folder, source).store
    if store is None:
        raise ConfigError("lake_url", value=None, allowed="s3://bucket/folder", origin="FOOTBALL_LAKE_URL")
    return store
