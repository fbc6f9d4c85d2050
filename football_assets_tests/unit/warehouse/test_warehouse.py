"""Lake, publication and reader: whole or not at all, and what is read is what was written."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from pandas.testing import assert_frame_equal

from football_assets.config import load_settings
from football_assets.errors import DataError, StorageError
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import publication
from football_assets.warehouse.inspection import hold_against_declarations
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.reader import Warehouse, open_warehouse
from football_assets.warehouse.relations import database_path, open_engine
from football_assets_tests.unit.warehouse.declared import TOYS, ToyGames, ToyMatches, ToyQuotes

AT = datetime(2025, 5, 28, 17, 30, 17, 250_000, tzinfo=UTC)
SIMULATED = Source.SIMULATED


@pytest.fixture(autouse=True)
def _register(monkeypatch):
    toys = {(toy.about().domain, toy.table_name()): toy for toy in TOYS}
    monkeypatch.setattr(publication, "REGISTER", toys)


@pytest.fixture
def lake(tmp_path):
    return Lake(tmp_path, SIMULATED)


def matches(*scores):
    return from_rows(
        ToyMatches, [{"match_id": f"m{i}", "home_score": s, "fetched_at": AT} for i, s in enumerate(scores)]
    )


def games(season, count=3, spread=-3.5):
    return from_rows(ToyGames, [{"game_id": season * 10 + i, "season": season, "spread": spread} for i in range(count)])


def fill(lake):
    lake.write(ToyMatches, matches(1, None))
    lake.write(ToyQuotes, from_rows(ToyQuotes, [{"match_id": "m0"}]))
    lake.write(ToyGames, games(2023), "2023")
    lake.write(ToyGames, games(2024, 2), "2024")


def test_the_lake_gives_back_what_was_written_and_joins_seasons(lake):
    fill(lake)
    assert_frame_equal(lake.read(ToyMatches), matches(1, None))
    assert lake.seasons(ToyGames) == ["2023", "2024"]
    assert lake.read(ToyGames)["season"].tolist() == [2023] * 3 + [2024] * 2
    assert len(lake.read(ToyGames, "2024")) == 2


def test_an_absent_or_damaged_file_is_a_clear_error(lake):
    with pytest.raises(StorageError, match="Materialize the table first"):
        lake.read(ToyMatches)
    fill(lake)
    path = lake.path(ToyMatches)
    path.write_bytes(path.read_bytes()[:40])
    with pytest.raises(StorageError, match="Materialize the table again"):
        lake.read(ToyMatches)


def test_a_write_that_fails_keeps_the_previous_file_and_leaves_no_rubbish(lake, monkeypatch):
    fill(lake)

    def full(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(pq, "write_table", full)
    with pytest.raises(StorageError, match="No space left"):
        lake.write(ToyMatches, matches(9))
    assert_frame_equal(lake.read(ToyMatches), matches(1, None))
    assert not list(lake.root.rglob("*.part"))
    with pytest.raises(DataError):
        lake.write(ToyMatches, pd.DataFrame({"match_id": ["x"]}))


def test_published_tables_read_back_with_their_types(lake, tmp_path):
    fill(lake)
    made = publish(tmp_path, SIMULATED, "soccer", run_id="run-1")
    publish(tmp_path, SIMULATED, "ncaa")
    warehouse = Warehouse(database_path(tmp_path, SIMULATED), SIMULATED)

    assert_frame_equal(warehouse.read("soccer_toy_matches"), matches(1, None))
    assert_frame_equal(warehouse.read("ncaa_toy_games"), lake.read(ToyGames))
    assert [(t.name, t.rows) for t in warehouse.tables()] == [("ncaa_toy_games", 5), ("soccer_toy_matches", 2)]
    assert (made.as_of, made.rows) == (AT, 2)
    assert warehouse.publication("soccer").id == made.id
    with pytest.raises(StorageError, match=r"There are: .*soccer_toy_matches"):
        warehouse.read("soccer_toy_quotes")


def test_only_what_changed_is_replaced(lake, tmp_path):
    fill(lake)
    publish(tmp_path, SIMULATED, "ncaa")
    assert publish(tmp_path, SIMULATED, "ncaa").rows == 0
    lake.write(ToyGames, games(2024, 2, spread=7.0), "2024")

    again = publish(tmp_path, SIMULATED, "ncaa")

    assert (again.rows, again.replaced) == (2, ("ncaa_toy_games",))
    read = Warehouse(database_path(tmp_path, SIMULATED), SIMULATED).read("ncaa_toy_games")
    assert read.loc[read["season"] == 2024, "spread"].tolist() == [7.0, 7.0]
    assert read.loc[read["season"] == 2023, "spread"].tolist() == [-3.5] * 3


def test_a_publication_that_fails_leaves_the_previous_one_whole(lake, tmp_path):
    fill(lake)
    publish(tmp_path, SIMULATED, "soccer")
    twice = pd.concat([matches(5), matches(6)], ignore_index=True)
    lake.write(ToyMatches, twice)  # two rows of one key: the database refuses

    with pytest.raises(StorageError, match="previous publication stays"):
        publish(tmp_path, SIMULATED, "soccer")

    warehouse = Warehouse(database_path(tmp_path, SIMULATED), SIMULATED)
    assert_frame_equal(warehouse.read("soccer_toy_matches"), matches(1, None))
    assert warehouse.publication("soccer").id == 1


def test_a_table_that_was_never_materialized_stops_the_publication(lake, tmp_path):
    with pytest.raises(StorageError, match="Materialize it first"):
        publish(tmp_path, SIMULATED, "soccer")


def test_a_reader_keeps_its_picture_while_a_publication_runs(lake, tmp_path):
    fill(lake)
    publish(tmp_path, SIMULATED, "soccer")
    engine = open_engine(database_path(tmp_path, SIMULATED), read_only=True)
    with engine.begin() as reading:
        count = sa.text("SELECT sum(home_score) FROM soccer_toy_matches")
        before = reading.execute(count).scalar()
        lake.write(ToyMatches, matches(7, 7))
        publish(tmp_path, SIMULATED, "soccer")
        assert reading.execute(count).scalar() == before == 1
    with engine.begin() as reading:
        assert reading.execute(count).scalar() == 14


def test_a_changed_declaration_rebuilds_the_stored_table(lake, tmp_path, monkeypatch):
    fill(lake)
    publish(tmp_path, SIMULATED, "soccer")
    engine = open_engine(database_path(tmp_path, SIMULATED))
    with engine.begin() as connection:
        connection.execute(sa.text("""UPDATE published_parts SET columns_json = '[{"name": "old", "type": "str"}]'"""))
        connection.execute(sa.text("ALTER TABLE soccer_toy_matches ADD COLUMN old TEXT"))
    assert publish(tmp_path, SIMULATED, "soccer").rows == 2
    assert list(Warehouse(database_path(tmp_path, SIMULATED), SIMULATED).read("soccer_toy_matches").columns) == [
        "match_id",
        "home_score",
        "fetched_at",
    ]


def test_the_inspection_finds_missing_rows_and_foreign_columns(lake, tmp_path):
    fill(lake)
    publish(tmp_path, SIMULATED, "soccer")
    database = database_path(tmp_path, SIMULATED)
    assert hold_against_declarations(database, lake, "soccer").passed
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("DELETE FROM soccer_toy_matches WHERE match_id = 'm0'")
    verdict = hold_against_declarations(database, lake, "soccer")
    assert not verdict.passed
    assert "1 rows instead of 2" in verdict.says
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("ALTER TABLE soccer_toy_matches ADD COLUMN extra TEXT")
    assert "columns" in hold_against_declarations(database, lake, "soccer").says


def test_nothing_published_says_what_to_run(tmp_path):
    with pytest.raises(StorageError, match="make run"):
        open_warehouse(load_settings(), None)
    with pytest.raises(StorageError, match="real world"):
        open_warehouse(load_settings(), Source.REAL)


def test_a_publication_is_read_with_its_tables_or_the_one_that_lacks_is_named(lake, tmp_path):
    fill(lake)
    publish(tmp_path, SIMULATED, "soccer")
    warehouse = Warehouse(database_path(tmp_path, SIMULATED), SIMULATED)
    publication, tables = warehouse.published("soccer", ["soccer_toy_matches"], "reading", beside=["soccer_no_such"])
    assert publication == warehouse.publication("soccer")
    assert_frame_equal(tables["soccer_toy_matches"], warehouse.read("soccer_toy_matches"))
    assert list(tables) == ["soccer_toy_matches"]
    with pytest.raises(StorageError, match="reading: no table soccer_no_such is published in the simulated world"):
        warehouse.published("soccer", ["soccer_toy_matches", "soccer_no_such"], "reading")
    with pytest.raises(StorageError, match="reading: no college football is published in the simulated world"):
        warehouse.published("ncaa", ["ncaa_toy_games"], "reading")


def test_a_first_publication_that_did_not_end_counts_as_none(lake):
    path = database_path(lake.root.parent.parent, SIMULATED)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as begun:
        begun.execute("PRAGMA journal_mode=WAL")
        begun.execute("BEGIN IMMEDIATE")
        begun.execute("CREATE TABLE publications (id INTEGER)")
        with pytest.raises(StorageError, match="nothing is published in the simulated world"):
            Warehouse(path, SIMULATED)
        begun.rollback()
    with pytest.raises(StorageError, match="nothing is published in the simulated world"):
        Warehouse(path, SIMULATED)
