"""When the college run starts and which seasons it collects."""

import itertools
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import dagster as dg
import pytest
from dagster._utils.schedules import schedule_execution_time_iterator
from pydantic import ValidationError

from football_assets.errors import ConfigError
from football_assets.ncaa.assets.seasons import RANGE_END, RANGE_START, SEASONS, seasons_of
from football_assets.ncaa.automation import JOBS, PARTITION, SCHEDULES, cron_of
from football_assets.sections import Ncaa


def ticks(settings, year):
    """Every instant of one year at which the schedule fires."""
    first, last = datetime(year, 1, 1, tzinfo=UTC), datetime(year + 1, 1, 1, tzinfo=UTC)
    fires = schedule_execution_time_iterator(first.timestamp(), cron_of(settings), "UTC")
    return list(itertools.takewhile(lambda at: at < last, fires))


@pytest.mark.parametrize("year", [2027, 2028])
def test_daily_fires_once_a_day_at_its_time_all_year_daylight_saving_and_leap_day_included(year):
    found = ticks(Ncaa(schedule="daily", at_utc="06:30"), year)
    days = {2027: 365, 2028: 366}[year]
    assert found == [datetime(year, 1, 1, 6, 30, tzinfo=UTC) + timedelta(days=n) for n in range(days)]


def test_weekly_fires_on_mondays():
    found = ticks(Ncaa(schedule="weekly", at_utc="23:59"), 2028)
    assert len(found) == 52
    assert {(at.isoweekday(), at.hour, at.minute) for at in found} == {(1, 23, 59)}


def test_monthly_fires_on_the_first_of_each_month():
    found = ticks(Ncaa(schedule="monthly", at_utc="00:05"), 2028)
    assert found == [datetime(2028, month, 1, 0, 5, tzinfo=UTC) for month in range(1, 13)]


def test_a_cron_line_of_one_s_own_is_followed():
    found = ticks(Ncaa(schedule="cron", cron="15 7 29 2 *"), 2028)
    assert found == [datetime(2028, 2, 29, 7, 15, tzinfo=UTC)]
    season = ticks(Ncaa(schedule="cron", cron="0 */6 * 8-12 *"), 2027)
    assert len(season) == 4 * (31 + 30 + 31 + 30 + 31)
    assert season[0] == datetime(2027, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize("line", ["61 6 * * *", "0 6 * * nonsense", "0 6 31 2 *x"])
def test_a_cron_line_that_no_clock_can_follow_is_refused(line):
    with pytest.raises(ConfigError, match=r"ncaa\.cron"):
        cron_of(Ncaa(schedule="cron", cron=line))


@pytest.mark.parametrize("wrong", [{"schedule": "cron"}, {"cron": "0 6 * * *"}, {"schedule": "cron", "cron": "0 6"}])
def test_the_schedule_cron_and_its_line_go_together(wrong):
    with pytest.raises(ValidationError):
        Ncaa(**wrong)


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
    daily, seasons, _ = JOBS
    assert daily.tags[PARTITION] == SEASONS.get_partition_keys()[-2], "the last one has not begun"
    assert PARTITION not in (seasons.tags or {})


def context_of(partitions, **tags):
    return SimpleNamespace(partition_keys=partitions, run=SimpleNamespace(tags=tags))


def test_a_run_collects_its_partition_and_the_range_of_its_tags():
    assert seasons_of(context_of(["2026"])) == [2026]
    assert seasons_of(context_of(["2022", "2023"])) == [2022, 2023]
    both = context_of(["2026"], **{RANGE_START: "2023", RANGE_END: "2024"})
    assert seasons_of(both) == [2023, 2024, 2026]
