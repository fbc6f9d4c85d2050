"""The runner of the drill: what is absent is not run, what breaks is a failure of its own, the report tells all."""

import json
import tempfile
from datetime import UTC, datetime
from typing import ClassVar

import pytest
from typer.testing import CliRunner

from football_assets.cli import app
from football_assets.config import project_root
from football_assets.errors import FootballError
from football_assets.operations.drill import running
from football_assets.operations.drill.faults import Fault, Findings, NotHere, Result
from football_assets.operations.drill.table import FAULTS

NAMES = {
    *("provider-500", "provider-odds-500", "provider-429", "provider-hang", "provider-reset", "provider-garbage"),
    *("provider-drift", "provider-list-drift", "provider-clock", "provider-silence", "own-clock", "daylight-saving"),
    *("leap-day", "kill-run-worker", "kill-daemon", "kill-code-server", "kill-serving", "kill-stream-client"),
    *("two-instances", "sigterm-mid-write", "kill-mid-write", "disk-full", "read-only", "sqlite-locked"),
    *("postgres-restart", "redis-gone"),
    *("college-kill-run", "college-postgres-restart", "college-disk-full"),
}


class Stage:
    """A stage on which nothing happens; `left` are processes that did not end."""

    left: ClassVar[dict[int, str]] = {}

    def __init__(self, session, name):
        self.folder = session.folder / name
        self.folder.mkdir()
        self.said = []

    def close(self):
        return dict(self.left)


class Session:
    secrets = ("s3cret",)

    def __init__(self, folder, **_how):
        self.folder = folder

    def close(self):
        pass


def well(_stage):
    return Findings(sees=["a line"], kept="17 rows", recovered_s=2.5)


def ill(_stage):
    return Findings(broken=["2 quotes are lost"])


def broke(_stage):
    raise ZeroDivisionError("planted")


def nowhere(_stage):
    raise NotHere("no such thing on this machine")


def leaky(stage):
    (stage.folder / "daemon.log").write_text("asking with s3cret")
    return Findings()


def fault(name, strike, *needs):
    return Fault(name, f"{name} is done", "nothing is lost", strike, needs)


@pytest.fixture
def staged(monkeypatch, tmp_path):
    monkeypatch.setattr(running, "Stage", Stage)
    monkeypatch.setattr(running, "Session", Session)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def state(staged, strike, *needs):
    (result,) = running.run([fault("one", strike, *needs)], staged).results
    return result


def test_the_table_has_every_fault_once_and_each_says_what_it_does():
    assert [each.name for each in FAULTS] == list(dict.fromkeys(each.name for each in FAULTS))
    assert {each.name for each in FAULTS} == NAMES
    assert all(each.done and each.judged and each.about_s for each in FAULTS)


def test_a_good_fault_passes_and_a_broken_promise_fails_it(staged):
    assert state(staged, well).state == "passed"


@pytest.mark.parametrize(
    ("strike", "says"),
    [
        (ill, "2 quotes are lost"),
        (broke, "the drill itself broke: ZeroDivisionError: planted"),
        (leaky, "a credential stands in daemon.log"),
    ],
)
def test_what_breaks_is_a_failure_of_its_own(staged, strike, says):
    report = running.run([fault("one", strike), fault("two", well)], staged)
    assert [each.state for each in report.results] == ["failed", "passed"]
    assert report.results[0].findings.broken == [says]


def test_what_was_seen_is_told_without_the_scratch_folder(staged):
    place = "/tmp/x/football-drill-q1_z/two-instances/home"
    said = [f"another one uses {place}/dagster.", "PostgreSQL /tmp/football-drill-pg-a1/data:5432/postgres"]
    assert state(staged, lambda _stage: Findings(sees=said)).findings.sees == [
        "another one uses <home>/dagster.",
        "PostgreSQL <home>:5432/postgres",
    ]


def test_a_process_that_is_left_fails_it(staged, monkeypatch):
    monkeypatch.setattr(Stage, "left", {17: "python -m sleeper"})
    assert state(staged, well).findings.broken == ["process 17 was left running: python -m sleeper"]


def test_what_is_absent_is_not_run_and_never_passed(staged, monkeypatch):
    monkeypatch.setattr(running.shutil, "which", lambda _name: None)
    absent = state(staged, well, "redis-server")
    assert (absent.state, absent.reason) == ("not run", "redis-server is not installed")
    assert state(staged, nowhere).state == "not run"


@pytest.mark.parametrize("need", ["postgres", "time-machine"])
def test_a_package_that_is_absent_is_named(monkeypatch, need):
    monkeypatch.setattr(running.importlib.util, "find_spec", lambda _name: None)
    assert "is not installed" in running.missing(need)


def test_faults_are_chosen_by_name_or_beginning():
    assert [each.name for each in running.chosen(FAULTS, ["redis-gone"])] == ["redis-gone"]
    kills = running.chosen(FAULTS, ["kill", "disk-full"])
    assert len(kills) == 7
    assert running.chosen(FAULTS, []) == list(FAULTS)
    with pytest.raises(FootballError, match="there is none named flood"):
        running.chosen(FAULTS, ["flood"])


def test_the_report_tells_what_was_measured_and_what_was_not_run(tmp_path):
    at = datetime(2026, 11, 22, 9, tzinfo=UTC)
    results = (
        Result("one", "a | b", "nothing is lost", "passed", 3.0, findings=well(None)),
        Result("two", "b", "nothing is lost", "not run", reason="no redis"),
        Result("three", "c", "nothing is lost", "failed", 3.0, findings=ill(None)),
    )
    report = running.Report(at, at, results)
    lines = running.markdown(report).splitlines()
    assert lines[2] == "| one | a \\| b | a line | 17 rows | 2.5 s |"
    assert lines[3] == "| two | b | **not run**: no redis | - | - |"
    assert lines[4] == "| three | c | **failed**: 2 quotes are lost | - | - |"
    running.written(report, tmp_path)
    told = json.loads((tmp_path / "drill.json").read_text(encoding="utf-8"))
    assert (told["passed"], told["failed"], told["not_run"]) == (1, 1, 1)
    assert told["results"][0]["findings"]["recovered_s"] == 2.5


@pytest.mark.parametrize(
    ("strikes", "code"), [([well], 0), ([well, nowhere], 2), ([well, ill], 1), ([nowhere, broke], 1)]
)
def test_the_exit_code_says_whether_all_passed(staged, monkeypatch, strikes, code):
    table = tuple(fault(f"fault{n}", strike) for n, strike in enumerate(strikes))
    monkeypatch.setattr("football_assets.operations.drill.table.FAULTS", table)
    done = CliRunner().invoke(app, ["drill", "--json"], standalone_mode=False)
    assert done.return_value == code, done.output
    assert len(json.loads(done.stdout)["results"]) == len(strikes)


def test_the_list_says_what_each_needs_and_runs_nothing():
    done = CliRunner().invoke(app, ["drill", "--list", "--json"], standalone_mode=False)
    listed = {each["name"]: each for each in json.loads(done.stdout)}
    assert set(listed) == NAMES
    assert listed["redis-gone"]["needs"] == ["redis-server"]


def test_the_documented_table_has_every_fault():
    text = (project_root() / "docs" / "reliability.md").read_text(encoding="utf-8")
    documented = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert documented >= NAMES
