"""Publication: what the checks have passed goes into the database in one transaction, under a new id.

Only the parts whose file changed since the last publication are replaced. A failure leaves the previous
publication whole.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from football_assets.config import now_utc
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import REGISTER, Table, columns, to_arrow
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.relations import (
    catalogue,
    columns_json,
    database_path,
    declared_differs,
    open_engine,
    publications,
    published_parts,
    sql_table,
)

CHUNK_ROWS = 2_000


@dataclass(frozen=True)
class Publication:
    """One publication of a pipeline's tables. `as_of` is the newest provider clock among its rows."""

    id: int
    domain: str
    source: Source
    published_at: datetime
    as_of: datetime | None
    replaced: tuple[str, ...] = ()
    rows: int = 0


@dataclass(frozen=True)
class Part:
    """One file of the lake as the database knows it: a table, or one season of it."""

    table: type[Table]
    season: str | None
    path: Path
    checksum: str


def published_tables(domain: str) -> list[type[Table]]:
    """The declared tables of a pipeline that readers see."""
    return [table for (of, _), table in REGISTER.items() if of == domain and table.about().published]


def publish(home: Path, source: Source, domain: str, *, run_id: str | None = None) -> Publication:
    """Load every published table of `domain` from the lake into the database of its world.

    Raises StorageError when a table was never materialized or the database cannot be written; the previous
    publication then stays.
    """
    lake = Lake(home, source)
    parts = [part for table in published_tables(domain) for part in _parts(lake, table)]
    path = database_path(home, source)
    path.parent.mkdir(parents=True, exist_ok=True)
    engine = open_engine(path)
    try:
        with engine.begin() as connection:
            catalogue.create_all(connection)
            return _publish(connection, lake, domain, parts, run_id)
    except sa.exc.DBAPIError as error:
        raise StorageError(
            f"publishing {domain} into {path}", str(error.orig), "The previous publication stays served; try again."
        ) from error
    finally:
        engine.dispose()


def _parts(lake: Lake, table: type[Table]) -> list[Part]:
    seasons: list[str | None] = list(lake.seasons(table)) if table.about().by_season else [None]
    found = []
    for season in seasons:
        path = lake.path(table, season)
        if not path.exists():
            raise StorageError(f"publishing {table.sql_name()}", f"{path} does not exist", "Materialize it first.")
        found.append(Part(table, season, path, hashlib.sha256(path.read_bytes()).hexdigest()))
    return found


def _publish(
    connection: sa.Connection, lake: Lake, domain: str, parts: Sequence[Part], run_id: str | None
) -> Publication:
    changed = _changed(connection, parts)
    moment = now_utc()
    new = connection.execute(
        publications.insert().values(
            domain=domain, source=lake.source.value, published_at=moment, as_of=_as_of(lake, domain), run_id=run_id
        )
    )
    number = int(new.inserted_primary_key[0]) if new.inserted_primary_key else 0
    rows = sum(_replace(connection, lake, part, domain, number) for part in changed)
    stored = connection.execute(sa.select(publications).where(publications.c.id == number)).one()
    replaced = tuple(sorted({part.table.sql_name() for part in changed}))
    return Publication(number, domain, lake.source, stored.published_at, stored.as_of, replaced, rows)


def _changed(connection: sa.Connection, parts: Sequence[Part]) -> list[Part]:
    """The parts whose file or declaration differs from what is stored; a changed declaration rebuilds the table."""
    stored = {(row.table_name, row.season): row for row in connection.execute(sa.select(published_parts))}
    metadata = sa.MetaData()
    rebuilt = set()
    for table in {part.table for part in parts}:
        relation = sql_table(table, metadata)
        name = table.sql_name()
        known = [row for (of, _), row in stored.items() if of == name]
        if known and any(declared_differs(columns(table), row.columns_json) for row in known):
            relation.drop(connection)
            connection.execute(published_parts.delete().where(published_parts.c.table_name == name))
            rebuilt.add(name)
        relation.create(connection, checkfirst=True)
    same = {key: row.checksum for key, row in stored.items() if key[0] not in rebuilt}
    return [part for part in parts if same.get((part.table.sql_name(), part.season or "")) != part.checksum]


def _replace(connection: sa.Connection, lake: Lake, part: Part, domain: str, number: int) -> int:
    relation = sql_table(part.table, sa.MetaData())
    stale = relation.delete()
    if part.season is not None:
        stale = stale.where(relation.c.season == int(part.season))
    connection.execute(stale)
    data = to_arrow(part.table, lake.read(part.table, part.season))
    for batch in data.to_batches(max_chunksize=CHUNK_ROWS):
        if batch.num_rows:
            connection.execute(relation.insert(), batch.to_pylist())
    key = {"table_name": part.table.sql_name(), "season": part.season or ""}
    connection.execute(published_parts.delete().filter_by(**key))
    connection.execute(
        published_parts.insert().values(
            **key,
            domain=domain,
            publication_id=number,
            rows=data.num_rows,
            checksum=part.checksum,
            columns_json=columns_json(part.table),
        )
    )
    return data.num_rows


def _as_of(lake: Lake, domain: str) -> datetime | None:
    """The newest `fetched_at` among the tables that carry the provider's clock."""
    stamped = [table for table in published_tables(domain) if "fetched_at" in table.to_schema().columns]
    files = [part.path for table in stamped for part in _parts(lake, table)]
    newest = [pc.max(pq.read_table(file, columns=["fetched_at"])["fetched_at"]).as_py() for file in files]
    return max((stamp for stamp in newest if stamp is not None), default=None)
