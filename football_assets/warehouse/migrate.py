"""Bringing the catalogue of a database up to this version of the code: from nothing, or from any earlier revision.

It happens at the start of a publication, in its transaction. A database made before there were revisions is
recognised by its tables. Alembic is imported only when there is something to do.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from football_assets.errors import StorageError
from football_assets.warehouse.engine import Database

MIGRATIONS = Path(__file__).parent / "migrations"
FIRST, HEAD = "0001", "0002"


def revision(connection: sa.Connection) -> str | None:
    """The revision that a database is at; None when it is empty."""
    there = sa.inspect(connection)
    if there.has_table("alembic_version"):
        found = connection.execute(sa.text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)
    return FIRST if there.has_table("publications") else None


def upgrade(connection: sa.Connection, database: Database) -> tuple[str | None, str]:
    """Bring the catalogue to this version's revision; returns the revisions before and after.

    Raises StorageError when the database was made by a newer version.
    """
    before = revision(connection)
    if before == HEAD:
        return before, HEAD
    require_known(before, database)
    from alembic import command

    config = _config(connection)
    if before == FIRST and not sa.inspect(connection).has_table("alembic_version"):
        command.stamp(config, FIRST)
    command.upgrade(config, HEAD)
    return before, HEAD


def require_known(found: str | None, database: Database) -> None:
    """Refuse a database whose revision this version does not know."""
    if found is None or found <= HEAD:
        return
    raise StorageError(
        f"opening {database}",
        f"it was made by a newer version of football_assets (its revision is {found}, this one knows up to {HEAD})",
        "Nothing was changed; install the newer version.",
    )


@contextmanager
def migrated(database: Database) -> Iterator[sa.Connection]:
    """The writing transaction of a database whose catalogue is up to date."""
    with database.writing() as connection:
        upgrade(connection, database)
        yield connection


def _config(connection: sa.Connection) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
