"""Publication: what the checks have passed goes into the database in one transaction, under a new id.

Only the parts whose file changed since the last publication are replaced; of a sealed table, only the rows that are
new are added. A failure leaves the previous publication whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq
import sqlalchemy as sa

from football_assets.config import now_utc
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import REGISTER, Table, columns
from football_assets.warehouse import archive, bulk, golden, sealed
from football_assets.warehouse.engine import create_table, database_of, wait_for_readers
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.migrate import migrated
from football_assets.warehouse.quality_gate import require_quality
from football_assets.warehouse.relations import (
    columns_json,
    declared_differs,
    publications,
    published_parts,
    rolled_back_parts,
    sql_table,
)
from football_assets.warehouse.versions import is_compared
from football_assets.whole_files import checksum_of

CHUNK_ROWS = 2_000
KEEP_DAYS = 30


REFUSED = sa.select(rolled_back_parts)


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
    validated: golden.Answers | None = None


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


def publish(
    home: Path,
    source: Source,
    domain: str,
    *,
    run_id: str | None = None,
    min_quality: float = 0.0,
    batch_size: int = CHUNK_ROWS,
    keep_days: int = KEEP_DAYS,
) -> Publication:
    """Load every published table of `domain` from the lake into the database of its world, `batch_size` rows at once.

    What is replaced can be read for `keep_days` more where the pipeline's files are kept (see `archive`).

    Raises StorageError when a table was never materialized, one scores below `min_quality` or the database cannot be
    written; the previous publication then stays.
    """
    lake = Lake(home, source)
    parts = [part for table in published_tables(domain) for part in _parts(lake, table)]
    require_quality(lake, domain, min_quality)
    database = database_of(home, source)
    try:
        with migrated(database) as connection:
            made = _publish(connection, lake, domain, parts, run_id, batch_size)
            made = replace(made, validated=_validated(connection, domain))
            _archive(connection, database.folder, domain, parts, made, keep_days)
            return made
    except sa.exc.DBAPIError as error:
        happened = str(error.orig).strip().partition("\n")[0]
        to_do = "The previous publication stays served; try again."
        raise StorageError(f"publishing {domain} into {database}", happened, to_do) from error


@cache
def relation_of(table: type[Table]) -> sa.Table:
    """The SQL table of a declaration, made once in a process."""
    return sql_table(table, sa.MetaData())


def _parts(lake: Lake, table: type[Table]) -> list[Part]:
    seasons: list[str | None] = list(lake.seasons(table)) if table.about().by_season else [None]
    found = []
    for season in seasons:
        path = lake.path(table, season)
        if not path.exists():
            raise StorageError(f"publishing {table.sql_name()}", f"{path} does not exist", "Materialize it first.")
        found.append(Part(table, season, path, checksum_of(path)))
    return found


def _publish(
    connection: sa.Connection, lake: Lake, domain: str, parts: Sequence[Part], run_id: str | None, batch_size: int
) -> Publication:
    changed = _changed(connection, parts)
    moment = now_utc()
    new = connection.execute(
        publications.insert().values(
            domain=domain, source=lake.source.value, published_at=moment, as_of=_as_of(lake, domain), run_id=run_id
        )
    )
    number = int(new.inserted_primary_key[0]) if new.inserted_primary_key else 0
    rows = sum(_replace(connection, lake, part, domain, number, batch_size) for part in changed)
    stored = connection.execute(sa.select(publications).where(publications.c.id == number)).one()
    replaced = tuple(sorted({part.table.sql_name() for part in changed}))
    if rows >= bulk.MANY_ROWS:
        bulk.gather_statistics(connection, replaced)
    return Publication(number, domain, lake.source, stored.published_at, stored.as_of, replaced, rows)


def _changed(connection: sa.Connection, parts: Sequence[Part]) -> list[Part]:
    """The parts whose file or declaration differs from what is stored; a changed declaration rebuilds the table."""
    stored = {(row.table_name, row.season): row for row in connection.execute(sa.select(published_parts))}
    there = set(sa.inspect(connection).get_table_names())
    rebuilt = set()
    for table in {part.table for part in parts}:
        relation = relation_of(table)
        name = table.sql_name()
        known = [row for (of, _), row in stored.items() if of == name]
        if known and any(declared_differs(columns(table), row.columns_json) for row in known):
            if table.about().sealed_by:
                sealed.stored_rows(connection, relation, table, next(p.path for p in parts if p.table is table))
            wait_for_readers(connection)
            relation.drop(connection)
            connection.execute(published_parts.delete().where(published_parts.c.table_name == name))
            connection.execute(rolled_back_parts.delete().where(rolled_back_parts.c.table_name == name))
            rebuilt.add(name)
        if name not in there or name in rebuilt:
            create_table(connection, relation)
    same = {(*key, row.checksum) for key, row in stored.items() if key[0] not in rebuilt}
    same |= refused_parts(connection)
    return [part for part in parts if (part.table.sql_name(), part.season or "", part.checksum) not in same]


def refused_parts(connection: sa.Connection) -> set[tuple[str, str, str]]:
    """Table, season and checksum of the lake's files that a rollback keeps from being published."""
    return {(row.table_name, row.season, row.refused_checksum) for row in connection.execute(REFUSED)}


def _replace(connection: sa.Connection, lake: Lake, part: Part, domain: str, number: int, batch_size: int) -> int:
    relation = relation_of(part.table)
    data = lake.read_arrow(part.table, part.season)
    kept = 0
    if part.table.about().sealed_by:
        kept = sealed.stored_rows(connection, relation, part.table, part.path)
    else:
        stale = relation.delete()
        if part.season is not None:
            stale = stale.where(relation.c.season == int(part.season))
        connection.execute(stale)
    bulk.load(connection, relation, data.slice(kept), batch_size)
    enter_part(connection, part, domain, number, data.num_rows)
    return data.num_rows - kept


def enter_part(connection: sa.Connection, part: Part, domain: str, number: int, rows: int) -> None:
    """Write down which file a table, or a season of it, is served from; a rollback of it is over."""
    key = {"table_name": part.table.sql_name(), "season": part.season or ""}
    for entries in (published_parts, rolled_back_parts):
        connection.execute(entries.delete().filter_by(**key))
    connection.execute(
        published_parts.insert().values(
            **key,
            domain=domain,
            publication_id=number,
            rows=rows,
            checksum=part.checksum,
            columns_json=columns_json(part.table),
        )
    )


def _validated(connection: sa.Connection, domain: str) -> golden.Answers:
    """What the golden queries found. Raises StorageError when the load breaks one."""
    there = sa.select(published_parts.c.table_name).where(published_parts.c.domain == domain).distinct()
    rolled_back = sa.select(rolled_back_parts.c.table_name).distinct()
    return golden.validate(
        connection, domain, connection.execute(there).scalars(), connection.execute(rolled_back).scalars()
    )


def _archive(
    connection: sa.Connection, folder: Path, domain: str, parts: Sequence[Part], made: Publication, keep_days: int
) -> None:
    """Keep the files of this publication, where files are kept, and forget those of long ago."""
    kept = [part for part in parts if is_compared(part.table)]
    if not kept:
        return
    refused = refused_parts(connection)
    for part in kept:
        if (part.table.sql_name(), part.season or "", part.checksum) not in refused:
            archive.keep_file(folder, part.path, part.checksum)
    if made.replaced or not archive.has_entries(connection, domain):
        archive.enter(connection, made.id, {part.table.sql_name() for part in kept})
    archive.prune(connection, folder, domain, archive.horizon(made.published_at, keep_days))


def _as_of(lake: Lake, domain: str) -> datetime | None:
    """The newest `fetched_at` among the tables that carry the provider's clock."""
    stamped = [table for table in published_tables(domain) if "fetched_at" in table.to_schema().columns]
    files = [part.path for table in stamped for part in _parts(lake, table)]
    newest = [pc.max(pq.read_table(file, columns=["fetched_at"])["fetched_at"]).as_py() for file in files]
    return max((stamp for stamp in newest if stamp is not None), default=None)
