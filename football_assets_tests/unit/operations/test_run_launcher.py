"""Runs on an engine, live cycles here: who gets which run, and that the password of the queue is not written down."""

from types import SimpleNamespace

import pytest
from dagster import DagsterInstance

from football_assets.config import load_settings
from football_assets.operations import ownership
from football_assets.operations.assets.run_launcher import SpreadRunLauncher
from football_assets.operations.dagster_home import RUNS_QUEUE, prepare_dagster_home
from football_assets.warm_launcher import WarmRunLauncher

LIVE, OTHER = ({"football/live": "true"}, "live"), ({}, "other")


class Engine:
    """Notes what it is asked."""

    supports_resume_run = True

    def __init__(self):
        self.asked = []

    def __getattr__(self, name):
        return lambda *args: self.asked.append((name, args)) or name


@pytest.fixture
def spread(monkeypatch):
    """The launcher, what its engine was asked, and what stayed here."""
    engine, here = Engine(), []
    for name in ("launch_run", "check_run_worker_health", "get_run_worker_debug_info", "terminate", "is_warm"):
        monkeypatch.setattr(WarmRunLauncher, name, lambda _self, *args, name=name: here.append((name, args)) or name)
    launcher = SpreadRunLauncher(engine=engine, local_tag="football/live")
    runs = {}
    launcher._instance_weakref = lambda: SimpleNamespace(get_run_by_id=runs.get)
    for tags, run_id in (LIVE, OTHER):
        runs[run_id] = SimpleNamespace(run_id=run_id, tags=tags)
    return launcher, engine.asked, here, runs


@pytest.mark.parametrize(("run_id", "is_local"), [("live", True), ("other", False)])
def test_live_cycles_stay_here_and_all_others_go_to_the_engine(spread, run_id, is_local):
    launcher, engine, here, runs = spread
    run = runs[run_id]
    launcher.launch_run(SimpleNamespace(dagster_run=run, workspace=None))
    launcher.check_run_worker_health(run)
    launcher.get_run_worker_debug_info(run)
    launcher.terminate(run_id)
    asked, silent = (here, engine) if is_local else (engine, here)
    assert [name for name, _ in asked] == [
        "launch_run",
        "check_run_worker_health",
        "get_run_worker_debug_info",
        "terminate",
    ]
    assert not silent
    assert bool(launcher.is_warm(run)) is is_local


def test_an_executor_of_the_engine_finds_what_it_asks_the_launcher_for(spread):
    launcher, *_ = spread
    launcher._engine.job_namespace = "football"
    assert launcher.job_namespace == "football"
    assert not hasattr(launcher, "_unknown")


def test_a_process_that_does_not_own_the_live_loop_hands_nothing_to_the_engine(spread, monkeypatch):
    launcher, engine, _, runs = spread
    moments = iter([False, False, True])
    monkeypatch.setattr(ownership, "_owned", [SimpleNamespace(still=lambda: next(moments))])
    slept = []
    monkeypatch.setattr(ownership.time, "sleep", slept.append)
    launcher.launch_run(SimpleNamespace(dagster_run=runs["other"], workspace=None))
    assert len(slept) == 2 and [name for name, _ in engine] == ["launch_run"]


def test_the_launcher_is_chosen_by_one_setting_and_dagster_yaml_names_the_variable_only(monkeypatch):
    monkeypatch.setenv("FOOTBALL_REDIS_URL", "redis://:pass-word@127.0.0.1:1/0")
    home = prepare_dagster_home(load_settings())
    assert "WarmRunLauncher" in (home / "dagster.yaml").read_text()
    monkeypatch.setenv("FOOTBALL_SCALING__LAUNCHER", "celery")
    home = prepare_dagster_home(load_settings())
    text = (home / "dagster.yaml").read_text()
    assert "pass-word" not in text and "SpreadRunLauncher" in text
    with DagsterInstance.from_config(str(home)) as instance:
        launcher = instance.run_launcher
        assert isinstance(launcher, SpreadRunLauncher)
        assert launcher._engine.default_queue == RUNS_QUEUE
        assert launcher._engine.broker == "redis://:pass-word@127.0.0.1:1/0"
        assert launcher.supports_resume_run and launcher.supports_check_run_worker_health
