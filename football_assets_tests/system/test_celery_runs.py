"""Whole runs by a Celery worker: a real daemon, broker and PostgreSQL; live runs stay with the daemon."""

import re

import pytest
from dagster import DagsterRunStatus

from football_assets.config import load_settings
from football_assets.operations.dagster_home import RUNS_QUEUE, prepare_dagster_home
from football_assets.warm_launcher import WORKER_TAG
from football_assets_tests.system.celery_worker import celery_workers
from football_assets_tests.system.test_warm_launcher import Daemon, code  # noqa: F401 - a fixture

LIVE = {"football/live": "true"}


def received(log):
    """How many runs the worker has taken from the queue."""
    return len(re.findall(r"Task execute_job\[\S+\] received", log.read_text(errors="replace")))


@pytest.fixture
def spread(code, own_redis, postgres_url, monkeypatch, tmp_path):  # noqa: F811 - the fixture
    monkeypatch.setenv("FOOTBALL_REDIS_URL", own_redis.url)
    monkeypatch.setenv("FOOTBALL_LAKE_URL", "memory://nothing-is-read-here")
    monkeypatch.setenv("FOOTBALL_DAGSTER_POSTGRES_URL", postgres_url.replace("+psycopg", ""))
    monkeypatch.setenv("FOOTBALL_SCALING__LAUNCHER", "celery")
    config = (prepare_dagster_home(load_settings()) / "dagster.yaml").read_text()
    with Daemon(tmp_path, code, config).running() as daemon:
        yield daemon


# Two Celery processes and a daemon that import everything: on a busy machine that takes minutes.
@pytest.mark.timeout(600)
def test_a_worker_of_the_queue_does_whole_runs_and_live_ones_stay_with_the_daemon(spread, tmp_path):
    waiting = spread.submit("materialize")
    spread.until(lambda: spread.run(waiting).status is DagsterRunStatus.STARTING, "hand over to the queue")
    with celery_workers(tmp_path, ["--queue", RUNS_QUEUE]) as (log,):
        assert spread.finished(waiting) is DagsterRunStatus.SUCCESS
        assert received(log) == 1
        assert WORKER_TAG not in spread.run(waiting).tags

        failing = spread.submit("failing")
        assert spread.finished(failing) is DagsterRunStatus.FAILURE
        events = [entry.dagster_event for entry in spread.instance.all_logs(failing)]
        assert any("failed on purpose" in str(event.event_specific_data) for event in events if event)

        live = spread.submit("materialize", LIVE)
        assert spread.finished(live) is DagsterRunStatus.SUCCESS
        assert received(log) == 2
        assert spread.run(live).tags.get(WORKER_TAG) or spread.said(live, "Started process for run")
