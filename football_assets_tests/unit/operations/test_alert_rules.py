"""Each rule fires past its threshold, and at its threshold it does not."""

import re
from datetime import timedelta

import pytest

from football_assets.config import load_settings, project_root
from football_assets.operations import health_report as told
from football_assets.operations import watchdog
from football_assets.operations.alert_rules import findings
from football_assets.sections import Alerts
from football_assets_tests.unit.operations.dagster_records import NOW, healthy, rate

RULES = Alerts()


def keys(**other):
    return {each.key: each.severity for each in findings(healthy(**other), RULES)}


def with_cycles(**other):
    return {"cycles": healthy().cycles.model_copy(update=other)}


def test_a_healthy_platform_at_every_threshold_raises_nothing():
    assert keys() == {}


def test_a_day_of_healthy_minutes_raises_nothing():
    found = [findings(healthy(at=NOW + timedelta(minutes=n)), RULES) for n in range(1440)]
    assert sum(map(len, found)) == 0


@pytest.mark.parametrize(
    ("ok", "severity"), [(57, None), (56, "warning"), (48, "warning"), (47, "critical"), (30, "critical"), (29, "page")]
)
def test_success_of_the_hour_warns_under_95_is_critical_under_80_and_pages_under_50(ok, severity):
    found = keys(**with_cycles(last_hour=told.Rate(**rate(60, ok))))
    assert found == ({} if severity is None else {"success": severity})


def test_one_failure_among_the_first_cycles_says_little():
    assert keys(**with_cycles(last_hour=told.Rate(**rate(4, 2)))) == {}


def test_ten_failed_cycles_in_a_row_are_critical():
    assert keys(**with_cycles(failed_in_a_row=9)) == {}
    assert keys(**with_cycles(failed_in_a_row=10)) == {"failed_cycles": "critical"}


def test_a_daemon_that_is_gone_is_critical():
    gone = told.ServiceHealth(name="daemon", state="down", pid=None, started_at=None, memory_mb=None)
    assert keys(services=[gone]) == {"service_down.daemon": "critical"}
    assert keys(services=[gone.model_copy(update={"state": "not_started"})]) == {}


def test_nothing_for_more_than_ten_minutes_is_critical():
    assert keys(last_activity_at=NOW - timedelta(seconds=600)) == {}
    assert keys(last_activity_at=NOW - timedelta(seconds=601)) == {"no_activity": "critical"}


def test_a_platform_that_was_just_started_has_a_moment_to_begin():
    daemon = healthy().services[0].model_copy(update={"started_at": NOW - timedelta(seconds=60)})
    stale = healthy().pipelines[0].model_copy(update={"state": "stale", "age_s": 40_000.0})
    old = {"last_activity_at": NOW - timedelta(hours=11), "pipelines": [stale]}
    assert keys(services=[daemon], **old) == {}
    assert set(keys(**old)) == {"no_activity", "stale.soccer"}


@pytest.mark.parametrize(("part", "name"), [("disk_pct", "disk"), ("memory_pct", "memory"), ("cpu_5min_pct", "cpu")])
def test_a_resource_above_90_percent_is_critical(part, name):
    resources = healthy().resources.model_copy(update={part: 90.1})
    assert keys(resources=resources) == {f"resource.{name}": "critical"}


def failing(asset, check, is_blocking):
    bad = told.CheckHealth(asset=asset, check=check, is_blocking=is_blocking, says="-", judged_at=NOW, run_id="r")
    return {"checks": told.ChecksHealth(total=1, passed=0, failing=[bad])}


def test_a_blocking_check_is_critical_and_a_warning_is_not_told():
    assert keys(**failing("ncaa/games", "scores", True)) == {"check.ncaa/games.scores": "critical"}
    assert keys(**failing("ncaa/games", "scores", None)) == {"check.ncaa/games.scores": "critical"}
    assert keys(**failing("ncaa/games", "nulls", False)) == {}


def test_a_broken_chain_of_the_ledger_pages():
    assert keys(**failing("ncaa/ledger", "chain", True)) == {"ledger_broken": "page"}


def test_a_stale_pipeline_is_critical():
    stale = healthy().pipelines[0].model_copy(update={"state": "stale", "age_s": 121.0})
    assert keys(pipelines=[stale]) == {"stale.soccer": "critical"}


@pytest.mark.parametrize(("hour", "minute", "told_of"), [(6, 59, False), (7, 0, True), (23, 59, True)])
def test_a_college_run_that_is_not_over_by_seven_is_critical(hour, minute, told_of):
    at = NOW.replace(hour=hour, minute=minute)
    late = told.DailyHealth(due_at=NOW.replace(hour=6), finished=False)
    assert keys(at=at, last_activity_at=at, daily=late) == ({"daily_late": "critical"} if told_of else {})
    assert keys(at=at, last_activity_at=at, daily=late.model_copy(update={"finished": None})) == {}


def test_quality_under_0_8_is_critical():
    worst = healthy().quality.model_copy(update={"score": 0.799})
    assert keys(quality=worst) == {"quality": "critical"}
    assert keys(quality=None) == {}


def test_a_quota_above_80_percent_is_a_warning():
    provider = healthy().providers[0].model_copy(update={"quota_used": 801, "quota_used_pct": 80.1})
    assert keys(providers=[provider]) == {"quota.ncaa": "warning"}


def test_a_part_that_cannot_be_read_is_critical():
    assert keys(unreadable=["runs: no such server"]) == {"unreadable.runs": "critical"}


def _without_daemon():
    return {"services": [healthy().services[0].model_copy(update={"state": "down", "pid": None})]}


def _used(part):
    return {"resources": healthy().resources.model_copy(update={part: 90.1})}


def _provider(**other):
    return {"providers": [healthy().providers[0].model_copy(update=other)]}


ILL = {
    "service_down.daemon": _without_daemon,
    "success": lambda: with_cycles(last_hour=told.Rate(**rate(60, 56))),
    "failed_cycles": lambda: with_cycles(failed_in_a_row=10),
    "no_activity": lambda: {"last_activity_at": NOW - timedelta(hours=1)},
    "resource.disk": lambda: _used("disk_pct"),
    "resource.memory": lambda: _used("memory_pct"),
    "resource.cpu": lambda: _used("cpu_5min_pct"),
    "check.ncaa/games.scores": lambda: failing("ncaa/games", "scores", True),
    "stale.soccer": lambda: {
        "pipelines": [healthy().pipelines[0].model_copy(update={"state": "stale", "age_s": 500.0})]
    },
    "daily_late": lambda: {"daily": told.DailyHealth(due_at=NOW.replace(hour=6), finished=False)},
    "quality": lambda: {"quality": healthy().quality.model_copy(update={"score": 0.79})},
    "quota.ncaa": lambda: _provider(quota_used=801, quota_used_pct=80.1),
    "provider.ncaa": lambda: _provider(breaker="open", last_error="timed out"),
    "ledger_broken": lambda: failing("ncaa/ledger", "chain", True),
    "unreadable.runs": lambda: {"unreadable": ["runs: no such server"]},
}


def test_every_documented_rule_is_among_those_that_are_tried():
    text = (project_root() / "docs" / "operations.md").read_text()
    cells = re.findall(r"^\| (`.+?`) \|.*\| (?:warning|critical|page)", text, flags=re.MULTILINE)
    named = {name.lstrip(".") for cell in cells for name in re.findall(r"`([^`]+)`", cell)}
    tried = {key.partition(".")[0] for key in ILL} | {key.partition(".")[2] for key in ILL}
    assert len(named) > 12
    assert {name.partition(".")[0] for name in named} <= tried


class Mailbox:
    """Takes what is told, with when."""

    name, level = "mailbox", 1

    def __init__(self):
        self.told = []

    def send(self, message):
        self.told.append((message.kind, message.key, message.at))


@pytest.mark.parametrize("key", ILL)
def test_each_rule_is_told_once_within_a_minute_and_its_end_once(key, monkeypatch):
    """Looks 15 s apart, as the watchdog's: some health, ten minutes of illness, health again."""
    sick, mailbox = ILL[key](), Mailbox()
    begins, ends = NOW + timedelta(seconds=307), NOW + timedelta(seconds=907)

    def health(_settings, at):
        return healthy(**{"last_activity_at": at, **(sick if begins <= at < ends else {}), "at": at})

    monkeypatch.setattr(watchdog, "health", health)
    looking = watchdog.Watchdog(load_settings(), to=[mailbox])
    for n in range(90):
        looking.look(NOW + timedelta(seconds=15 * n))
    assert [(kind, told_of) for kind, told_of, _ in mailbox.told] == [("raised", key), ("resolved", key)]
    raised, resolved = (at for *_, at in mailbox.told)
    assert raised - begins <= timedelta(seconds=60)
    assert resolved - ends <= timedelta(seconds=75)  # over when it was gone for a minute
