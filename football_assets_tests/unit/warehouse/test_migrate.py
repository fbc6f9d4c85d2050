"""Revisions of the catalogue: from nothing, from the tables of before there were any, never from a newer version."""

import pytest
import sqlalchemy as sa

from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import migrate, publication
from football_assets.warehouse.engine import database_of
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.reader import Warehouse
from football_assets.warehouse.relations import catalogue
from football_assets_tests.unit.warehouse.declared import ToyGames

WORLD = Source.RECORDED
# What a database looked like before it had revisions.
BEFORE = """
CREATE TABLE publications (id INTEGER NOT NULL, domain TEXT NOT NULL, source TEXT NOT NULL,
  published_at VARCHAR(27) NOT NULL, as_of VARCHAR(27), run_id TEXT, PRIMARY KEY (id));
CREATE TABLE published_parts (table_name TEXT NOT NULL, season TEXT NOT NULL, domain TEXT NOT NULL,
  publication_id INTEGER NOT NULL, rows INTEGER NOT NULL, checksum TEXT NOT NULL, columns_json TEXT NOT NULL,
  PRIMARY KEY (table_name, season));
CREATE TABLE ncaa_toy_lines (game_id BIGINT NOT NULL, season BIGINT NOT NULL, week BIGINT, provider TEXT NOT NULL,
  PRIMARY KEY (provider, game_id));
CREATE TABLE ncaa_toy_games (game_id BIGINT NOT NULL, season BIGINT NOT NULL, spread DOUBLE, PRIMARY KEY (game_id));
CREATE INDEX ix_ncaa_toy_games_season ON ncaa_toy_games (season);
INSERT INTO publications VALUES (41, 'ncaa', 'recorded', '2026-11-01T06:00:00.000000Z', NULL, 'run-1');
INSERT INTO published_parts VALUES ('ncaa_toy_games', '2024', 'ncaa', 41, 2, 'aa',
  '[{"name": "game_id", "type": "Int64"}, {"name": "season", "type": "Int64"}, {"name": "spread", "type": "float64"}]');
INSERT INTO ncaa_toy_games VALUES (1, 2024, -3.5), (2, 2024, NULL)
"""


@pytest.fixture
def database(tmp_path, monkeypatch):
    monkeypatch.setattr(publication, "REGISTER", {("ncaa", "toy_games"): ToyGames})
    return database_of(tmp_path, WORLD)


def made_before(database):
    with database.writing() as connection:
        for statement in BEFORE.split(";"):
            connection.exec_driver_sql(statement)


def indices(connection):
    found = sa.inspect(connection)
    return {index["name"] for table in found.get_table_names() for index in found.get_indexes(table)}


def test_from_empty_the_revisions_make_exactly_the_declared_catalogue(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.writing() as connection:
        assert migrate.upgrade(connection, database) == (None, migrate.HEAD)
        assert migrate.upgrade(connection, database) == (migrate.HEAD, migrate.HEAD)
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, catalogue) == []


def test_the_revision_that_the_code_expects_is_the_newest_file(database):
    from alembic.script import ScriptDirectory

    with database.writing() as connection:
        script = ScriptDirectory.from_config(migrate._config(connection))
    assert script.get_heads() == [migrate.HEAD]
    assert script.get_base() == migrate.FIRST


def test_a_database_without_revisions_is_recognised_and_keeps_every_row(database):
    made_before(database)
    before = Warehouse(database, WORLD)
    assert before.publication("ncaa").id == 41
    with pytest.raises(StorageError, match="nothing is kept"):
        before.read_as_of("ncaa", ["ncaa_toy_games"], before.publication("ncaa").published_at)
    with database.writing() as connection:
        assert migrate.revision(connection) == migrate.FIRST
        assert migrate.upgrade(connection, database) == (migrate.FIRST, migrate.HEAD)
        assert indices(connection) >= {"ix_ncaa_toy_lines_season_week", "ix_ncaa_toy_lines_game_id"}
    assert before.read("ncaa_toy_games")["game_id"].tolist() == [1, 2]


def test_the_first_publication_upgrades_a_database_of_before(database, tmp_path):
    made_before(database)
    lake = Lake(tmp_path, WORLD)
    lake.write(ToyGames, from_rows(ToyGames, [{"game_id": 3, "season": 2025, "spread": 1.0}]), "2025")
    made = publish(tmp_path, WORLD, "ncaa")
    assert made.id == 42
    assert Warehouse(database, WORLD).read("ncaa_toy_games")["game_id"].tolist() == [1, 2, 3]


def test_an_upgrade_that_fails_leaves_the_database_as_it_was(database, monkeypatch):
    made_before(database)
    with database.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE rolled_back_parts (mine TEXT)")  # in the way of the second revision
    with pytest.raises(sa.exc.DBAPIError), database.writing() as connection:
        migrate.upgrade(connection, database)
    with database.reading() as connection:
        assert migrate.revision(connection) == migrate.FIRST
        assert not sa.inspect(connection).has_table("publication_parts")


def test_a_database_of_a_newer_version_is_refused_and_left_alone(database, tmp_path):
    with database.writing() as connection:
        migrate.upgrade(connection, database)
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    lake = Lake(tmp_path, WORLD)
    lake.write(ToyGames, from_rows(ToyGames, [{"game_id": 3, "season": 2025, "spread": 1.0}]), "2025")
    with pytest.raises(StorageError, match=r"newer version.*9999.*install the newer version"):
        publish(tmp_path, WORLD, "ncaa")


def test_a_downgrade_gives_the_revision_before_and_keeps_the_published_tables(database):
    from alembic import command

    made_before(database)
    with database.writing() as connection:
        migrate.upgrade(connection, database)
        command.downgrade(migrate._config(connection), migrate.FIRST)
        assert not sa.inspect(connection).has_table("publication_parts")
        assert indices(connection) == {"ix_ncaa_toy_games_season"}
        assert connection.exec_driver_sql("SELECT count(*) FROM ncaa_toy_games").scalar() == 2
