"""`football ncaa ledger`: what was said before kickoff, how it turned out, and whether anybody touched it."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import typer
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from football_assets.cli.headings import heading, published_json
from football_assets.cli.options import Family, World
from football_assets.cli.table import to_json
from football_assets.config import Settings, load_settings
from football_assets.figures import rounded
from football_assets.ncaa.game_model import FAMILY
from football_assets.ncaa.ledger import Break, broken
from football_assets.ncaa.ledger_grades import Figure, calibrated, figures
from football_assets.ncaa.ledger_schemas import Ledger, LedgerGrades
from football_assets.providers import reading_world
from football_assets.states import Source
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.reader import Warehouse, open_warehouse

FAILED, NOTHING = 1, 3
SHOWN_GAMES = 40

app = typer.Typer(name="ledger", help="What was said before kickoff, and how it turned out.")


@app.callback(invoke_without_command=True)
def ledger(
    context: typer.Context,
    season: Annotated[int | None, typer.Option("--season", help="This season only.")] = None,
    week: Annotated[int | None, typer.Option("--week", min=1, help="This week of the regular season only.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON: figures, grades, entries still open.")] = False,
    family: Family = FAMILY,
    source: World = None,
) -> None:
    """Show how what was said before kickoff turned out. Exit code 3 while there is no entry."""
    if context.invoked_subcommand is not None:
        return
    publication, tables = _published(_warehouse(load_settings(), source), LedgerGrades.sql_name())
    entries, graded = (_chosen(tables[table.sql_name()], family, season, week) for table in (Ledger, LedgerGrades))
    if as_json:
        typer.echo(ledger_json(entries, graded, publication))
    else:
        Console().print(render_ledger(entries, graded, publication))
    raise typer.Exit(0 if len(entries) else NOTHING)


@app.command()
def verify(source: World = None) -> None:
    """Follow the chain of hashes in database and file. Exit code 1 names the first broken row, 3 without entries."""
    settings = load_settings()
    warehouse = _warehouse(settings, source)
    entries = _published(warehouse)[1][Ledger.sql_name()]
    lake = Lake(settings.folder, warehouse.source)
    wrong = _broken_copy("the database", entries)
    promised = next(each.rows for each in warehouse.tables() if each.name == Ledger.sql_name())
    if wrong is None and len(entries) != promised:
        wrong = f"the database: row {len(entries) + 1} is gone; {promised} entries were published"
    file = lake.read(Ledger) if lake.exists(Ledger) else entries
    if wrong is None:
        wrong = _beside(file, entries, lake.path(Ledger))
    if wrong is not None:
        typer.secho(f"{warehouse.source.value}: {wrong}", err=True, fg="red")
        raise typer.Exit(FAILED)
    if entries.empty:
        typer.echo(f"{warehouse.source.value}: the ledger has no entry yet")
        raise typer.Exit(NOTHING)
    typer.echo(
        f"{warehouse.source.value}: {len(entries):,} entries of {entries['game_id'].nunique():,} games follow from one "
        f"another, the last said {entries['said_at'].iloc[-1]:%Y-%m-%d %H:%M} UTC; head {entries['hash'].iloc[-1]}"
        + (f"; {len(file) - len(entries)} more wait in the file for publication" if len(file) > len(entries) else "")
    )


def ledger_json(entries: pd.DataFrame, graded: pd.DataFrame, publication: Publication) -> str:
    """The ledger of one family as JSON."""
    about: dict[str, Any] = {
        **published_json(publication),
        "entries": len(entries),
        "head": str(entries["hash"].iloc[-1]) if len(entries) else None,
        "figures": [asdict(each) for each in figures(graded)],
        "calibration": calibrated(graded).to_dict("records"),
        "grades": json.loads(to_json(graded)),
        "open": json.loads(to_json(open_entries(entries, graded))),
    }
    return json.dumps(about, ensure_ascii=False, indent=1)


def open_entries(entries: pd.DataFrame, graded: pd.DataFrame) -> pd.DataFrame:
    """The last entry of each game that has no grade yet."""
    newest = entries.sort_values("sequence").drop_duplicates(["game_id", "family"], keep="last")
    return newest[~newest["game_id"].isin(graded["game_id"])].sort_values(["kickoff_at", "game_id"], ignore_index=True)


def render_ledger(entries: pd.DataFrame, graded: pd.DataFrame, publication: Publication) -> RenderableType:
    """The ledger of one family for a terminal: the figures with their intervals, then the newest graded games."""
    ahead = len(open_entries(entries, graded))
    what = f"ledger: {len(entries)} entries, {len(graded)} games graded, {ahead} without a result"
    parts: list[RenderableType] = [heading(what, publication, simulated="games", as_of="newest change read")]
    if graded.empty:
        parts.append(Text("No game that was said before its kickoff is over yet."))
        return Group(*parts)
    grid = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    grid.add_column("said before kickoff", no_wrap=True)
    for title in ("games", "value", "95 % between"):
        grid.add_column(title, justify="right", no_wrap=True)
    for each in figures(graded):
        grid.add_row(each.name, str(each.games), _number(each.value), _interval(each))
    games = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for title in ("kickoff", "away at home", "home", "expected", "margin", "close", "line moved"):
        games.add_column(title, no_wrap=True)
    shown = graded.tail(SHOWN_GAMES).astype(object)
    for row in shown.where(shown.notna(), None).to_dict("records"):
        games.add_row(
            f"{row['kickoff_at']:%b %d %H:%M}",
            f"{row['away_team']} at {row['home_team']}",
            f"{100 * row['p_home']:.0f} %",
            rounded(row["margin_mean"], sign=True),
            f"{row['margin']:+d}",
            "-" if row["closing_spread"] is None else rounded(-row["closing_spread"], sign=True),
            "-" if row["spread_value"] is None else rounded(row["spread_value"], sign=True),
        )
    legend = "expected, margin, close: points of the home side. line moved: towards (+) the side the model liked"
    return Group(*parts, grid, Text(""), games, Text(legend, "dim"))


def _number(value: float | None) -> str:
    return "-" if value is None else rounded(value, 3)


def _interval(each: Figure) -> str:
    return "-" if each.low is None or each.high is None else f"{rounded(each.low, 3)} and {rounded(each.high, 3)}"


def _chosen(frame: pd.DataFrame, family: str, season: int | None, week: int | None) -> pd.DataFrame:
    chosen = frame["family"] == family
    if season is not None:
        chosen &= frame["season"] == season
    if week is not None:
        newest = frame["season"].max() if season is None else season
        chosen &= (frame["season"] == newest) & (frame["week"] == week) & (frame["season_type"] == "regular")
    return frame[chosen].reset_index(drop=True)


def _warehouse(settings: Settings, source: Source | None) -> Warehouse:
    return open_warehouse(settings, reading_world(settings, "ncaa", source))


def _published(warehouse: Warehouse, *names: str) -> tuple[Publication, dict[str, pd.DataFrame]]:
    """The ledger in its order and other tables of the same publication. Raises StorageError when one is not there."""
    publication, tables = warehouse.published("ncaa", (Ledger.sql_name(), *names), "reading the ledger")
    entries = tables[Ledger.sql_name()].sort_values("sequence", ignore_index=True)
    return publication, {**tables, Ledger.sql_name(): entries}


def _broken_copy(where: str, entries: pd.DataFrame) -> str | None:
    found: Break | None = broken(entries)
    return None if found is None else f"{where}: {found}"


def _beside(file: pd.DataFrame, entries: pd.DataFrame, path: Path) -> str | None:
    """What is wrong with the copy in the file; it may be ahead by entries that were not published yet."""
    wrong = _broken_copy(str(path), file)
    if wrong is not None:
        return wrong
    both = min(len(file), len(entries))
    differs = (file["hash"].to_numpy()[:both] != entries["hash"].to_numpy()[:both]).nonzero()[0]
    if len(differs):
        return f"database and {path} differ from row {differs[0] + 1} on; each follows from itself"
    if len(file) < len(entries):
        return f"{path}: row {len(file) + 1} is gone; the database has {len(entries)} entries"
    return None
