"""The health report: counted from Dagster's records while nothing of it runs."""

import io
import json
from datetime import timedelta

import pytest
from rich.console import Console
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.cli.health_views import monitor_view, report_view
from football_assets.config import load_settings, now_utc
from football_assets.operations import health as measuring
from football_assets.operations import services
from football_assets.operations.health import health
from football_assets.operations.services import Process
from football_assets_tests.unit.operations.dagster_records import NOW, cycles, put_checks, put_runs


def shown(view, width=120):
    console = Console(file=io.StringIO(), width=width)
    console.print(view)
    return console.file.getvalue()


def test_242_good_cycles_of_245_are_98_8_percent():
    settings = load_settings()
    put_runs(settings.folder, cycles(242, 3))
    found = health(settings, NOW)
    assert (found.cycles.total, found.cycles.ok, found.cycles.failed) == (245, 242, 3)
    assert found.cycles.success_pct == 98.8
    line = next(line for line in shown(report_view(found, [])).splitlines() if line.startswith("last 2 days"))
    assert line.split()[-6:] == ["days", "245", "242", "3", "98.8", "%"]


def test_the_last_hour_and_the_last_day_are_counted_apart():
    settings = load_settings()
    bad = [("live_cycle", "FAILURE", NOW - timedelta(minutes=n)) for n in range(4)]
    good = [("live_cycle", "SUCCESS", NOW - timedelta(minutes=n)) for n in (5, 59, 61, 23 * 60, 25 * 60)]
    cancelled = [("live_cycle", "CANCELED", NOW - timedelta(hours=2))]
    others = [("ncaa_daily", "FAILURE", NOW), ("live_cycle", "STARTED", NOW)]
    put_runs(settings.folder, [*bad, *good, *cancelled, *others])
    found = health(settings, NOW).cycles
    assert (found.last_hour.ok, found.last_hour.failed, found.last_hour.success_pct) == (2, 4, 33.3)
    assert (found.last_day.ok, found.last_day.failed) == (4, 5)
    assert (found.ok, found.failed, found.failed_in_a_row) == (5, 5, 4)


def test_the_run_that_waits_longest_is_told_of():
    settings = load_settings()
    put_runs(settings.folder, [("live_cycle", "QUEUED", NOW - timedelta(seconds=s)) for s in (37, 87)])
    assert health(settings, NOW).queue_age_s == 90.0


def test_what_is_not_known_is_null():
    found = health(load_settings(), NOW)
    assert (found.matches_processed, found.last_activity_at, found.cycles.success_pct) == (None, None, None)
    assert {each.state for each in found.services} == {"not_started"}
    assert [each.state for each in found.pipelines] == ["missing", "missing"]
    assert found.unreadable == []


def test_records_that_cannot_be_read_are_unknown_and_named():
    settings = load_settings()
    file = settings.folder / "dagster" / "history" / "runs.db"
    file.parent.mkdir(parents=True)
    file.write_bytes(b"this is no database" * 100)
    found = health(settings, NOW)
    assert found.cycles is None
    assert found.runs_unfinished is None
    assert any(each.startswith("runs: reading Dagster's records: file is not a database") for each in found.unreadable)


def test_the_newest_verdict_of_a_check_counts():
    settings = load_settings()
    put_checks(
        settings.folder,
        [
            ("soccer/live_matches", "schema", False, True, "ERROR"),
            ("soccer/live_matches", "schema", True, True, "ERROR"),
            ("ncaa/games", "scores", False, True, "ERROR"),
            ("ncaa/games", "nulls", False, False, "WARN"),
        ],
    )
    found = health(settings, NOW).checks
    assert (found.total, found.passed) == (3, 1)
    told = {(each.asset, each.check): (each.is_blocking, each.says) for each in found.failing}
    assert told == {
        ("ncaa/games", "scores"): (True, "scores said so"),
        ("ncaa/games", "nulls"): (False, "nulls said so"),
    }


@pytest.mark.parametrize(("hour", "ended", "finished"), [(8, None, False), (8, 6.5, True), (5, None, True)])
def test_the_college_run_of_today_is_finished_once_one_succeeded_after_it_was_due(hour, ended, finished):
    settings = load_settings()
    midnight = NOW.replace(hour=0)
    runs = [("ncaa_daily", "SUCCESS", midnight - timedelta(hours=17))]  # yesterday's, at seven
    runs += [] if ended is None else [("ncaa_daily", "SUCCESS", midnight + timedelta(hours=ended))]
    put_runs(settings.folder, runs)
    now = midnight + timedelta(hours=hour)
    assert health(settings, now).daily.finished is finished


def test_the_college_run_before_the_first_day_is_unknown():
    settings = load_settings()
    put_runs(settings.folder, [("live_cycle", "SUCCESS", NOW)])
    assert health(settings, NOW).daily.finished is None


@pytest.mark.parametrize(("started_s", "code", "state"), [(600, 1, "no_data"), (30, 0, "running")])
def test_the_report_exits_1_when_it_runs_and_no_data_came_for_two_cycles(monkeypatch, started_s, code, state):
    daemon = Process("daemon", 4711, now_utc() - timedelta(seconds=started_s), 100.0)
    monkeypatch.setattr(measuring, "processes", lambda _settings: [daemon])
    done = CliRunner().invoke(app, ["health", "report", "--json"], standalone_mode=False)
    assert done.return_value == code
    assert json.loads(done.stdout)["state"] == state


def test_a_report_without_a_daemon_exits_0():
    done = CliRunner().invoke(app, ["health", "report"], standalone_mode=False)
    assert done.return_value == 0
    assert "STOPPED" in done.stdout
    assert "Start it: football up" in done.stdout
    assert "Nothing is wrong" not in done.stdout


def test_the_monitor_fits_a_terminal():
    settings = load_settings()
    put_runs(settings.folder, cycles(242, 3))
    text = shown(monitor_view(health(settings, NOW), []), width=80)
    assert len(text.splitlines()) <= 30
    assert "98.8 %" in text


def state_of(name, settings, now):
    return next(each.state for each in health(settings, now).services if each.name == name)


def state_of_the_daemon(settings, now):
    return state_of("daemon", settings, now)


def test_a_code_server_of_another_machine_is_not_called_down(monkeypatch):
    settings = load_settings()
    put_runs(settings.folder, [], heartbeat_at=NOW)
    assert state_of("code_server", settings, NOW) == "not_started"  # which also says that nothing tells
    monkeypatch.setattr(measuring, "processes", lambda _settings: [Process("daemon", 4711, NOW, 100.0)])
    assert state_of("code_server", settings, NOW) == "down"


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["/opt/football/.venv/bin/python", "/opt/football/.venv/bin/dagster-daemon", "run", "-w", "w.yaml"], "daemon"),
        (["python", "-m", "dagster._daemon", "run"], "daemon"),
        (["python", "/bin/dagster-webserver", "-p", "3000"], "webserver"),
        (["python", "/bin/dagster", "code-server", "start", "-p", "4000"], "code_server"),
        (["python", "/bin/football", "serve"], "serving"),
        (["python", "/bin/dagster-daemon", "liveness-check"], None),
    ],
)
def test_a_service_is_known_by_its_module_and_by_its_script(words, name):
    assert services._name(words) == name


def test_a_daemon_elsewhere_runs_while_its_heartbeat_is_young():
    settings = load_settings()
    put_runs(settings.folder, [], heartbeat_at=NOW)
    assert state_of_the_daemon(settings, NOW + timedelta(seconds=60)) == "running"
    assert state_of_the_daemon(settings, NOW + timedelta(seconds=61)) == "down"


def test_a_daemon_that_ran_here_is_down_as_soon_as_its_process_is_gone(monkeypatch):
    settings = load_settings()
    put_runs(settings.folder, [], heartbeat_at=NOW)
    there = [Process("daemon", 4711, NOW, 100.0)]
    monkeypatch.setattr(measuring, "processes", lambda _settings: there)
    assert state_of_the_daemon(settings, NOW) == "running"
    there.clear()
    assert state_of_the_daemon(settings, NOW) == "down"
    (settings.folder / "health" / "daemon_host").write_text("another machine")
    assert state_of_the_daemon(settings, NOW) == "running"
