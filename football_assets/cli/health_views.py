"""The health report, the monitor and the alerts as a terminal shows them."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from football_assets.cli.headings import age_text, short_age
from football_assets.operations.alert_rules import Finding
from football_assets.operations.alert_state import Alert
from football_assets.operations.health_report import Health, Rate

STATES = {
    "running": ("RUNNING", "bold black on green"),
    "no_data": ("NO DATA", "bold white on red"),
    "stopped": ("STOPPED", "bold black on yellow"),
}
STYLES = {"running": "green", "fresh": "green", "closed": "green", "down": "red", "stale": "red", "open": "red"}
SEVERITY = {"warning": "yellow", "critical": "red", "page": "bold white on red"}


def report_view(health: Health, found: Sequence[Finding]) -> RenderableType:
    """Everything."""
    return Group(
        heading(health),
        problems(found, health),
        services(health),
        cycles(health),
        pipelines(health),
        tables(health),
        checks(health),
        providers(health),
        machine(health),
        *(Text(f"not readable: {each}", "red") for each in health.unreadable),
    )


def monitor_view(health: Health, found: Sequence[Finding]) -> RenderableType:
    """What fits one screen: everything but the tables."""
    parts = (heading(health), problems(found, health), services(health), cycles(health), pipelines(health))
    ends = Text(f"{health.at:%H:%M:%S} UTC · Ctrl-C ends · all tables: football health report", "dim")
    return Group(*parts, checks(health), providers(health), machine(health), ends)


def heading(health: Health) -> Text:
    """State, instant, last activity and matches."""
    words, style = STATES[health.state]
    line = Text().append(f" {words} ", style).append(f"  {health.at:%Y-%m-%d %H:%M:%S} UTC")
    last = health.last_activity_at
    line.append(", no activity yet" if last is None else f", last activity {age_text(health.at - last)} ago")
    matches = "unknown" if health.matches_processed is None else f"{health.matches_processed}"
    return line.append(f", matches processed {matches}")


def problems(found: Sequence[Finding], health: Health) -> RenderableType:
    """What is wrong, each with what to do."""
    if not found and health.state == "stopped":
        return Text("Dagster's daemon does not run here. Start it: football up", "yellow")
    if not found:
        return Text("Nothing is wrong by the alert rules.", "green")
    lines = []
    for each in found:
        lines.append(Text().append(each.severity, SEVERITY[each.severity]).append(f"  {each.summary}"))
        lines.append(Text(f"          {each.to_do}", "dim"))
    return Group(*lines)


def services(health: Health) -> RenderableType:
    """Processes."""
    grid = _grid("service", "state", ">pid", ">up", ">MB")
    for each in health.services:
        up = "-" if each.started_at is None else short_age(health.at - each.started_at)
        grid.add_row(each.name, _state(each.state), _or(each.pid), up, _or(each.memory_mb, ".0f"))
    return grid


def cycles(health: Health) -> RenderableType:
    """Counts of live cycles, and the college run."""
    lines: list[RenderableType] = []
    if health.cycles is not None:
        grid = _grid("cycles", ">total", ">ok", ">failed", ">success")
        days = round((health.at - health.cycles.since) / timedelta(days=1))
        periods = ((f"last {days} days", health.cycles), ("1 h", health.cycles.last_hour))
        for name, rate in (*periods, ("24 h", health.cycles.last_day)):
            grid.add_row(name, str(rate.total), str(rate.ok), str(rate.failed), success(rate))
        lines.append(grid)
    if health.daily is not None:
        words = {True: "finished", False: "not finished", None: "unknown"}[health.daily.finished]
        lines.append(Text(f"college run due {health.daily.due_at:%Y-%m-%d %H:%M} UTC: {words}"))
    return Group(*lines)


def success(rate: Rate) -> str:
    """`98.8 %`, or a dash of no cycle."""
    return "-" if rate.success_pct is None else f"{rate.success_pct:.1f} %"


def pipelines(health: Health) -> RenderableType:
    """Freshness of each pipeline."""
    grid = _grid("pipeline", "world", "state", ">published", ">every")
    for each in health.pipelines:
        age = "-" if each.age_s is None else f"{age_text(timedelta(seconds=each.age_s))} ago"
        every = age_text(timedelta(seconds=each.interval_s))
        grid.add_row(each.pipeline, each.world or "-", _state(each.state), age, every)
    return grid


def tables(health: Health) -> RenderableType:
    """Freshness and size of each table."""
    grid = _grid("table", ">rows", ">MB", ">changed", "state")
    for each in health.tables:
        changed = f"{short_age(timedelta(seconds=each.age_s))} ago"
        grid.add_row(each.name, f"{each.rows:,}", _or(each.size_mb, ".2f"), changed, _state(each.state))
    return grid


def checks(health: Health) -> RenderableType:
    """How many checks passed, and those that did not."""
    if health.checks is None:
        return Text("checks: unknown", "red")
    lines = [Text(f"checks: {health.checks.passed} of {health.checks.total} pass")]
    for each in health.checks.failing:
        kind = {True: "blocking", False: "warning", None: "failed"}[each.is_blocking]
        style = "yellow" if each.is_blocking is False else "red"
        lines.append(Text().append(f"  {kind} ", style).append(f"{each.asset} {each.check}: {each.says or '-'}"))
    return Group(*lines)


def providers(health: Health) -> RenderableType:
    """Breakers, limits and quota."""
    grid = _grid("provider", "breaker", "limits", "quota", "last error")
    for each in health.providers or ():
        limits = [f"{each.per_second}/s"] if each.per_second else []
        limits += [f"{path} {count}/min" for path, count in each.per_minute_by_path.items()]
        quota = "-" if each.quota_used is None else f"{each.quota_used} of {each.quota_limit}"
        grid.add_row(each.name, _state(each.breaker), ", ".join(limits) or "-", quota, each.last_error or "-")
    return grid


def machine(health: Health) -> Text:
    """Processors, memory, disk and the day it fills."""
    now = health.resources
    cpu = "cpu -" if now.cpu_5min_pct is None else f"cpu {now.cpu_5min_pct:.0f} % (5 min)"
    memory = "memory -" if now.memory_pct is None else f"memory {now.memory_pct:.0f} %"
    disk = f"disk {now.disk_pct:.0f} %, {now.disk_free_gb:.1f} GB free"
    if now.disk_full_at is not None:
        disk += f", full on {now.disk_full_at:%Y-%m-%d} at {now.disk_growth_mb_per_day} MB a day"
    elif now.disk_growth_mb_per_day is None:
        disk += ", no forecast before 6 h are known"
    else:
        disk += ", not filling"
    return Text(f"{cpu}, load {now.load_1min} on {now.cpus}, {memory}, {disk}")


def alerts_view(alerts: Sequence[Alert], now: datetime) -> RenderableType:
    """Alerts, each with its id, age and what to do."""
    if not alerts:
        return Text("No alert.", "green")
    lines = []
    for each in alerts:
        line = Text().append(f"{each.id} ", "bold").append(each.severity, SEVERITY[each.severity])
        line.append(f" {each.summary}  since {age_text(now - each.raised_at)}")
        if each.resolved_at is not None:
            line.append(f", resolved {age_text(now - each.resolved_at)} ago", "green")
        if each.acknowledged_by is not None:
            line.append(f", acknowledged by {each.acknowledged_by}", "cyan")
        lines += [line, Text(f"         {each.to_do}", "dim")]
    return Group(*lines)


def _grid(*titles: str) -> Table:
    grid = Table(box=None, pad_edge=False)
    for title in titles:
        grid.add_column(title.lstrip(">"), justify="right" if title.startswith(">") else "left")
    return grid


def _state(state: str) -> Text:
    return Text(state.replace("_", " "), STYLES.get(state, "not dim"))


def _or(value: float | None, how: str = "") -> str:
    return "-" if value is None else format(value, how)
