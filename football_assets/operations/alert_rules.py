"""Which of the numbers of a health report somebody must be told of: plain judgement, no state."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from football_assets.operations.health_report import Health, Rate
from football_assets.sections import Alerts

Severity = Literal["warning", "critical", "page"]
# Under so many cycles a share says little: one failed cycle of two is 50 %.
FEWEST_CYCLES = 5
# What was stopped overnight has so many intervals to publish again; a daily pipeline gets no days of grace.
GRACE_INTERVALS, GRACE = 3, timedelta(hours=1)


@dataclass(frozen=True)
class Finding:
    """Something that is wrong now. `key` is the same for as long as it lasts, whatever the numbers do."""

    key: str
    severity: Severity
    summary: str
    to_do: str


def findings(health: Health, rules: Alerts) -> list[Finding]:
    """What is wrong, by these thresholds. What is not known is nothing to tell."""
    return [
        *_services(health, rules),
        *_cycles(health, rules),
        *_activity(health, rules),
        *_resources(health, rules),
        *_checks(health),
        *_tables(health),
        *_daily(health, rules),
        *_quality(health, rules),
        *_providers(health, rules),
        *_unreadable(health),
    ]


def _services(health: Health, rules: Alerts) -> Iterator[Finding]:
    for each in health.services:
        wanted = each.name in rules.services and (each.state == "down" or each.name == "serving")
        if wanted and each.state != "running":
            to_do = "Start it: football up. The logs say why it ended: football health logs"
            yield Finding(f"service_down.{each.name}", "critical", f"{each.name} does not run", to_do)


def _cycles(health: Health, rules: Alerts) -> Iterator[Finding]:
    if health.cycles is None:
        return
    hour: Rate = health.cycles.last_hour
    share = hour.success_pct
    if share is not None and hour.total >= FEWEST_CYCLES and share < rules.success_warn_pct:
        severity: Severity = "warning"
        if share < rules.success_critical_pct:
            severity = "page" if share < rules.success_page_pct else "critical"
        says = f"{hour.ok} of {hour.total} cycles of the last hour succeeded ({share:.1f} %)"
        yield Finding("success", severity, says, "football health logs; the failed runs are in Dagster's page")
    if (count := health.cycles.failed_in_a_row) >= rules.failed_cycles:
        yield Finding("failed_cycles", "critical", f"{count} cycles in a row failed", "football health logs")


def _is_young(health: Health, limit: timedelta) -> bool:
    """Whether Dagster's daemon was started less than `limit` ago."""
    began = [each.started_at for each in health.services if each.name == "daemon" and each.started_at is not None]
    return any(health.at - at <= limit for at in began)


def _activity(health: Health, rules: Alerts) -> Iterator[Finding]:
    last = health.last_activity_at
    limit = timedelta(seconds=rules.no_activity_s)
    if health.cycles is not None and last is not None and health.at - last > limit and not _is_young(health, limit):
        minutes = (health.at - last).total_seconds() / 60
        says = f"nothing ran or was published for {minutes:.0f} min"
        yield Finding("no_activity", "critical", says, "football doctor; then football up")


def _resources(health: Health, rules: Alerts) -> Iterator[Finding]:
    machine = health.resources
    parts = (
        ("disk", machine.disk_pct, "Free space, or lower backup.retention_days and live.history_days"),
        ("memory", machine.memory_pct, "football health report shows what each process holds"),
        ("cpu", machine.cpu_5min_pct, "football health report; other work on this machine delays the cycles"),
    )
    for name, used, to_do in parts:
        if used is not None and used > rules.resource_pct:
            yield Finding(f"resource.{name}", "critical", f"{name} is {used:.1f} % used", to_do)


def _checks(health: Health) -> Iterator[Finding]:
    for each in health.checks.failing if health.checks else ():
        name = f"{each.asset} {each.check}"
        if (each.asset, each.check) == ("ncaa/ledger", "chain"):
            to_do = "football ncaa ledger verify; restore the copy that is broken"
            yield Finding("ledger_broken", "page", f"the ledger's chain is broken: {each.says}", to_do)
        elif each.is_blocking is not False:
            to_do = "The tables published before stay served; the run in Dagster's page shows the failing rows"
            yield Finding(f"check.{each.asset}.{each.check}", "critical", f"check {name} failed: {each.says}", to_do)


def _tables(health: Health) -> Iterator[Finding]:
    for each in health.pipelines:
        limit = timedelta(seconds=GRACE_INTERVALS * each.interval_s)
        if each.state == "stale" and each.age_s is not None and not (limit < GRACE and _is_young(health, limit)):
            every = f"published every {each.interval_s / 60:.0f} min"
            says = f"the {each.pipeline} tables are {each.age_s / 60:.0f} min old, {every}"
            yield Finding(f"stale.{each.pipeline}", "critical", says, "football health report; football doctor")


def _daily(health: Health, rules: Alerts) -> Iterator[Finding]:
    daily = health.daily
    if daily is None or daily.finished is not False:
        return
    hour, minute = (int(part) for part in rules.daily_by_utc.split(":"))
    by = daily.due_at.replace(hour=hour, minute=minute)
    by += timedelta(days=1) if by <= daily.due_at else timedelta(0)
    if health.at >= by:
        says = f"the college run due at {daily.due_at:%Y-%m-%d %H:%M} UTC has not finished by {by:%H:%M}"
        yield Finding("daily_late", "critical", says, "football ncaa run; its log says where it stopped")


def _quality(health: Health, rules: Alerts) -> Iterator[Finding]:
    worst = health.quality
    if worst is not None and worst.score < rules.quality:
        says = f"the quality of {worst.table} is {worst.score:.3f}, under {rules.quality:g}"
        yield Finding("quality", "critical", says, "football table ncaa_data_quality shows the columns and rules")


def _providers(health: Health, rules: Alerts) -> Iterator[Finding]:
    for each in health.providers or ():
        used = each.quota_used_pct
        if used is not None and used > rules.quota_pct:
            says = f"{each.quota_used} of {each.quota_limit} calls of {each.name} are used ({used:.0f} %)"
            yield Finding(f"quota.{each.pipeline}", "warning", says, "football ncaa quota; fewer runs")
        if each.breaker == "open":
            says = f"{each.name} cannot be read: {each.last_error}"
            yield Finding(f"provider.{each.pipeline}", "warning", says, "It is probed again by itself")


def _unreadable(health: Health) -> Iterator[Finding]:
    for each in health.unreadable:
        what, _, why = each.partition(": ")
        yield Finding(f"unreadable.{what}", "critical", f"{what} cannot be read: {why}", "football doctor")
