import ctypes
import weakref
from datetime import UTC, datetime
from types import SimpleNamespace

import dagster as dg
import pytest

from football_assets.config import load_settings, now_utc
from football_assets.errors import SourceUnavailable
from football_assets.soccer import automation
from football_assets.soccer.automation import (
    JOB,
    JOBS,
    MAINTENANCE,
    SCHEDULES,
    SENSORS,
    UNFINISHED,
    _sensors,
    after_tick,
    cron_of,
    odds_lookers,
    request_or_skip,
)
from football_assets.soccer.delta import LOOKS_BACK_S
from football_assets.soccer.outage import Outage


class Ring:
    """Garbage that only a collection finds."""

    def __init__(self):
        self.itself = self


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as found:
        yield found


@pytest.mark.parametrize(
    ("interval_s", "cron"), [(60, "* * * * *"), (120, "*/2 * * * *"), (20, None), (90, None), (420, None), (7200, None)]
)
def test_whole_minutes_that_divide_the_hour_are_a_cron_line(interval_s, cron):
    assert cron_of(interval_s) == cron


def test_by_default_a_running_schedule_starts_the_cycle_each_minute():
    (schedule,) = [each for each in SCHEDULES if each.job_name == JOB]
    assert schedule.cron_schedule == "* * * * *"
    assert schedule.job_name == JOB
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert "live_sensor" not in {sensor.name for sensor in SENSORS}
    assert JOB in [job.name for job in JOBS]


@pytest.mark.parametrize(("interval_s", "count"), [(55, 0), (56, 1), (60, 1), (300, 1)])
def test_somebody_looks_at_the_odds_feeds_between_cycles_that_are_far_apart(interval_s, count):
    found = odds_lookers(interval_s)
    assert len(found) == count
    assert all(each.minimum_interval_seconds <= LOOKS_BACK_S - 5 for each in found), "the daemon may come 5 s late"
    assert all(each.default_status is dg.DefaultSensorStatus.RUNNING for each in found)
    assert "odds_between_sensor" in {sensor.name for sensor in SENSORS}


@pytest.mark.parametrize(("second", "asks"), [(5, False), (35, True), (10, False), (40, True), (16, True)])
def test_nobody_looks_where_a_cycle_asks_the_same(instance, monkeypatch, second, asks):
    monkeypatch.setattr(automation, "now_utc", lambda: datetime(2026, 5, 16, 15, 30, second, tzinfo=UTC))
    monkeypatch.setattr(automation, "look_between", lambda _settings: "looked")
    (sensor,) = odds_lookers(60)
    told = sensor.evaluate_tick(dg.build_sensor_context(instance))
    assert told.skip_message == ("looked" if asks else "a cycle asks the same")


def test_a_look_that_cannot_be_made_is_a_tick_that_says_why(instance, monkeypatch):
    monkeypatch.setattr(automation, "now_utc", lambda: datetime(2026, 5, 16, 15, 30, 30, tzinfo=UTC))
    (sensor,) = odds_lookers(60)
    told = sensor.evaluate_tick(dg.build_sensor_context(instance))
    assert "THESPORTS_USER" in told.skip_message
    assert not told.run_requests


@pytest.mark.parametrize("keeps_time", [SCHEDULES[0], _sensors(20, None)[0]], ids=["schedule", "sensor"])
def test_what_a_tick_leaves_behind_is_collected_after_it(instance, monkeypatch, keeps_time):
    asked, given = [], []
    monkeypatch.setattr(after_tick, "soon", lambda: asked.append(True))
    if isinstance(keeps_time, dg.SensorDefinition):
        keeps_time.evaluate_tick(dg.build_sensor_context(instance))
    else:
        monkeypatch.setattr(dg.ScheduleEvaluationContext, "instance", instance)
        keeps_time.evaluate_tick(dg.build_schedule_context(scheduled_execution_time=now_utc()))
    assert asked == [True]
    ring = Ring()
    gone = weakref.ref(ring)
    del ring
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: SimpleNamespace(malloc_trim=given.append))
    after_tick.do()
    assert (gone(), given) == (None, [0])


def test_the_history_is_looked_after_every_night():
    (schedule,) = [each for each in SCHEDULES if each.job_name == MAINTENANCE]
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("30 0 * * *", "UTC")
    assert schedule.default_status is dg.DefaultScheduleStatus.RUNNING
    assert MAINTENANCE in [job.name for job in JOBS]


@pytest.mark.parametrize("status", ["NOT_STARTED", "STARTING", "STARTED", "CANCELING"])
def test_a_cycle_is_skipped_while_another_has_not_ended(instance, status):
    instance.add_run(dg.DagsterRun(job_name=JOB, status=dg.DagsterRunStatus[status]))
    found = request_or_skip(instance)
    assert isinstance(found, dg.SkipReason)
    assert found.skip_message.endswith(f"is still {status.lower()}")


def test_a_queued_cycle_counts_as_not_ended():
    assert dg.DagsterRunStatus.QUEUED in UNFINISHED


def test_a_cycle_is_skipped_while_the_provider_is_down_and_no_probe_is_due(instance):
    def refused(_probe):
        raise SourceUnavailable("TheSports", "reading the live list", "HTTP 500")

    for _ in range(11):  # five open the breaker; six probes bring the wait to 160 s
        with pytest.raises(SourceUnavailable):
            Outage.kept(load_settings()).attempt(refused, now_utc())
    found = request_or_skip(instance)
    assert isinstance(found, dg.SkipReason)
    assert "TheSports cannot be read since" in found.skip_message
    Outage.kept(load_settings()).attempt(lambda _probe: "the list", now_utc())
    assert isinstance(request_or_skip(instance), dg.RunRequest)


@pytest.mark.parametrize(("job_name", "status"), [(JOB, "SUCCESS"), (JOB, "FAILURE"), ("ncaa_daily", "STARTED")])
def test_ended_cycles_and_other_jobs_do_not_hold_it_back(instance, job_name, status):
    instance.add_run(dg.DagsterRun(job_name=job_name, status=dg.DagsterRunStatus[status]))
    found = request_or_skip(instance)
    assert isinstance(found, dg.RunRequest)
    assert found.tags == {"football/live": "true"}
