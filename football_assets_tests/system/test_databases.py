"""The published tables in a file and on a real PostgreSQL server: the same promises on both."""

import json
import os
import signal
import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from dagster import DagsterInstance
from pandas.testing import assert_frame_equal
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.config import load_settings
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.recorded_matches import CAPTURED_AT, RecordedMatches
from football_assets.emulators.thesports import thesports_app
from football_assets.errors import ConfigError, StorageError
from football_assets.operations.dagster_home import prepare_dagster_home
from football_assets.operations.jobs import run_job
from football_assets.operations.run_records import RunRecords
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse import migrate, publication, rollback
from football_assets.warehouse.engine import database_of
from football_assets.warehouse.inspection import hold_against_declarations
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.publication import publish
from football_assets.warehouse.reader import Warehouse, open_warehouse
from football_assets.warehouse.relations import catalogue
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread
from football_assets_tests.system import publishing
from football_assets_tests.system.publishing import ROWS, FirstHalves, fill

WORLD = Source.RECORDED
NAMES = ["ncaa_first_halves", "ncaa_second_halves"]
READS, MOST_READS = 60, 2_000


@pytest.fixture(autouse=True)
def _register(monkeypatch):
    tables = {(table.about().domain, table.table_name()): table for table in publishing.TABLES}
    monkeypatch.setattr(publication, "REGISTER", tables)
    monkeypatch.setattr(rollback, "REGISTER", tables)


@pytest.fixture
def home():
    return load_settings().folder


@pytest.fixture
def database(either_database, home):
    return database_of(home, WORLD)


def another_process(home, *words):
    command = [sys.executable, "-m", "football_assets_tests.system.publishing", str(home), WORLD.value, *words]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=dict(os.environ))


def states(frames):
    return [set(frame["state"]) for frame in frames]


def published(home, state):
    fill(Lake(home, WORLD), state)
    return publish(home, WORLD, "ncaa")


def test_every_read_is_wholly_one_state_while_another_process_publishes_two_in_turn(database, home):
    published(home, "b")
    with another_process(home, "alternate") as process:
        try:
            assert process.stdout.readline()
            warehouse, seen = open_warehouse(load_settings(), WORLD), set()
            for number in range(MOST_READS):
                if number >= READS and len({state for _, state in seen}) > 1:
                    break
                made, _, frames = warehouse.snapshot("ncaa", NAMES, {})
                (first,), (second,) = states(frames.values())
                assert first == second
                assert [len(frame) for frame in frames.values()] == [ROWS, 2 * ROWS]
                seen.add((made.id, first))
        finally:
            process.kill()
    assert {state for _, state in seen} == {"a", "b"}


def test_a_publication_killed_in_its_middle_leaves_the_previous_one_and_the_next_goes_on(database, home):
    published(home, "a")
    with another_process(home, "half", "b") as process:
        assert process.stdout.readline() == "half\n"
        process.send_signal(signal.SIGKILL)
    warehouse = Warehouse(database, WORLD)
    made, _, frames = warehouse.snapshot("ncaa", NAMES, {})
    assert (made.id, states(frames.values())) == (1, [{"a"}, {"a"}])
    published(home, "b")
    assert states([warehouse.read(name) for name in NAMES]) == [{"b"}, {"b"}]


def test_a_server_that_drops_the_connection_in_mid_load_keeps_the_previous_publication(postgres_url, home, monkeypatch):
    monkeypatch.setenv("FOOTBALL_DATABASE_URL", postgres_url)
    published(home, "a")
    database, load = database_of(home, WORLD), publication.bulk.load

    def load_and_be_dropped(connection, *rest):
        load(connection, *rest)
        own = connection.execute(sa.text("SELECT pg_backend_pid()")).scalar()
        with database.engine().connect() as other:
            other.execute(sa.text("SELECT pg_terminate_backend(:own)"), {"own": own})

    with monkeypatch.context() as patch:
        patch.setattr(publication.bulk, "load", load_and_be_dropped)
        fill(Lake(home, WORLD), "b")
        with pytest.raises(StorageError, match="previous publication stays served; try again"):
            publish(home, WORLD, "ncaa")
    warehouse = Warehouse(database, WORLD)
    assert states([warehouse.read(name) for name in NAMES]) == [{"a"}, {"a"}]
    published(home, "b")
    assert states([warehouse.read(name) for name in NAMES]) == [{"b"}, {"b"}]


def test_two_processes_that_publish_at_once_both_get_through(database, home):
    fill(Lake(home, WORLD), "a")
    both = [another_process(home, "once", "a") for _ in range(2)]
    ids = sorted(int(process.communicate(timeout=60)[0]) for process in both)
    assert ids == [1, 2]
    assert hold_against_declarations(database, Lake(home, WORLD), "ncaa").passed


def test_values_come_back_as_they_were_and_in_their_order(database, home):
    odd = ["", None, "a,b", '"quoted"', "two\nlines", "\\N", "Universität", " "]
    at = datetime(2024, 2, 29, 23, 59, 59, 1, tzinfo=UTC)
    rows = [{"row_id": 90 - i, "state": text, "said_at": at if i % 2 else None} for i, text in enumerate(odd)]
    lake = Lake(home, WORLD)
    fill(lake, "a")
    lake.write(FirstHalves, from_rows(FirstHalves, rows))
    publish(home, WORLD, "ncaa")
    assert_frame_equal(Warehouse(database, WORLD).read(NAMES[0]), from_rows(FirstHalves, rows))
    lake.write(FirstHalves, from_rows(FirstHalves, []))
    publish(home, WORLD, "ncaa")
    assert_frame_equal(Warehouse(database, WORLD).read(NAMES[0]), from_rows(FirstHalves, []))


def test_the_past_is_read_and_rolled_back_to(database, home):
    first = published(home, "a")
    published(home, "b")
    warehouse = Warehouse(database, WORLD)
    then, frames = warehouse.read_as_of("ncaa", NAMES, first.published_at)
    assert (then.id, states(frames.values())) == (1, [{"a"}, {"a"}])

    done = CliRunner().invoke(app, ["rollback", NAMES[1], "--source", WORLD.value, "--yes", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["to_id"] == 1
    assert states([warehouse.read(name) for name in NAMES]) == [{"b"}, {"a"}]
    assert publish(home, WORLD, "ncaa").rows == 0
    assert hold_against_declarations(database, Lake(home, WORLD), "ncaa").passed


def test_the_worlds_do_not_mix(database, home):
    published(home, "a")
    other = Lake(home, Source.REAL)
    fill(other, "b")
    publish(home, Source.REAL, "ncaa")
    for world, state in ((WORLD, "a"), (Source.REAL, "b")):
        assert set(open_warehouse(load_settings(), world).read(NAMES[0])["state"]) == {state}
    with pytest.raises(StorageError, match="simulated world"):
        open_warehouse(load_settings(), Source.SIMULATED)
    shown = CliRunner().invoke(app, ["table", "--json", "--source", WORLD.value])
    assert {row["name"] for row in json.loads(shown.output)} == set(NAMES)


def test_the_revisions_make_the_declared_catalogue_from_nothing_and_from_the_tables_of_before(database):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    with database.writing() as connection:
        migrate.upgrade(connection, database)
        assert compare_metadata(MigrationContext.configure(connection), catalogue) == []
        from alembic import command

        command.downgrade(migrate._config(connection), migrate.FIRST)
        connection.execute(sa.text("DROP TABLE alembic_version"))
        connection.execute(
            sa.text("INSERT INTO publications VALUES (41, 'ncaa', 'recorded', :at, NULL, 'run-1')"),
            {"at": "2026-11-01T06:00:00.000000Z"},
        )
        assert migrate.upgrade(connection, database) == (migrate.FIRST, migrate.HEAD)
        assert compare_metadata(MigrationContext.configure(connection), catalogue) == []
    assert Warehouse(database, WORLD).publication("ncaa").id == 41
    shown = CliRunner().invoke(app, ["database", "current"])
    assert shown.output == f"recorded: revision {migrate.HEAD}\n"


def test_a_table_that_is_rebuilt_on_a_server_is_never_seen_empty(postgres_url, home, monkeypatch):
    monkeypatch.setenv("FOOTBALL_DATABASE_URL", postgres_url)
    published(home, "a")
    database, counts, done = database_of(home, WORLD), [], threading.Event()

    def look():
        while not done.is_set():
            with database.reading() as connection:
                counts.append(connection.execute(sa.text(f"SELECT count(*) FROM {NAMES[0]}")).scalar())

    reader = threading.Thread(target=look)
    reader.start()
    for _ in range(5):
        with database.writing() as connection:  # another declaration than this one
            connection.execute(sa.text("UPDATE published_parts SET columns_json = '[]'"))
        assert publish(home, WORLD, "ncaa").rows == 3 * ROWS
    done.set()
    reader.join()
    assert set(counts) == {ROWS}


def test_a_server_that_cannot_be_reached_is_named_without_its_password(home, monkeypatch):
    monkeypatch.setenv("FOOTBALL_DATABASE_URL", "postgresql+psycopg://me:s3cret@127.0.0.1:1/published")
    fill(Lake(home, WORLD), "a")
    for attempt in (lambda: publish(home, WORLD, "ncaa"), lambda: open_warehouse(load_settings(), WORLD)):
        with pytest.raises(StorageError, match=r"127\.0\.0\.1:1/published") as caught:
            attempt()
        assert "s3cret" not in str(caught.value)
        assert "s3cret" not in repr(database_of(home, WORLD))


def test_an_address_of_another_kind_of_database_is_refused_without_showing_it(monkeypatch):
    monkeypatch.setenv("FOOTBALL_DATABASE_URL", "mysql://me:s3cret@localhost/x")
    with pytest.raises(ConfigError, match=r"postgresql\+psycopg://") as caught:
        load_settings()
    assert "s3cret" not in str(caught.value)


def test_a_live_cycle_with_everything_on_a_server_leaves_no_database_file(postgres_url, home, recordings, monkeypatch):
    dagster_url = postgres_url.replace("postgresql+psycopg://", "postgresql://")
    monkeypatch.setenv("FOOTBALL_DATABASE_URL", postgres_url)
    monkeypatch.setenv("FOOTBALL_DAGSTER_POSTGRES_URL", dagster_url)
    with EmulatorInThread(thesports_app(RecordedMatches(recordings), EmulatedClock(CAPTURED_AT, 0))).running() as feed:
        monkeypatch.setenv("FOOTBALL_THESPORTS_URL", feed.url)
        done = run_job("live_cycle")
    assert done.ok, done.errors

    warehouse = open_warehouse(load_settings(), WORLD)
    assert len(warehouse.read("soccer_flattened_matches")) == 102
    engine = sa.create_engine(sa.make_url(postgres_url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        jobs = connection.execute(sa.text("SELECT pipeline_name, status FROM public.runs")).all()
        events = connection.execute(sa.text("SELECT count(*) FROM public.event_logs")).scalar()
    assert [tuple(row) for row in jobs] == [("live_cycle", "SUCCESS")]
    assert events > 20
    assert not list(home.rglob("warehouse.sqlite*"))
    assert not [path for path in (home / "dagster").rglob("*.db*") if path.is_file()]
    assert postgres_url.partition("//")[2] not in (home / "dagster" / "dagster.yaml").read_text(encoding="utf-8")


def test_dagsters_instances_of_a_process_share_connections_and_outlive_a_restart_of_the_server(
    postgres_url, home, monkeypatch
):
    monkeypatch.setenv("FOOTBALL_DAGSTER_POSTGRES_URL", postgres_url.replace("postgresql+psycopg://", "postgresql://"))
    folder = prepare_dagster_home(load_settings())
    name = sa.make_url(postgres_url).database
    others = "FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
    engine = sa.create_engine(sa.make_url(postgres_url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with ExitStack() as ending, engine.connect() as connection:
        instances = [ending.enter_context(DagsterInstance.from_config(str(folder))) for _ in range(5)]
        asked = [(each.get_runs(), each.all_instigator_state(), each.get_asset_keys()) for each in instances]
        assert asked == [([], [], [])] * 5
        assert connection.execute(sa.text(f"SELECT count(*) {others}"), {"name": name}).scalar() == 1
        connection.execute(sa.text(f"SELECT pg_terminate_backend(pid) {others}"), {"name": name})
        assert [each.get_runs() for each in instances] == [[]] * 5
    engine.dispose()


def test_a_server_that_dagster_never_wrote_to_has_no_records_and_one_that_is_away_is_told(postgres_url, monkeypatch):
    monkeypatch.setenv("FOOTBALL_DAGSTER_POSTGRES_URL", postgres_url.replace("postgresql+psycopg://", "postgresql://"))
    records = RunRecords(load_settings())
    assert (records.checks(), records.first_at(), records.unfinished(), records.heartbeat_at()) == ([], None, 0, None)
    monkeypatch.setenv("FOOTBALL_DAGSTER_POSTGRES_URL", "postgresql://nobody@127.0.0.1:9/none")
    with pytest.raises(StorageError, match="reading Dagster's records"):
        RunRecords(load_settings()).checks()
