"""Dagster's own history of a job that runs every minute: what is past its retention is removed, its space given back.

Removal goes through Dagster's instance, so it is the same on SQLite and PostgreSQL. Space is given back on the SQLite
files of ours, a little at a time, so that nobody waits for it; PostgreSQL does that by itself.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import dagster as dg
from dagster._core.storage.event_log.schema import AssetCheckExecutionsTable
from dagster._core.storage.event_log.sql_event_log import SqlEventLogStorage

from football_assets.config import load_settings, now_utc
from football_assets.operations.assets.dagster_storage import Kept
from football_assets.warehouse.assets.tables import BESIDE_LIVE, OWNERS

HISTORY = dg.AssetKey(["warehouse", "dagster_history"])
BATCH = 200
WENT_WELL = [dg.DagsterRunStatus.SUCCESS]
FAILED = [dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


@dataclass(frozen=True)
class Retention:
    """How long the record of a run is kept."""

    days: int
    failed_days: int


@dataclass(frozen=True)
class Pruned:
    """What was removed, and the bytes of the databases before and after; None where they are not files of ours."""

    runs: int
    failed_runs: int
    bytes_before: int | None
    bytes_after: int | None


def prune(instance: dg.DagsterInstance, job: str, retention: Retention, now: datetime) -> Pruned:
    """Remove the runs of a job that are past their retention, with their events, checks and logs; then compact.

    The newest run stays whatever its age: it is what the assets' pages show.
    """
    storages: list[Any] = [instance.run_storage, instance.event_log_storage, instance.schedule_storage]
    ours: list[Kept] = [storage for storage in storages if isinstance(storage, Kept)]
    before = sum(storage.size() for storage in ours)
    removed = _remove(instance, job, WENT_WELL, now - timedelta(days=retention.days))
    failed = _remove(instance, job, FAILED, now - timedelta(days=retention.failed_days))
    for storage in ours:
        storage.compact()
    after = sum(storage.size() for storage in ours)
    return Pruned(removed, failed, before if ours else None, after if ours else None)


def overdue(instance: dg.DagsterInstance, job: str, retention: Retention, now: datetime) -> int:
    """How many runs are past their retention still."""
    limits = ((WENT_WELL, retention.days), (FAILED, retention.failed_days))
    return sum(len(_past(instance, job, statuses, now - timedelta(days=days))) for statuses, days in limits)


def _remove(instance: dg.DagsterInstance, job: str, statuses: list[dg.DagsterRunStatus], before: datetime) -> int:
    count = 0
    while run_ids := _past(instance, job, statuses, before):
        for run_id in run_ids:
            # The run itself goes last: whatever stops this in the middle is found again the next night.
            instance.event_log_storage.delete_events(run_id)
            instance.compute_log_manager.delete_logs(prefix=[run_id])
            instance.delete_run(run_id)
        _remove_checks(instance, run_ids)
        count += len(run_ids)
    return count


def _past(instance: dg.DagsterInstance, job: str, statuses: list[dg.DagsterRunStatus], before: datetime) -> list[str]:
    newest = {run.run_id for run in instance.get_runs(dg.RunsFilter(job_name=job), limit=1)}
    past = dg.RunsFilter(job_name=job, statuses=statuses, created_before=before)
    found = instance.get_run_records(past, limit=BATCH, ascending=True)
    return [record.dagster_run.run_id for record in found if record.dagster_run.run_id not in newest]


def _remove_checks(instance: dg.DagsterInstance, run_ids: list[str]) -> None:
    """Dagster removes a run's events and leaves its check evaluations, which hold a copy of theirs."""
    storage = instance.event_log_storage
    if isinstance(storage, SqlEventLogStorage):
        with storage.index_connection() as connection:
            connection.execute(
                AssetCheckExecutionsTable.delete().where(AssetCheckExecutionsTable.c.run_id.in_(run_ids))
            )


def history_asset(job: str) -> dg.AssetsDefinition:
    """The asset that keeps the record of a job within its retention."""

    @dg.asset(
        key=HISTORY,
        pool=BESIDE_LIVE,
        group_name="warehouse",
        owners=OWNERS,
        kinds={"dagster"},
        description=f"Dagster's runs and events of {job}: those past their retention removed, the space given back.",
        check_specs=[
            dg.AssetCheckSpec(
                name="schema", asset=HISTORY, blocking=True, description=f"No run of {job} is past its retention"
            )
        ],
    )
    def dagster_history(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[None]]:
        live, now = load_settings().live, now_utc()
        retention = Retention(live.runs_kept_days, live.failed_runs_kept_days)
        done = prune(context.instance, job, retention, now)
        left = overdue(context.instance, job, retention, now)
        yield dg.MaterializeResult(metadata=_about(done), check_results=[_judged(left)])

    return dagster_history


def _about(done: Pruned) -> dict[str, Any]:
    sizes = {"mb_before": done.bytes_before, "mb_after": done.bytes_after}
    megabytes = {name: round(size / 1e6, 2) for name, size in sizes.items() if size is not None}
    return {"removed_runs": done.runs, "removed_failed_runs": done.failed_runs, **megabytes}


def _judged(left: int) -> dg.AssetCheckResult:
    says = f"{left} runs past their retention" if left else "no run past its retention"
    return dg.AssetCheckResult(asset_key=HISTORY, check_name="schema", passed=not left, description=says)
