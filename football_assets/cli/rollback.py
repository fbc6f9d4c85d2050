"""`football rollback`: a published table as it was before. `football database`: the revision of the databases."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console

from football_assets.cli.options import AsJson, World
from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.providers import reading_world
from football_assets.rooms import load_declarations
from football_assets.states import Source
from football_assets.warehouse import rollback as back
from football_assets.warehouse.engine import Database, database_of
from football_assets.warehouse.migrate import HEAD, revision, upgrade
from football_assets.warehouse.reader import HOW_TO_PUBLISH, Warehouse

app = typer.Typer(name="database", help="The revision of the published databases' catalogue.", no_args_is_help=True)


def rollback(
    table: Annotated[str, typer.Argument(help="A table such as ncaa_features.")],
    to: Annotated[
        int | None, typer.Option("--to", help="The publication to go to, back or forward. Default: the version before.")
    ] = None,
    release: Annotated[bool, typer.Option("--release", help="Let the next publication serve the lake again.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    source: World = None,
    as_json: AsJson = False,
) -> None:
    """Serve a published table as it was before, all its seasons at once.

    The lake stays as it is. The files that were served until now are refused: later publications keep the rolled back
    rows, season by season, until the lake has other content for them, the table's declaration changes, or `--release`.
    The other tables stay. To undo it, go forward again with `--to` and the publication that it names.
    """
    load_declarations()
    chosen = back.declared(table)
    database = _database(chosen.about().domain, source)
    if release:
        count = back.release(database, chosen)
        found = {"table": table, "released_files": count}
        typer.echo(json.dumps(found) if as_json else f"{table}: {count} files may be published again, by the next run")
        return
    if not yes:
        known = back.versions(database, chosen)
        listed = ", ".join(f"{each.publication_id} ({each.published_at:%Y-%m-%d %H:%M} UTC)" for each in known)
        typer.confirm(f"{table} ({database}) has the versions {listed or 'none'}. Roll back?", abort=True, err=True)
    made = back.roll_back(database, chosen, to)
    if as_json:
        typer.echo(json.dumps(asdict(made), default=str, indent=2))
        return
    seasons = ", ".join(each for each in made.replaced_seasons if each)
    Console(soft_wrap=True).print(
        f"{table} is served as of publication {made.to_id} ({made.to_published_at:%Y-%m-%d %H:%M:%S} UTC): "
        f"{made.rows} rows{f' of {seasons}' if seasons else ''} replaced, as publication {made.publication_id}.\n"
        f"Undo: football rollback {table} --to {made.before_id}",
        highlight=False,
    )


@app.command()
def current(as_json: AsJson = False) -> None:
    """Show the revision of every world's database."""
    found = {}
    for database in _databases():
        with database.reading() as connection:
            found[database.source.value] = revision(connection)
    if as_json:
        typer.echo(json.dumps({"known": HEAD, "worlds": found}, indent=2))
        return
    for world, number in found.items():
        typer.echo(f"{world}: revision {number}" + ("" if number == HEAD else f", this version has {HEAD}"))


@app.command(name="upgrade")
def upgrade_all(as_json: AsJson = False) -> None:
    """Bring every world's database to this version's revision. A publication does the same by itself."""
    found = {}
    for database in _databases():
        with database.writing() as connection:
            found[database.source.value] = upgrade(connection, database)
    if as_json:
        typer.echo(json.dumps(found, indent=2))
        return
    for world, (before, after) in found.items():
        typer.echo(f"{world}: {'at' if before == after else f'{before} ->'} {after}")


@app.callback()
def _group() -> None:
    """The catalogue has revisions; the published tables themselves are rebuilt when their declaration changes."""


def _database(domain: str, source: Source | None) -> Database:
    settings = load_settings()
    world = reading_world(settings, "soccer" if domain == "soccer" else "ncaa", source)
    if world is None:
        raise StorageError("opening the warehouse", "nothing is published yet", HOW_TO_PUBLISH)
    database = database_of(settings.folder, world)
    Warehouse(database, world)
    return database


def _databases() -> list[Database]:
    folder = load_settings().folder
    found = [each for each in (database_of(folder, source) for source in Source) if each.exists()]
    if not found:
        raise StorageError("looking for databases", "nothing is published yet", HOW_TO_PUBLISH)
    return found
