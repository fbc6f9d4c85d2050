"""The health of the platform as Prometheus reads it; from its files and databases, never from a provider."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TypeVar

from prometheus_client.core import GaugeMetricFamily, Metric

from football_assets.config import Settings
from football_assets.errors import FootballError
from football_assets.operations.alert_state import Alert, AlertBook
from football_assets.operations.health import CYCLE, health
from football_assets.operations.health_report import Health
from football_assets.operations.run_records import RunRecord, RunRecords, of_last

MEGA = 1e6

Read = TypeVar("Read")


@dataclass(frozen=True)
class Operations:
    """What is read for one scrape. `phases` are the steps of the newest good cycle, seconds."""

    health: Health
    runs: list[RunRecord]
    phases: dict[str, float]
    alerts: list[Alert]


def gathered(settings: Settings) -> Operations:
    """Read it: some tenths of a second, so not in the event loop."""
    found = health(settings)
    records = RunRecords(settings)
    runs = _or_none(lambda: records.since(found.at - timedelta(days=1))) or []
    newest = next((run.run_id for run in runs if run.job == CYCLE and run.ok), None)
    phases = {} if newest is None else _or_none(lambda: records.step_seconds(newest)) or {}
    return Operations(found, runs, phases, AlertBook(settings.folder).read().open)


def _or_none(read: Callable[[], Read]) -> Read | None:
    """What `read` gives; None, so no sample, when it cannot be had: the health report names the reason."""
    try:
        return read()
    except FootballError:
        return None


def families(read: Operations) -> Iterator[Metric]:
    """The metrics. What is not known has no sample."""
    yield from _runs(read)
    yield from _pipelines(read.health)
    yield from _providers(read.health)
    yield from _machine(read.health)
    lasting = GaugeMetricFamily("football_alerts", "Alerts that last", labels=["severity"])
    for severity in ("warning", "critical", "page"):
        lasting.add_metric([severity], sum(each.severity == severity for each in read.alerts))
    yield lasting


def _runs(read: Operations) -> Iterator[Metric]:
    counts = GaugeMetricFamily("football_runs", "Runs that ended lately", labels=["job", "outcome", "period"])
    for period, length in (("1h", timedelta(hours=1)), ("24h", timedelta(days=1))):
        lately = of_last(read.runs, length, read.health.at)
        for job in sorted({run.job for run in read.runs}):
            mine = [run.ok for run in lately if run.job == job]
            counts.add_metric([job, "ok", period], sum(mine))
            counts.add_metric([job, "failed", period], len(mine) - sum(mine))
    yield counts
    took = GaugeMetricFamily("football_run_seconds", "How long the newest run took", labels=["job"])
    for job in sorted({run.job for run in read.runs}):
        newest = next(run for run in read.runs if run.job == job)
        if newest.duration_s is not None:
            took.add_metric([job], newest.duration_s)
    yield took
    phases = GaugeMetricFamily("football_phase_seconds", "Steps of the newest good cycle", labels=["phase"])
    for phase, seconds in sorted(read.phases.items()):
        phases.add_metric([phase], seconds)
    yield phases
    if read.health.runs_unfinished is not None:
        yield GaugeMetricFamily("football_runs_unfinished", "Runs queued or going", value=read.health.runs_unfinished)
    if read.health.queue_age_s is not None:
        says = "How long the run that waits longest has waited"
        yield GaugeMetricFamily("football_queue_age_seconds", says, value=read.health.queue_age_s)


def _pipelines(health: Health) -> Iterator[Metric]:
    up = GaugeMetricFamily("football_service_up", "1 when the service runs", labels=["service"])
    for service in health.services:
        if service.state != "not_started":
            up.add_metric([service.name], float(service.state == "running"))
    yield up
    rows = GaugeMetricFamily("football_table_rows", "Rows of a published table", labels=["table"])
    age = GaugeMetricFamily("football_table_age_seconds", "Seconds since its content changed", labels=["table"])
    for table in health.tables:
        rows.add_metric([table.name], table.rows)
        age.add_metric([table.name], table.age_s)
    yield from (rows, age)
    if health.quality is not None:
        quality = GaugeMetricFamily("football_quality_score", "Lowest quality score", labels=["table"])
        quality.add_metric([health.quality.table], health.quality.score)
        yield quality
    if health.checks is not None:
        checks = GaugeMetricFamily("football_checks", "Newest verdicts of the checks", labels=["verdict"])
        blocking = sum(each.is_blocking is not False for each in health.checks.failing)
        checks.add_metric(["passed"], health.checks.passed)
        checks.add_metric(["warned"], len(health.checks.failing) - blocking)
        checks.add_metric(["failed"], blocking)
        yield checks


def _providers(health: Health) -> Iterator[Metric]:
    opened = GaugeMetricFamily("football_breaker_open", "1 when some path counts as down", labels=["provider"])
    used = GaugeMetricFamily("football_quota_used", "Calls of the month used", labels=["provider"])
    limit = GaugeMetricFamily("football_quota_limit", "Calls of the month", labels=["provider"])
    for each in health.providers or ():
        opened.add_metric([each.name], float(each.breaker == "open"))
        if each.quota_used is not None and each.quota_limit is not None:
            used.add_metric([each.name], each.quota_used)
            limit.add_metric([each.name], each.quota_limit)
    yield from (opened, used, limit)


def _machine(health: Health) -> Iterator[Metric]:
    machine = health.resources
    used = GaugeMetricFamily("football_resource_used_ratio", "Share used, 0 to 1", labels=["resource"])
    for name, share in (("disk", machine.disk_pct), ("memory", machine.memory_pct), ("cpu", machine.cpu_5min_pct)):
        if share is not None:
            used.add_metric([name], share / 100)
    yield used
    if machine.disk_full_at is not None:
        left = (machine.disk_full_at - health.at).total_seconds()
        yield GaugeMetricFamily("football_disk_full_in_seconds", "Until the disk is full at this rate", value=left)
    memory = GaugeMetricFamily("football_process_memory_bytes", "Memory of a service", labels=["service"])
    for service in health.services:
        if service.memory_mb is not None:
            memory.add_metric([service.name], service.memory_mb * MEGA)
    yield memory
