"""Looking at what is stored: does the database hold what the declarations and the files say?"""

from pathlib import Path

import pyarrow.parquet as pq
import sqlalchemy as sa

from football_assets.tables import Verdict, columns
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import published_tables
from football_assets.warehouse.relations import open_engine


def hold_against_declarations(database: Path, lake: Lake, domain: str) -> Verdict:
    """Compare column names and row counts of every stored table with its declaration and its files."""
    engine = open_engine(database, read_only=True)
    problems: list[dict[str, str]] = []
    rows = 0
    try:
        with engine.begin() as connection:
            for table in published_tables(domain):
                name = table.sql_name()
                stored = [row[1] for row in connection.execute(sa.text(f'PRAGMA table_info("{name}")'))]
                declared = [c.name for c in columns(table)]
                if stored != declared:
                    problems.append({"table": name, "problem": f"columns {stored} instead of {declared}"})
                    continue
                count = connection.execute(sa.select(sa.func.count()).select_from(sa.table(name))).scalar_one()
                seasons: list[str | None] = list(lake.seasons(table)) if table.about().by_season else [None]
                expected = sum(pq.read_metadata(lake.path(table, season)).num_rows for season in seasons)
                rows += count
                if count != expected:
                    problems.append({"table": name, "problem": f"{count} rows instead of {expected}"})
    finally:
        engine.dispose()
    if problems:
        first = problems[0]
        return Verdict(
            False, f"{len(problems)} tables differ, first: {first['table']}: {first['problem']}", rows=tuple(problems)
        )
    return Verdict(True, f"{rows} rows of {domain} stored as declared", figures={"rows": rows})
