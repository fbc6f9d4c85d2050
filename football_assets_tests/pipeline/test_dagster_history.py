"""What Dagster keeps of live cycles: measured on a real one, multiplied to a week, pruned by the maintenance job."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import dagster as dg
import pytest
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable, SqlEventLogStorageTable
from dagster._core.storage.runs.schema import RunsTable

from football_assets.config import now_utc, project_root
from football_assets.emulators.clock import EmulatedClock
from football_assets.emulators.faults import Faults
from football_assets.emulators.simulation.soccer import SimulatedMatches
from football_assets.emulators.thesports import thesports_app
from football_assets.soccer.assets import ASSETS
from football_assets.soccer.automation import LIVE_TAG, live_cycle, soccer_maintenance
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.publications import publication_asset
from football_assets.warehouse.storage import LakeStorage
from football_assets_tests.pipeline.emulator_in_thread import EmulatorInThread

AT = datetime(2026, 5, 16, 15, 0, tzinfo=UTC)
CYCLES_A_DAY, DAYS, COPIES = 1440, 7, 70
KEPT_DAYS, BETWEEN_PRUNINGS_DAYS = 2, 1
MOST_BYTES_A_CYCLE, MOST_BYTES_A_WEEK = 60_000, 1_000_000_000


@pytest.fixture
def instance(tmp_path):
    (tmp_path / "dagster.yaml").write_text((project_root() / "dagster.yaml").read_text())
    with dg.DagsterInstance.from_config(str(tmp_path)) as found:
        yield found


@pytest.fixture
def definitions(monkeypatch):
    world = SimulatedMatches(1, around=AT, matches_a_day=30)
    monkeypatch.setenv("THESPORTS_USER", "test")
    monkeypatch.setenv("THESPORTS_SECRET", "test")
    with EmulatorInThread(thesports_app(world, EmulatedClock(AT, 0), Faults.parse([]))).running() as feed:
        monkeypatch.setenv("FOOTBALL_THESPORTS_URL", feed.url)
        yield dg.Definitions(
            assets=[*ASSETS, publication_asset("soccer")],
            jobs=[live_cycle, soccer_maintenance],
            resources={"lake": LakeStorage(), "thesports": ProviderConnection(domain="soccer")},
        )


def size(instance):
    storages = (instance.run_storage, instance.event_log_storage, instance.schedule_storage)
    for storage in storages:
        storage.compact()
    return sum(storage.size() for storage in storages)


def copy_rows(connection, table, run_id, other):
    columns = [column for column in table.c if column.name not in ("id", "run_id")]
    for row in connection.execute(table.select().where(table.c.run_id == run_id)).mappings().all():
        values = {column.name: row[column.name] for column in columns}
        connection.execute(table.insert().values(run_id=other, **values))


def copied(instance, run, created_at):
    """The record of another cycle like `run`, that was created then."""
    other = str(uuid4())
    instance.add_run(run._replace(run_id=other))
    with instance.run_storage.connect() as connection:
        then = created_at.replace(tzinfo=None)
        connection.execute(RunsTable.update().where(RunsTable.c.run_id == other).values(create_timestamp=then))
    with instance.event_log_storage.index_connection() as connection:
        for table in (SqlEventLogStorageTable, AssetCheckExecutionsTable):
            copy_rows(connection, table, run.run_id, other)


def test_a_week_of_cycles_stays_small_and_what_is_past_its_retention_goes(definitions, instance):
    assert definitions.resolve_job_def("live_cycle").execute_in_process(instance=instance, tags=LIVE_TAG).success
    (run,) = instance.get_runs()
    one = size(instance)
    step = timedelta(days=DAYS) / COPIES
    for number in range(1, COPIES + 1):
        copied(instance, run, now_utc() - number * step)
    whole = size(instance)
    bytes_a_cycle = (whole - one) / COPIES
    assert 5_000 < bytes_a_cycle < MOST_BYTES_A_CYCLE
    assert bytes_a_cycle * CYCLES_A_DAY * (KEPT_DAYS + BETWEEN_PRUNINGS_DAYS) < MOST_BYTES_A_WEEK

    done = definitions.resolve_job_def("soccer_maintenance").execute_in_process(instance=instance)
    assert done.success
    kept = COPIES * KEPT_DAYS // DAYS
    told = done.asset_materializations_for_node("warehouse__dagster_history")[0].metadata
    assert told["removed_runs"].value == pytest.approx(COPIES - kept, abs=1)
    assert instance.get_runs_count(dg.RunsFilter(job_name="live_cycle")) == pytest.approx(kept + 1, abs=1)
    assert size(instance) < whole - 0.8 * bytes_a_cycle * (COPIES - kept)
