"""`football table`: any published table, on the screen or into a file."""

import json
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table

from football_assets.config import Settings, load_settings
from football_assets.errors import ConfigError, StorageError
from football_assets.providers import Domain, reading_world
from football_assets.rooms import PIPELINES
from football_assets.states import Source
from football_assets.warehouse.reader import HOW_TO_PUBLISH, PublishedTable, Warehouse, open_warehouse
from football_assets.warehouse.relations import database_path

FORMATS = (".parquet", ".csv", ".json")
SHOWN_ROWS = 20
SHOWN_COLUMNS = 8

World = Annotated[
    Source | None, typer.Option("--source", help="The world to read. Default: the real one with keys, else the newest.")
]


def table(
    name: Annotated[str | None, typer.Argument(help="A table such as soccer_flattened_matches.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to F.parquet, F.csv or F.json.")] = None,
    source: World = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show a published table, or write it to a file. Without a name: list the tables."""
    settings = load_settings()
    if name is None:
        _list(_published(settings, source), as_json)
        return
    if out is not None and out.suffix not in FORMATS:
        raise ConfigError(
            "--out", value=str(out), allowed="a name ending in " + ", ".join(FORMATS), origin="the command line"
        )
    warehouse = _warehouse_of(name, settings, source)
    frame = warehouse.read(name)
    if out is not None:
        write(frame, out)
        typer.echo(f"{name}: {len(frame)} rows ({warehouse.source.value}) written to {out}")
    elif as_json:
        typer.echo(to_json(frame))
    else:
        _show(name, frame, warehouse.source)


def write(frame: pd.DataFrame, out: Path) -> None:
    """Write a frame whole, in the format that the file's name asks for."""
    out.parent.mkdir(parents=True, exist_ok=True)
    part = out.with_name(f".{out.name}.part")
    try:
        if out.suffix == ".parquet":
            frame.to_parquet(part, compression="zstd", index=False)
        elif out.suffix == ".csv":
            _instants_as_text(frame).to_csv(part, index=False)
        else:
            part.write_text(to_json(frame) + "\n", encoding="utf-8")
        part.replace(out)
    except OSError as error:
        raise StorageError(f"writing {out}", str(error), "Choose another place with --out.") from error
    finally:
        part.unlink(missing_ok=True)


def to_json(frame: pd.DataFrame) -> str:
    """The rows as a JSON array; instants as ISO 8601 UTC, unknown as null."""
    plain = _instants_as_text(frame).astype(object)
    return json.dumps(plain.where(plain.notna(), None).to_dict("records"), ensure_ascii=False, indent=1)


def _instants_as_text(frame: pd.DataFrame) -> pd.DataFrame:
    instants = {
        name: frame[name].dt.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        for name in frame.columns
        if isinstance(frame[name].dtype, pd.DatetimeTZDtype)
    }
    return frame.assign(**instants)


def _worlds(settings: Settings, source: Source | None) -> dict[Domain, Source | None]:
    return {domain: reading_world(settings, domain, source) for domain in PIPELINES}


def _warehouse_of(name: str, settings: Settings, source: Source | None) -> Warehouse:
    """The database that a table is read from: the world its pipeline is read from."""
    worlds = _worlds(settings, source)
    domain = next((each for each in PIPELINES if name.startswith(f"{each}_")), None)
    world = worlds[domain] if domain else next(filter(None, worlds.values()), None)
    return open_warehouse(settings, world)


def _published(settings: Settings, source: Source | None) -> list[PublishedTable]:
    found = []
    for domain, world in _worlds(settings, source).items():
        if world is not None and database_path(settings.folder, world).exists():
            tables = open_warehouse(settings, world).tables()
            found += [each for each in tables if each.name.startswith(f"{domain}_")]
    if not found:
        raise StorageError("listing the tables", "nothing is published yet", HOW_TO_PUBLISH)
    return found


def _list(found: list[PublishedTable], as_json: bool) -> None:
    if as_json:
        rows = [
            {"name": t.name, "rows": t.rows, "source": t.source, "published_at": t.published_at.isoformat()}
            for t in found
        ]
        typer.echo(json.dumps(rows, indent=2))
        return
    grid = Table("table", "rows", "world", "published (UTC)", box=None, pad_edge=False)
    for each in found:
        grid.add_row(each.name, f"{each.rows:,}", each.source.value, f"{each.published_at:%Y-%m-%d %H:%M:%S}")
    Console().print(grid)


def _show(name: str, frame: pd.DataFrame, source: Source) -> None:
    shown = frame.iloc[:SHOWN_ROWS, :SHOWN_COLUMNS]
    grid = Table(
        *map(str, shown.columns), title=f"{name} ({source.value}), {len(frame)} rows x {frame.shape[1]} columns"
    )
    for row in _instants_as_text(shown).astype(object).itertuples(index=False):
        grid.add_row(*("-" if pd.isna(value) else str(value) for value in row))
    console = Console()
    console.print(grid)
    if len(frame) > SHOWN_ROWS or frame.shape[1] > SHOWN_COLUMNS:
        console.print(
            f"The first {len(shown)} rows and {shown.shape[1]} columns. All: football table {name} --out {name}.csv"
        )
