"""Setting a copy of a world back to an instant: soccer from its history, college football from its archive.

Works on a copy only, never on the world that is served. The records themselves are not rewound: the change log, the
archive and the ledger say what was seen and said, and go on.
"""

import shutil
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from football_assets.errors import StorageError
from football_assets.providers import Domain
from football_assets.rooms import part
from football_assets.tables import Table
from football_assets.warehouse import archive
from football_assets.warehouse.engine import Database
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish, published_tables
from football_assets.warehouse.relations import publication_parts, publications, published_parts, rolled_back_parts


def published_domains(database: Database) -> list[Domain]:
    """The pipelines that a database serves something of."""
    names = sa.select(sa.distinct(published_parts.c.domain))
    with database.reading() as connection:
        return sorted(connection.execute(names).scalars())


def write_lake(home: Path, database: Database, domain: Domain, instant: datetime) -> datetime:
    """Write the lake of one pipeline below `home` as it was published at an instant; returns the instant it was from.

    Raises StorageError when what is kept does not reach back so far.
    """
    if domain == "soccer":
        moment: datetime = part("soccer", "restoring").write_past(home, database.source, instant)
        return moment
    return _write_archived(Lake(home, database.source), database, domain, instant)


def publish_again(home: Path, database: Database, domains: Iterable[Domain], keep_days: int) -> None:
    """Serve what the lake below `home` holds now, as a new publication. Raises StorageError; what was served stays."""
    for domain in domains:
        names = [table.sql_name() for table in published_tables(domain)]
        with database.writing() as connection:
            if sa.inspect(connection).has_table(rolled_back_parts.name):
                mine = rolled_back_parts.c.table_name.in_(names)
                connection.execute(rolled_back_parts.delete().where(mine))
        publish(home, database.source, domain, keep_days=keep_days)


def _write_archived(lake: Lake, database: Database, domain: Domain, instant: datetime) -> datetime:
    with database.reading() as connection:
        number = archive.publication_at(connection, domain, instant)
        files = _files_at(connection, domain, number)
        found = sa.select(publications.c.published_at).where(publications.c.id == number)
        published_at: datetime = connection.execute(found).scalar_one()
    for table in published_tables(domain):
        if not table.about().sealed_by:
            _put(lake, database.folder, table, files.get(table.sql_name(), {}))
    return published_at


def _files_at(connection: sa.Connection, domain: Domain, number: int) -> dict[str, dict[str, str]]:
    """Table -> season (empty: none) -> checksum of the file that publication `number` was served from."""
    parts = publication_parts.c
    own = sa.select(sa.func.max(parts.publication_id)).join(publications, publications.c.id == parts.publication_id)
    listed = own.where(publications.c.domain == domain, parts.publication_id <= number).scalar_subquery()
    query = sa.select(parts.table_name, parts.season, parts.checksum).where(parts.publication_id == listed)
    found: dict[str, dict[str, str]] = {}
    for name, season, checksum in connection.execute(query):
        found.setdefault(name, {})[season] = checksum
    return found


def _put(lake: Lake, world: Path, table: type[Table], files: dict[str, str]) -> None:
    doing = f"restoring {table.sql_name()}"
    if not files:
        raise StorageError(doing, "it was not published then", "Ask for a later instant.")
    for season in lake.seasons(table) if table.about().by_season else []:
        if season not in files:
            lake.path(table, season).unlink()
    for season, checksum in files.items():
        kept = archive.archived(world, checksum)
        target = lake.path(table, season or None)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        try:
            shutil.copyfile(kept, target)
        except OSError as error:
            raise StorageError(doing, str(error), "Ask for another instant.") from error
