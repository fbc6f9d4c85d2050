"""Looking at what is stored: does the database hold what the declarations and the files say?"""

from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa

from football_assets.tables import Verdict, columns
from football_assets.warehouse.engine import ROW_ORDER, Database
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import published_tables
from football_assets.warehouse.relations import published_parts, rolled_back_parts


def hold_against_declarations(database: Database | Path, lake: Lake, domain: str) -> Verdict:
    """Compare column names and row counts of every stored table with its declaration and its files.

    A table that was rolled back is held against what it was rolled back to.
    """
    place = Database(database, lake.source) if isinstance(database, Path) else database
    problems: list[dict[str, str]] = []
    rows = 0
    with place.reading() as connection:
        rolled_back = _rolled_back_rows(connection)
        for table in published_tables(domain):
            name = table.sql_name()
            found = connection.execute(sa.text(f'SELECT * FROM "{name}" LIMIT 0')).keys()  # noqa: S608 our own name
            stored, declared = [each for each in found if each != ROW_ORDER], [c.name for c in columns(table)]
            if stored != declared:
                problems.append({"table": name, "problem": f"columns {stored} instead of {declared}"})
                continue
            count = connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
            seasons: list[str | None] = list(lake.seasons(table)) if table.about().by_season else [None]
            expected = 0
            for season in seasons:
                part = (name, season or "")
                in_file = rolled_back.get(part)
                expected += pq.read_metadata(lake.path(table, season)).num_rows if in_file is None else in_file
            rows += count
            if count != expected:
                problems.append({"table": name, "problem": f"{count} rows instead of {expected}"})
    if problems:
        first = problems[0]
        return Verdict(
            False, f"{len(problems)} tables differ, first: {first['table']}: {first['problem']}", rows=tuple(problems)
        )
    says = f"{rows} rows of {domain} stored as declared"
    if rolled_back:
        says += f"; rolled back: {', '.join(sorted({name for name, _ in rolled_back}))}"
    return Verdict(True, says, figures={"rows": rows})


def _rolled_back_rows(connection: sa.Connection) -> dict[tuple[str, str], int]:
    """Table and season of what is rolled back, and how many rows it is served with; 0 when it is not served."""
    refused, served = rolled_back_parts.c, published_parts.c
    same = sa.and_(refused.table_name == served.table_name, refused.season == served.season)
    query = sa.select(refused.table_name, refused.season, served.rows).join_from(
        rolled_back_parts, published_parts, same, isouter=True
    )
    return {(name, season): int(rows or 0) for name, season, rows in connection.execute(query)}
