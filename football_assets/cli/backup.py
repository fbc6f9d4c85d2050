"""`football backup`: copies of the worlds, and the way back."""

import json
from typing import Annotated

import typer

from football_assets.cli.instants import instant
from football_assets.cli.options import AsJson
from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.operations import service_units
from football_assets.operations.dagster_home import require_stopped
from football_assets.rooms import installed
from football_assets.states import Source
from football_assets.warehouse.backups import making, restoring
from football_assets.warehouse.backups.making import Backup
from football_assets.warehouse.backups.stores import store_of
from football_assets.warehouse.reader import HOW_TO_PUBLISH

app = typer.Typer(name="backup", help="Verified copies of all data, and the way back.", no_args_is_help=True)
World = Annotated[Source | None, typer.Option("--source", help="Only this world.")]


@app.command()
def create(source: World = None, as_json: AsJson = False) -> None:
    """Back up every world that has data; each backup is fetched and restored once to verify it."""
    settings = load_settings()
    chosen = [each for each in making.worlds(settings) if source in (None, each)]
    if not chosen:
        raise StorageError("backing up", "nothing is published yet", HOW_TO_PUBLISH)
    made = [making.create_backup(settings, each) for each in chosen]
    if as_json:
        typer.echo(json.dumps([each.short() for each in made], indent=2))
        return
    for each in made:
        place = store_of(settings, Source(each.source))
        typer.echo(f"{each.source}: {place}/{each.file} ({_size(each)}, {each.total_rows} rows, verified)")


@app.command(name="list")
def list_backups(source: World = None, as_json: AsJson = False) -> None:
    """List the backups of every world, oldest first."""
    found = _backups(source)
    if as_json:
        typer.echo(json.dumps([each.short() for each in found], indent=2))
        return
    if not found:
        typer.echo("No backup is kept. `football backup create` makes one.")
        raise typer.Exit(3)
    for each in found:
        sealed = ", encrypted" if each.encrypted else ""
        at = f"{each.made_at:%Y-%m-%d %H:%M:%S} UTC"
        typer.echo(f"{each.source:9}  {at}  {_size(each):>9}  {each.total_rows:>9} rows  {each.file}{sealed}")


@app.command()
def verify(
    file: Annotated[
        str | None, typer.Argument(help="A backup as `list` names it. Default: the newest of each world.")
    ] = None,
    source: World = None,
    as_json: AsJson = False,
) -> None:
    """Fetch a backup, restore it into a scratch place, and compare checksums and row counts."""
    found = _backups(source)
    newest = {each.source: each for each in found}.values()
    chosen = list(newest) if file is None else [each for each in found if each.file == file]
    if not chosen:
        raise StorageError(
            "verifying a backup", f"there is no {file or 'backup'}", "`football backup list` lists them."
        )
    for each in chosen:
        making.verify(load_settings(), each)
    if as_json:
        typer.echo(json.dumps([each.short() for each in chosen], indent=2))
        return
    for each in chosen:
        typer.echo(f"{each.source}: {each.file} is whole ({each.files} files, {each.total_rows} rows)")


@app.command()
def restore(
    to: Annotated[
        str | None, typer.Option("--to", help="An instant such as 2026-11-20T14:31Z. Default: the newest backup.")
    ] = None,
    undo: Annotated[bool, typer.Option("--undo", help="Swap back what the last restore put aside.")] = False,
    only: Annotated[str | None, typer.Option("--only", help="Set back soccer or ncaa alone.")] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Put it in the place of the running data.")] = False,
    source: Annotated[
        Source | None, typer.Option("--source", help="The world. Default: the only one there is.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write a world as it was beside the running one; with --yes, swap the two.

    Nothing is overwritten: what was there is put aside, and --undo --yes swaps it back.
    """
    settings = load_settings()
    domain = next((each for each in installed() if each == only), None)
    if only is not None and domain is None:
        raise typer.BadParameter(f"--only {only!r} is none of {', '.join(installed())}.")
    world = source or _only_world()
    if yes or undo:
        require_stopped(settings)
        service_units.require_stopped()
    if undo:
        if not yes:
            typer.confirm(f"Swap back what the last restore of the {world} world put aside?", abort=True, err=True)
        restoring.undo(settings, world)
        typer.echo(json.dumps({"undone": world}) if as_json else f"{world}: what was there before is back")
        return
    made = restoring.restore(settings, world, None if to is None else instant(to, "--to"), domain)
    if yes:
        restoring.put_in_place(settings, made)
    place = settings.folder / world if yes else made.world
    if as_json:
        as_of = {name: at.isoformat() for name, at in made.as_of.items()}
        typer.echo(
            json.dumps({"in_place": yes, "world": str(place), "from": made.taken_from, "as_of": as_of}, indent=2)
        )
        return
    typer.echo(f"{world}: restored from {made.taken_from}")
    for name, at in made.as_of.items():
        typer.echo(f"{name}: as of {at:%Y-%m-%d %H:%M:%S} UTC")
    typer.echo(
        "Undo: football backup restore --undo --yes"
        if yes
        else f"Nothing was replaced. Look: FOOTBALL_HOME={made.home}"
    )


@app.callback()
def _group() -> None:
    """Backups older than the retention of the configuration are removed when one is made."""


def _backups(source: Source | None) -> list[Backup]:
    settings = load_settings()
    chosen = [source] if source else list(Source)
    return [made for each in chosen for made in making.backups(settings, each)]


def _size(made: Backup) -> str:
    return f"{made.bytes / 1e6:.1f} MB"


def _only_world() -> Source:
    settings = load_settings()
    found = [each for each in Source if (settings.folder / each / "lake").is_dir() or making.backups(settings, each)]
    if len(found) != 1:
        there = ", ".join(found) or "none"
        raise StorageError("choosing the world to restore", f"there is {there}", "Name one with --source.")
    return found[0]
