"""Serving a table as it was before, at once, and without touching the lake.

The files that it was served from are refused from then on: the next publications leave the table as it was rolled
back, season by season, until the lake has another file for it, or until the refusal is released. Rolling forward is
the same act with a later publication.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from football_assets.config import now_utc
from football_assets.errors import StorageError
from football_assets.tables import REGISTER, Table, arrow_schema, columns
from football_assets.warehouse import archive, bulk
from football_assets.warehouse.archive import Version
from football_assets.warehouse.engine import Database
from football_assets.warehouse.migrate import migrated
from football_assets.warehouse.publication import CHUNK_ROWS, Part, enter_part, published_tables, relation_of
from football_assets.warehouse.relations import declared_differs, publications, published_parts, rolled_back_parts
from football_assets.warehouse.versions import is_compared


@dataclass(frozen=True)
class RolledBack:
    """What a rollback did: `publication_id` is its own, `before_id` and `to_id` say which versions it went between."""

    table: str
    publication_id: int
    before_id: int
    to_id: int
    to_published_at: datetime
    rows: int
    replaced_seasons: tuple[str, ...]
    refused_files: int


def declared(name: str) -> type[Table]:
    """The published table of a name such as `ncaa_features`. Raises StorageError when it cannot be rolled back."""
    table = next((each for each in REGISTER.values() if each.sql_name() == name and each.about().published), None)
    doing = f"rolling back {name}"
    if table is None:
        raise StorageError(doing, "no such table is published", "`football table` lists the tables.")
    if not is_compared(table):
        happened = "its next publication is at most a minute away, and its past is in the change log"
        raise StorageError(doing, happened, "Read it with `football live board --as-of`.")
    if table.about().sealed_by:
        raise StorageError(doing, "rows are only ever added to it", "Nothing was changed.")
    return table


def versions(database: Database, table: type[Table]) -> list[Version]:
    """Every version of a table that can be served, oldest first; the last is what is served now."""
    with database.reading() as connection:
        if not sa.inspect(connection).has_table("publication_parts"):
            return []
        return archive.versions_of(connection, table.sql_name())


def roll_back(database: Database, table: type[Table], to: int | None = None) -> RolledBack:
    """Serve a table as it was in its previous version, or at publication `to`, in one transaction.

    Raises StorageError when there is no such version or its files are gone; what is served then stays.
    """
    name = table.sql_name()
    doing = f"rolling back {name}"
    try:
        with migrated(database) as connection:
            known = archive.versions_of(connection, name)
            target = _target(doing, known, to, is_rolled_back=_is_rolled_back(connection, name))
            _require_declared(connection, doing, table)
            return _serve(connection, database, table, known[-1], target)
    except sa.exc.DBAPIError as error:
        happened = str(error.orig).strip().partition("\n")[0]
        raise StorageError(doing, happened, "What was served stays served; try again.") from error


def release(database: Database, table: type[Table]) -> int:
    """Let the next publication serve the lake's files again; returns how many were refused."""
    with migrated(database) as connection:
        mine = rolled_back_parts.delete().where(rolled_back_parts.c.table_name == table.sql_name())
        return connection.execute(mine).rowcount


def _is_rolled_back(connection: sa.Connection, name: str) -> bool:
    query = sa.select(rolled_back_parts.c.season).where(rolled_back_parts.c.table_name == name)
    return connection.execute(query.limit(1)).first() is not None


def _target(doing: str, known: Sequence[Version], to: int | None, *, is_rolled_back: bool) -> Version:
    if not known:
        raise StorageError(doing, "no version of it is kept yet", "Versions are kept from its next publication on.")
    if to is None:
        # A table that was rolled back goes on from where it was rolled back to.
        same = [place for place, each in enumerate(known) if each.files == known[-1].files]
        place = same[0] if is_rolled_back else len(known) - 1
        if place == 0:
            happened = f"no version before publication {known[0].publication_id} is kept"
            raise StorageError(doing, happened, "Nothing was changed.")
        return known[place - 1]
    # A publication that left the table as it was has the version before it.
    earlier = [each for each in known if each.publication_id <= to]
    if not earlier:
        kept = ", ".join(str(each.publication_id) for each in known)
        raise StorageError(doing, f"publication {to} is not kept", f"Its versions are of the publications {kept}.")
    if earlier[-1].files == known[-1].files:
        raise StorageError(doing, f"it is served as of publication {to} already", "Nothing was changed.")
    return earlier[-1]


def _require_declared(connection: sa.Connection, doing: str, table: type[Table]) -> None:
    query = sa.select(published_parts.c.columns_json).where(published_parts.c.table_name == table.sql_name())
    if any(declared_differs(columns(table), described) for described in connection.execute(query).scalars()):
        raise StorageError(doing, "its declaration changed since it was published", "Publish it first.")


def _serve(
    connection: sa.Connection, database: Database, table: type[Table], now: Version, target: Version
) -> RolledBack:
    name, domain, relation = table.sql_name(), table.about().domain, relation_of(table)
    as_of = sa.select(publications.c.as_of).where(publications.c.id == target.publication_id)
    new = connection.execute(
        publications.insert().values(
            domain=domain,
            source=database.source.value,
            published_at=now_utc(),
            as_of=connection.execute(as_of).scalar(),
            run_id=None,
        )
    )
    number = int(new.inserted_primary_key[0]) if new.inserted_primary_key else 0
    refused = _refused(connection, name, now)
    replaced = sorted(
        season for season in {*now.files, *target.files} if now.files.get(season) != target.files.get(season)
    )
    rows = 0
    for season in replaced:
        stale = relation.delete()
        connection.execute(stale.where(relation.c.season == int(season)) if season else stale)
        checksum = target.files.get(season)
        if checksum is None:
            mine = (published_parts.c.table_name == name) & (published_parts.c.season == season)
            connection.execute(published_parts.delete().where(mine))
            continue
        data = archive.read_file(database.folder, checksum, arrow_schema(table))
        bulk.load(connection, relation, data, CHUNK_ROWS)
        file = archive.archived(database.folder, checksum)
        enter_part(connection, Part(table, season or None, file, checksum), domain, number, data.num_rows)
        rows += data.num_rows
    connection.execute(rolled_back_parts.delete().where(rolled_back_parts.c.table_name == name))
    keeping = {season: file for season, file in refused.items() if target.files.get(season) != file}
    for season, lake_file in keeping.items():
        entry = {"table_name": name, "season": season, "refused_checksum": lake_file}
        connection.execute(rolled_back_parts.insert().values(**entry))
    archive.enter(connection, number, {each.sql_name() for each in published_tables(domain)})
    return RolledBack(
        name,
        number,
        now.publication_id,
        target.publication_id,
        target.published_at,
        rows,
        tuple(replaced),
        len(keeping),
    )


def _refused(connection: sa.Connection, name: str, now: Version) -> dict[str, str]:
    """The lake's file of each season, as last published: refused before, or served now."""
    query = sa.select(rolled_back_parts).where(rolled_back_parts.c.table_name == name)
    before = {row.season: row.refused_checksum for row in connection.execute(query)}
    return {**now.files, **before}
