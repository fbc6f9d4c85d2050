"""A cycle that takes longer than its minute makes ticks skip; cycles never stack and never overlap."""

from datetime import UTC, datetime, timedelta
from itertools import cycle

import dagster as dg
import pytest
from dagster._core.events import DagsterEvent, DagsterEventType

from football_assets.soccer.automation import JOB, UNFINISHED, request_or_skip
from football_assets.timing import TICK_TAG

NOON = datetime(2026, 5, 16, 12, 0, tzinfo=UTC)
TICKS, INTERVAL_S = 120, 60


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as found:
        yield found


def ended(instance, run):
    event = DagsterEvent(DagsterEventType.PIPELINE_SUCCESS.value, JOB)
    instance.report_dagster_event(event, run.run_id)


def test_ticks_during_a_cycle_skip_and_the_next_one_starts(instance):
    """Two hours of ticks; cycles of 5 to 200 s."""
    lasts, running, ends_s = cycle([5, 61, 130, 59, 60, 200]), None, 0
    starts, ends, skipped = [], [], 0
    for now_s in range(0, TICKS * INTERVAL_S, INTERVAL_S):
        if running and ends_s <= now_s:
            ended(instance, running)
            running = None
        found = request_or_skip(instance, NOON + timedelta(seconds=now_s))
        if isinstance(found, dg.SkipReason):
            skipped += 1
            assert running, "a tick skipped although no cycle was under way"
            continue
        assert not instance.get_runs(dg.RunsFilter(statuses=UNFINISHED)), "two cycles at once"
        assert found.tags[TICK_TAG] == (NOON + timedelta(seconds=now_s)).isoformat()
        started = dg.DagsterRun(job_name=JOB, tags=found.tags, status=dg.DagsterRunStatus.STARTED)
        running, ends_s = instance.add_run(started), now_s + next(lasts)
        starts.append(now_s)
        ends.append(ends_s)
    assert len(starts) + skipped == TICKS
    for end, following in zip(ends, starts[1:], strict=False):
        assert end <= following < end + INTERVAL_S, "each cycle starts with the first tick after the one before"
