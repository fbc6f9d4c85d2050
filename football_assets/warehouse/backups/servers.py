"""The database of a world on a PostgreSQL server: dumped by `pg_dump` from one snapshot, its rows counted in the same.

A dump is verified by restoring it into a database of its own on the same server, which is removed afterwards.
"""

import shutil
import subprocess
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from football_assets.config import environment_with_dotenv
from football_assets.errors import StorageError
from football_assets.warehouse.engine import ENCODED, Database, reaching

DUMP = "warehouse.pgdump"
_LIMIT_S = 1800


def dump(database: Database, target: Path) -> dict[str, int]:
    """Write the schema of a world; returns the rows of each table. Raises StorageError."""
    schema = database.source.value
    with database.reading() as connection:
        exported = connection.execute(sa.text("SELECT pg_export_snapshot()")).scalar_one()
        counts = _counts(connection, schema)
        made = ["--format=custom", f"--schema={schema}", "--no-owner", f"--snapshot={exported}", f"--file={target}"]
        _run("pg_dump", made, _url(database))
    return counts


def verify(database: Database, dumped: Path, promised: dict[str, int]) -> None:
    """Restore a dump into a database of its own and count. Raises StorageError when the rows differ."""
    with _scratch(database) as url:
        _run("pg_restore", ["--no-owner", "--exit-on-error", str(dumped)], url)
        engine = sa.create_engine(url, poolclass=sa.NullPool, connect_args=ENCODED)
        with engine.connect() as connection:
            found = _counts(connection, database.source.value)
    if found != promised:
        happened = f"the restored rows differ: {_difference(found, promised)}"
        raise StorageError(f"verifying {dumped.name}", happened, "Use another backup.")


@contextmanager
def _scratch(database: Database) -> Iterator[sa.URL]:
    name = f"football_verify_{uuid.uuid4().hex[:12]}"
    url = _url(database)
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool, connect_args=ENCODED)
    try:
        with reaching(database), engine.connect() as connection:
            connection.execute(sa.text(f"CREATE DATABASE {name} TEMPLATE template0"))
    except sa.exc.ProgrammingError as error:
        to_do = "Give the role of FOOTBALL_DATABASE_URL the right CREATEDB; a copy that was not restored is not kept."
        raise StorageError("verifying a backup", str(error.orig).strip(), to_do) from None
    try:
        yield url.set(database=name)
    finally:
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def _counts(connection: sa.Connection, schema: str) -> dict[str, int]:
    quoted = connection.dialect.identifier_preparer.quote
    names = sorted(sa.inspect(connection).get_table_names(schema=schema))
    return {
        name: connection.execute(sa.text(f"SELECT count(*) FROM {quoted(schema)}.{quoted(name)}")).scalar_one()  # noqa: S608
        for name in names
    }


def _difference(found: dict[str, int], promised: dict[str, int]) -> str:
    names = sorted(name for name in {*found, *promised} if found.get(name) != promised.get(name))
    return ", ".join(f"{name} {found.get(name)} instead of {promised.get(name)}" for name in names[:5])


def _url(database: Database) -> sa.URL:
    return sa.make_url(database.url or "").set(drivername="postgresql+psycopg")


def _run(program: str, options: list[str], url: sa.URL) -> None:
    """Run one of PostgreSQL's programs; the password goes by its environment, where `ps` does not show it."""
    found, doing = shutil.which(program), f"backing up with {program}"
    if found is None:
        raise StorageError(doing, "it is not installed", "Install PostgreSQL's clients of the server's version.")
    address = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = {**environment_with_dotenv(), **({"PGPASSWORD": str(url.password)} if url.password else {})}
    command = [found, f"--dbname={address}", "--no-password", *options]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=_LIMIT_S, env=environment, check=False)
    except subprocess.TimeoutExpired:
        raise StorageError(doing, f"it took longer than {_LIMIT_S} s", "Nothing was kept; try again.") from None
    if done.returncode:
        happened = done.stderr.strip().replace("\n", " ")[:500]
        to_do = "Nothing was kept; its version has to be at least that of the server."
        raise StorageError(doing, happened, to_do)
