"""When the college run starts and which seasons it collects."""

from datetime import UTC, datetime
from types import SimpleNamespace

import dagster as dg
import pytest

from football_assets.ncaa.assets.seasons import RANGE_END, RANGE_START, SEASONS, seasons_of
from football_assets.ncaa.automation import JOBS, PARTITION, SCHEDULES, cron_of


@pytest.mark.parametrize(
    ("schedule", "at", "cron"),
    [("daily", "06:00", "0 6 * * *"), ("weekly", "23:59", "59 23 * * 1"), ("monthly", "00:05", "5 0 1 * *")],
)
def test_the_schedule_becomes_a_cron_line(schedule, at, cron):
    assert cron_of(schedule, at) == cron


@pytest.mark.parametrize(("month", "season"), [(7, "2025"), (8, "2026"), (1, "2025")])
def test_a_tick_asks_for_the_season_that_is_running_then(month, season):
    (schedule,) = SCHEDULES
    tick = datetime(2026, month, 20, 6, tzinfo=UTC)
    with dg.build_schedule_context(scheduled_execution_time=tick) as context:
        data = schedule.evaluate_tick(context)
    (request,) = data.run_requests
    assert request.tags[PARTITION] == season
    assert schedule.default_status == dg.DefaultScheduleStatus.RUNNING


def test_the_daily_job_runs_as_typed_and_the_other_names_its_seasons():
    daily, seasons = JOBS
    assert daily.tags[PARTITION] == SEASONS.get_partition_keys()[-1]
    assert PARTITION not in (seasons.tags or {})


def context_of(partitions, **tags):
    return SimpleNamespace(partition_keys=partitions, run=SimpleNamespace(tags=tags))


def test_a_run_collects_its_partition_and_the_range_of_its_tags():
    assert seasons_of(context_of(["2026"])) == [2026]
    assert seasons_of(context_of(["2022", "2023"])) == [2022, 2023]
    both = context_of(["2026"], **{RANGE_START: "2023", RANGE_END: "2024"})
    assert seasons_of(both) == [2023, 2024, 2026]
