"""Dagster's records in files of ours: complete, in one transaction an event, small, and pruned."""

import contextlib
import ctypes
import gc
import shutil
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import Queue

import dagster as dg
import pytest
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluation,
    AssetCheckEvaluationPlanned,
)
from dagster._core.events import (
    DagsterEvent,
    DagsterEventType,
    EngineEventData,
    HandledOutputData,
    StepMaterializationData,
)
from dagster._core.storage.runs.schema import RunsTable

from football_assets.config import project_root
from football_assets.operations.assets.dagster_history import Retention, overdue, prune

JOB = "live_cycle"
KEY = dg.AssetKey(["soccer", "match_board"])
NOW = datetime(2026, 5, 16, 15, 0, tzinfo=UTC)
RETENTION = Retention(days=2, failed_days=30)


@pytest.fixture
def instance(dagster_home):
    with dg.DagsterInstance.from_config(str(dagster_home)) as found:
        yield found


def report(instance, run, kind, data=None, message=""):
    event = DagsterEvent(kind.value, run.job_name, message=message, event_specific_data=data)
    instance.report_dagster_event(event, run.run_id)


def recorded(instance, status=dg.DagsterRunStatus.SUCCESS, *, days_ago=0.0, job=JOB):
    """A run with a table and a check, that long ago."""
    run = instance.add_run(dg.DagsterRun(job_name=job, status=status))
    made = dg.AssetMaterialization(KEY, metadata={"text": "x" * 400})
    report(
        instance,
        run,
        DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED,
        AssetCheckEvaluationPlanned(asset_key=KEY, check_name="schema"),
    )
    report(instance, run, DagsterEventType.ASSET_MATERIALIZATION, StepMaterializationData(made))
    verdict = AssetCheckEvaluation(
        asset_key=KEY, check_name="schema", passed=True, metadata={}, description="fits " * 90, blocking=True
    )
    report(instance, run, DagsterEventType.ASSET_CHECK_EVALUATION, verdict)
    created = (NOW - timedelta(days=days_ago)).replace(tzinfo=None)
    with instance.run_storage.connect() as connection:
        connection.execute(RunsTable.update().where(RunsTable.c.run_id == run.run_id).values(create_timestamp=created))
    return run


def kept(instance):
    return {run.run_id for run in instance.get_runs()}


def rows(home, table):
    with sqlite3.connect(home / "history" / "event_log.db") as connection:
        found = connection.execute(f"SELECT run_id FROM {table}").fetchall()
    connection.close()
    return {run_id for (run_id,) in found}


def test_what_was_recorded_is_read_back_by_run_asset_and_check(instance):
    run = recorded(instance)
    kinds = [entry.dagster_event_type for entry in instance.all_logs(run.run_id)]
    assert kinds[1:] == [DagsterEventType.ASSET_MATERIALIZATION, DagsterEventType.ASSET_CHECK_EVALUATION]
    event = instance.get_latest_materialization_event(KEY)
    assert event.asset_materialization.metadata["text"].value == "x" * 400
    check = dg.AssetCheckKey(KEY, "schema")
    (record,) = instance.event_log_storage.get_asset_check_execution_history(check, limit=5)
    assert record.event.dagster_event.asset_check_evaluation_data.description == "fits " * 90


def test_an_event_whose_check_cannot_be_stored_is_not_stored_by_half(instance, monkeypatch):
    run = instance.add_run(dg.DagsterRun(job_name=JOB))

    def fail(*_):
        raise OSError("disk full")

    monkeypatch.setattr(instance.event_log_storage, "store_asset_check_event", fail)
    planned = AssetCheckEvaluationPlanned(asset_key=KEY, check_name="schema")
    with pytest.raises(OSError, match="disk full"):
        report(instance, run, DagsterEventType.ASSET_CHECK_EVALUATION_PLANNED, planned)
    assert instance.all_logs(run.run_id) == []


@pytest.mark.parametrize(("job", "count"), [(JOB, 0), ("ncaa_daily", 1)])
def test_of_a_brief_job_alone_the_handing_on_of_values_is_not_kept(instance, job, count):
    run = instance.add_run(dg.DagsterRun(job_name=job))
    report(instance, run, DagsterEventType.HANDLED_OUTPUT, HandledOutputData("board", "lake"))
    assert len(instance.all_logs(run.run_id)) == count


def test_several_processes_may_open_a_new_folder_at_once(tmp_path):
    home = tmp_path
    shutil.copy(project_root() / "dagster.yaml", home)

    def opened(number):
        with dg.DagsterInstance.from_config(str(home)) as instance:
            recorded(instance, job=f"job_{number}")
            return len(instance.all_logs(next(iter(instance.get_runs(dg.RunsFilter(job_name=f"job_{number}")))).run_id))

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(opened, range(4))) == [3] * 4


def test_a_watcher_hears_of_events_that_another_instance_stored(dagster_home, instance):
    run = instance.add_run(dg.DagsterRun(job_name=JOB))
    heard = Queue()
    with dg.DagsterInstance.from_config(str(dagster_home)) as page:
        page.watch_event_logs(run.run_id, None, lambda entry, _cursor: heard.put(entry.message))
        report(instance, run, DagsterEventType.ENGINE_EVENT, EngineEventData(), message="hello")
        assert heard.get(timeout=30) == "hello"


def test_cycles_past_their_retention_go_with_all_that_was_recorded_of_them(dagster_home, instance):
    failure = dg.DagsterRunStatus.FAILURE
    old, failed_long_ago = recorded(instance, days_ago=2.1), recorded(instance, failure, days_ago=31)
    stays = {
        recorded(instance, days_ago=1.9).run_id,
        recorded(instance, failure, days_ago=29).run_id,
        recorded(instance, days_ago=400, job="ncaa_daily").run_id,
        recorded(instance).run_id,
    }
    logs = dagster_home / "storage" / old.run_id / "compute_logs"
    logs.mkdir(parents=True)
    (logs / "step.err").write_text("what it said")
    done = prune(instance, JOB, RETENTION, NOW)
    assert (done.runs, done.failed_runs) == (1, 1)
    assert kept(instance) == stays
    for table in ("event_logs", "asset_check_executions"):
        assert rows(dagster_home, table) == stays
    assert not logs.parent.exists()
    assert instance.all_logs(failed_long_ago.run_id) == []


def test_the_newest_cycle_stays_whatever_its_age(instance):
    recorded(instance, days_ago=9)
    newest = recorded(instance, days_ago=8)
    assert prune(instance, JOB, RETENTION, NOW).runs == 1
    assert kept(instance) == {newest.run_id}
    assert overdue(instance, JOB, RETENTION, NOW) == 0


def test_the_space_of_what_was_removed_is_given_back(dagster_home, instance):
    for _ in range(60):
        recorded(instance, days_ago=3)
    recorded(instance)
    done = prune(instance, JOB, RETENTION, NOW)
    assert done.runs == 60
    assert done.bytes_after < done.bytes_before / 2
    with sqlite3.connect(dagster_home / "history" / "event_log.db") as connection:
        assert connection.execute("PRAGMA freelist_count").fetchone() == (0,)
    connection.close()


def test_a_file_that_was_made_without_it_learns_to_give_space_back(tmp_path):
    """Of a folder that Dagster's own storage has made."""
    home = tmp_path
    shutil.copy(project_root() / "dagster.yaml", home)
    with dg.DagsterInstance.local_temp(str(home)) as before:
        before.add_run(dg.DagsterRun(job_name=JOB))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert len(instance.get_runs()) == 1
        instance.run_storage.compact()
    with sqlite3.connect(home / "history" / "runs.db") as connection:
        assert connection.execute("PRAGMA auto_vacuum").fetchone() == (2,)
    connection.close()


def test_dagsters_own_storage_is_pruned_and_its_size_is_not_told(tmp_path):
    with dg.DagsterInstance.local_temp(str(tmp_path)) as instance:
        recorded(instance, days_ago=3)
        newest = recorded(instance)
        done = prune(instance, JOB, RETENTION, NOW)
        assert (done.runs, done.bytes_before) == (1, None)
        assert kept(instance) == {newest.run_id}


def open_files(folder):
    """Files below a folder that this process has open."""
    found = []
    for each in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):
            found.append(str(each.readlink()))
    return [name for name in found if name.startswith(str(folder))]


def test_an_instance_that_is_closed_leaves_no_file_open(dagster_home):
    """As the code server opens one for each tick."""
    gc.disable()  # what nobody refers to any more would be closed by luck
    try:
        for _ in range(3):
            with dg.DagsterInstance.from_config(str(dagster_home)) as each:
                each.all_instigator_state()
                each.get_runs(limit=1)
                each.fetch_materializations(KEY, limit=1)
                assert len(open_files(dagster_home)) > 3
        assert open_files(dagster_home) == []
    finally:
        gc.enable()


def test_however_many_connections_are_open_they_keep_little_of_a_large_file(instance):
    """By SQLite's own count of its memory, where its library can be asked."""
    maps = Path("/proc/self/maps").read_text(encoding="utf-8").splitlines()
    library = next((line.split()[-1] for line in maps if "libsqlite3" in line), None)
    if library is None:
        pytest.skip("SQLite is not a library of its own here")
    used = ctypes.CDLL(library).sqlite3_memory_used
    used.restype = ctypes.c_int64
    transactions = instance.run_storage._transactions
    with transactions.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE long (text TEXT)")
        connection.exec_driver_sql("INSERT INTO long VALUES (?)", [("x" * 3000,) for _ in range(1500)])
    transactions.engine.dispose()
    before = used()
    with contextlib.ExitStack() as open_:
        for _ in range(5):
            connection = open_.enter_context(transactions.engine.connect())
            connection.exec_driver_sql("SELECT max(length(text)) FROM long").scalar()
        assert used() - before < 5 * 400_000
