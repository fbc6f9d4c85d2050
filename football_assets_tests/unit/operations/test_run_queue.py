"""A live cycle that is alone does not wait in the queue; whatever stands against that, it does."""

import dagster as dg
import pytest
from dagster import DagsterRunStatus
from dagster._core.remote_origin import RegisteredCodeLocationOrigin, RemoteRepositoryOrigin
from dagster._core.run_coordinator import SubmitRunContext

from football_assets.operations.assets.run_queue import PromptRunCoordinator
from football_assets.warm_launcher import WarmRunLauncher

LIVE = {"football/live": "true"}
ORIGIN = RemoteRepositoryOrigin(RegisteredCodeLocationOrigin("football_assets"), "repository").get_job_origin(
    "live_cycle"
)


class Launcher(WarmRunLauncher):
    """Remembers what it was asked to launch; `fails` when it cannot."""

    def __init__(self):
        super().__init__()
        self.launched, self.warm, self.fails = [], True, False

    def is_warm(self, _run):
        return self.warm

    def launch_run(self, context):
        if self.fails:
            raise OSError("no more processes")
        self.launched.append(context.dagster_run.run_id)


@pytest.fixture
def instance(dagster_home, monkeypatch):
    with dg.DagsterInstance.from_config(str(dagster_home)) as found:
        launcher = Launcher()
        launcher.register_instance(found)
        monkeypatch.setattr(type(found), "run_launcher", launcher)
        assert isinstance(found.run_coordinator, PromptRunCoordinator)
        found.asked = []
        monkeypatch.setattr(found.run_coordinator.between_ticks, "soon", lambda: found.asked.append(True))
        yield found


def submitted(instance, tags=LIVE):
    run = instance.add_run(dg.DagsterRun(job_name="live_cycle", tags=tags, remote_job_origin=ORIGIN))
    return instance.run_coordinator.submit_run(SubmitRunContext(run, None))


def test_a_cycle_that_is_alone_is_launched_by_its_tick(instance):
    run = submitted(instance)
    assert run.status is DagsterRunStatus.STARTING
    assert instance.run_launcher.launched == [run.run_id]
    assert instance.asked == [True], "garbage and logs wait until it is launched"


@pytest.mark.parametrize("status", ["QUEUED", "STARTING", "STARTED", "CANCELING"])
def test_a_cycle_queues_while_another_has_not_ended(instance, status):
    other = dg.DagsterRun(job_name="live_cycle", tags=LIVE, status=DagsterRunStatus[status], remote_job_origin=ORIGIN)
    instance.add_run(other)
    assert submitted(instance).status is DagsterRunStatus.QUEUED
    assert instance.run_launcher.launched == []
    assert instance.asked == []


def test_a_cycle_queues_while_there_is_no_room_for_a_run(instance):
    for _ in range(10):
        instance.add_run(dg.DagsterRun(job_name="ncaa_daily", status=DagsterRunStatus.STARTED))
    assert submitted(instance).status is DagsterRunStatus.QUEUED


def test_a_cycle_queues_until_its_code_is_imported(instance):
    instance.run_launcher.warm = False
    assert submitted(instance).status is DagsterRunStatus.QUEUED


def test_other_runs_queue(instance):
    assert submitted(instance, tags={}).status is DagsterRunStatus.QUEUED
    assert instance.run_launcher.launched == []


def test_a_cycle_that_cannot_be_launched_fails_and_says_why(instance):
    instance.run_launcher.fails = True
    run = submitted(instance)
    assert run.status is DagsterRunStatus.FAILURE
    said = [str(entry.dagster_event.event_specific_data) for entry in instance.all_logs(run.run_id)]
    assert any("no more processes" in each for each in said)
