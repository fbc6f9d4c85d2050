"""`football table`: any published table, on the screen or into a file."""

import json
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from football_assets.cli.layout import LARGEST_NAME, Laid, fitted, header, laid, least, line
from football_assets.cli.options import AsJson, World
from football_assets.config import Settings, load_settings
from football_assets.errors import ConfigError, StorageError
from football_assets.providers import Domain, reading_world
from football_assets.rooms import PIPELINES
from football_assets.states import Source
from football_assets.tables import instants_as_text, plain_rows
from football_assets.warehouse.engine import database_of
from football_assets.warehouse.reader import HOW_TO_PUBLISH, PublishedTable, Warehouse, open_warehouse
from football_assets.whole_files import whole

FORMATS = (".parquet", ".csv", ".json")
READABLE = 0o644
SHOWN_ROWS = 20


def table(
    name: Annotated[str | None, typer.Argument(help="A table such as soccer_flattened_matches.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write it to F.parquet, F.csv or F.json.")] = None,
    source: World = None,
    as_json: AsJson = False,
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
    try:
        with whole(out, mode=READABLE) as part:
            if out.suffix == ".parquet":
                frame.to_parquet(part, compression="zstd", index=False)
            elif out.suffix == ".csv":
                instants_as_text(frame).to_csv(part, index=False)
            else:
                part.write_text(to_json(frame) + "\n", encoding="utf-8")
    except OSError as error:
        raise StorageError(f"writing {out}", str(error), "Choose another place with --out.") from error


def to_json(frame: pd.DataFrame) -> str:
    """The rows as a JSON array; instants as ISO 8601 UTC, unknown as null."""
    return json.dumps(plain_rows(instants_as_text(frame)), ensure_ascii=False, indent=1)


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
        if world is not None and database_of(settings.folder, world).exists():
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
    grid = Table("table", box=None, pad_edge=False)
    grid.add_column("rows", justify="right")
    grid.add_column("world")
    grid.add_column("published (UTC)", no_wrap=True)
    for each in found:
        grid.add_row(each.name, f"{each.rows:,}", each.source.value, f"{each.published_at:%Y-%m-%d %H:%M:%S}")
    Console().print(grid)


def _show(name: str, frame: pd.DataFrame, source: Source) -> None:
    """The first rows, and as many columns as fit whole: half an id or half a number is none."""
    console = Console()
    rows = frame.head(SHOWN_ROWS)
    columns: list[Laid] = []
    for title, values in instants_as_text(rows).items():
        cells = [Text("-" if pd.isna(value) else str(value)) for value in values.astype(object)]
        is_number = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
        more = laid(str(title), cells, "right" if is_number else "left", is_name=not is_number)
        if columns and least([*columns, more], LARGEST_NAME) > console.width:
            break
        columns.append(more)
    columns = fitted(columns, console.width)
    console.print(
        f"{name} ({source.value}), {len(frame)} rows x {frame.shape[1]} columns", style="bold", highlight=False
    )
    console.print(header(columns))
    for n in range(len(rows)):
        console.print(line(columns, [each.cells[n] for each in columns]))
    if len(frame) > len(rows) or frame.shape[1] > len(columns):
        shown = f"The first {len(rows)} rows and {len(columns)} columns."
        console.print(f"{shown} All: football table {name} --out {name}.csv", highlight=False, soft_wrap=True)
