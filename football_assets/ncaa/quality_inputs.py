"""What the quality is judged on, out of the lake: every column of the newest season, of the others what is needed."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from football_assets.errors import StorageError
from football_assets.ncaa.consistency import RULES
from football_assets.ncaa.quality_parts import FOLLOWS_GAMES, GAMES_NEEDED
from football_assets.tables import Table, arrow_schema, from_arrow
from football_assets.warehouse.lake import Lake


@dataclass(frozen=True)
class Stored:
    """One table as it is stored: its rows, the newest season whole, and of all seasons the columns that rules read."""

    rows: int
    season: int | None
    newest: pa.Table
    needed: pd.DataFrame


def needed() -> dict[str, list[str]]:
    """Table -> the columns that the rules and the freshness read."""
    found: dict[str, set[str]] = {name: {"game_id"} for name in FOLLOWS_GAMES} | {"games": set(GAMES_NEEDED)}
    for rule in RULES:
        for name, names in rule.needs.items():
            found.setdefault(name, set()).update(names)
    return {name: sorted(names) for name, names in found.items()}


def stored(lake: Lake, tables: Iterable[type[Table]]) -> dict[type[Table], Stored]:
    """The tables that are there. Raises StorageError for a file that cannot be read."""
    wanted = needed()
    return {table: _stored(lake, table, wanted.get(table.table_name(), [])) for table in tables if _there(lake, table)}


def _there(lake: Lake, table: type[Table]) -> bool:
    return bool(lake.seasons(table)) if table.about().by_season else lake.exists(table)


def _stored(lake: Lake, table: type[Table], wanted: list[str]) -> Stored:
    seasons: list[str | None] = list(lake.seasons(table)) if table.about().by_season else [None]
    paths = [lake.path(table, season) for season in seasons]
    try:
        rows = [pq.read_metadata(path).num_rows for path in paths]
        last = max((at for at, count in enumerate(rows) if count), default=len(rows) - 1)
        newest = pq.read_table(paths[last]).select(arrow_schema(table).names)
        parts = [pq.read_table(path, columns=wanted) for path in paths] if wanted and len(paths) > 1 else []
    except (OSError, KeyError, pa.ArrowInvalid) as error:
        raise StorageError(f"judging {table.sql_name()}", str(error), "Materialize the table again.") from error
    seen = from_arrow(pa.concat_tables(parts) if parts else newest.select(wanted))
    season = pc.max(newest["season"]).as_py() if "season" in newest.column_names and newest.num_rows else None
    of_season = newest.filter(pc.equal(newest["season"], season)) if season is not None else newest
    return Stored(sum(rows), season, of_season, seen)
