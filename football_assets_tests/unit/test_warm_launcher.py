"""The launcher's decisions: which process a run has, when it falls back, what it says."""

import os
import shutil
from dataclasses import replace

import pytest
import yaml
from dagster import DagsterInstance, DagsterRun, DagsterRunStatus
from dagster._core.code_pointer import ModuleCodePointer
from dagster._core.launcher import DefaultRunLauncher, LaunchRunContext, WorkerStatus
from dagster._core.origin import RepositoryPythonOrigin
from dagster._core.run_coordinator import QueuedRunCoordinator
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._serdes import ConfigurableClassData

from football_assets.config import project_root
from football_assets.operations.preload import NoWorker, Preload, Worker
from football_assets.operations.processes import Identity
from football_assets.warm_launcher import WORKER_TAG, WarmRunLauncher

HERE = Identity.of(os.getpid())
GONE = replace(HERE, started=1)


@pytest.fixture
def instance(monkeypatch):
    with DagsterInstance.ephemeral() as instance:
        monkeypatch.setattr(instance, "get_ref", lambda: None)  # one in memory cannot be named to another process
        yield instance


@pytest.fixture
def launcher(instance):
    launcher = WarmRunLauncher()
    launcher.register_instance(instance)
    return launcher


@pytest.fixture
def through_code_server(monkeypatch):
    """What reached the default launcher, which needs a code server and is not used here."""
    reached = {"launch": [], "terminate": []}
    monkeypatch.setattr(DefaultRunLauncher, "launch_run", lambda _, context: reached["launch"].append(context))
    monkeypatch.setattr(DefaultRunLauncher, "terminate", lambda _, run_id: reached["terminate"].append(run_id) or True)
    return reached


def stored(instance, *, status=DagsterRunStatus.STARTED, worker=None, owner=None, **tags):
    run = DagsterRun(
        job_name="live_cycle",
        status=status,
        tags=tags,
        job_code_origin=RepositoryPythonOrigin("python", ModuleCodePointer("m", "defs")).get_job_origin("live_cycle"),
    )
    if worker is not None:
        run = run.with_tags({**tags, WORKER_TAG: f"{owner or run.run_id} {worker.as_text()}"})
    return instance.add_run(run)


def messages(instance, run):
    return [entry.message for entry in instance.all_logs(run.run_id)]


def test_a_worker_is_recorded_before_it_may_begin(launcher, instance, monkeypatch):
    run = stored(instance, status=DagsterRunStatus.STARTING)
    seen = []

    def go():
        seen.append(launcher.check_run_worker_health(instance.get_run_by_id(run.run_id)).run_worker_id)

    monkeypatch.setattr(Preload, "fork", lambda *_: Worker(pid=os.getpid(), parent=77, go=go))
    launcher.launch_run(LaunchRunContext(run, None))
    assert seen == [str(os.getpid())]
    assert f"(pid {os.getpid()}) forked from the pre-imported code (pid 77)" in messages(instance, run)[-1]


@pytest.mark.parametrize("when", ["fork", "go", "record"])
def test_without_a_worker_the_code_server_starts_the_run_and_an_event_says_why(
    when, launcher, instance, monkeypatch, through_code_server
):
    def refuse(*_):
        raise NoWorker("the imported code is stale (x.py changed)")

    pid = 2**22 + 1 if when == "record" else os.getpid()
    worker = Worker(pid=pid, parent=1, go=refuse if when == "go" else lambda: None)
    monkeypatch.setattr(Preload, "fork", refuse if when == "fork" else lambda *_: worker)
    run = stored(instance, status=DagsterRunStatus.STARTING)
    context = LaunchRunContext(run, None)
    launcher.launch_run(context)
    assert through_code_server["launch"] == [context]
    reason = f"the worker (pid {pid}) ended before it began" if when == "record" else "the imported code is stale"
    assert f"Not forked from the pre-imported code: {reason}" in messages(instance, run)[-1]


def test_a_run_that_does_not_know_its_code_is_left_to_the_code_server(launcher, instance, through_code_server):
    run = instance.add_run(DagsterRun(job_name="j", status=DagsterRunStatus.STARTING))
    launcher.launch_run(LaunchRunContext(run, None))
    assert len(through_code_server["launch"]) == 1


def test_a_run_whose_process_is_there_is_healthy(launcher, instance):
    assert launcher.check_run_worker_health(stored(instance, worker=HERE)).status == WorkerStatus.RUNNING


def test_a_run_whose_process_is_gone_is_not_found_and_says_which(launcher, instance):
    health = launcher.check_run_worker_health(stored(instance, worker=GONE))
    assert health.status == WorkerStatus.NOT_FOUND
    assert health.msg == f"the run's worker (pid {GONE.pid} on {GONE.host}) is gone"


def test_a_run_of_the_code_server_is_not_judged(launcher, instance):
    for tags in ({}, {"worker": GONE, GRPC_INFO_TAG: "{}"}):
        assert launcher.check_run_worker_health(stored(instance, **tags)).status == WorkerStatus.RUNNING


def test_a_worker_inherited_from_a_re_executed_run_is_not_its_own(launcher, instance, through_code_server):
    run = stored(instance, worker=HERE, owner="the-parent-run", **{GRPC_INFO_TAG: "{}"})
    assert launcher.terminate(run.run_id)
    assert through_code_server["terminate"] == [run.run_id]


def test_terminating_interrupts_the_worker_of_the_run(launcher, instance, monkeypatch):
    asked = []
    monkeypatch.setattr(Identity, "interrupt_then_kill", lambda *call: asked.append(call) or True)
    run = stored(instance, worker=HERE)
    assert launcher.terminate(run.run_id)
    assert asked == [(HERE, 30)]
    assert instance.get_run_by_id(run.run_id).status == DagsterRunStatus.CANCELING


def test_terminating_a_run_whose_worker_is_gone_cancels_it_at_once(launcher, instance):
    run = stored(instance, worker=GONE)
    assert not launcher.terminate(run.run_id)
    assert instance.get_run_by_id(run.run_id).status == DagsterRunStatus.CANCELED


def test_a_finished_or_unknown_run_cannot_be_terminated(launcher, instance):
    assert not launcher.terminate(stored(instance, status=DagsterRunStatus.SUCCESS, worker=HERE).run_id)
    assert not launcher.terminate("5c0a7f8e-0000-4000-8000-000000000000")


@pytest.mark.parametrize(
    ("status", "becomes"),
    [
        (DagsterRunStatus.STARTED, DagsterRunStatus.FAILURE),
        (DagsterRunStatus.STARTING, DagsterRunStatus.FAILURE),
        (DagsterRunStatus.CANCELING, DagsterRunStatus.CANCELED),
        (DagsterRunStatus.SUCCESS, DagsterRunStatus.SUCCESS),
    ],
)
def test_a_run_left_unfinished_by_its_worker_is_finished_for_it(status, becomes, launcher, instance):
    run = stored(instance, status=status, worker=GONE)
    launcher._worker_gone(run.run_id, 3)
    assert instance.get_run_by_id(run.run_id).status == becomes
    if becomes != status:
        assert "The run's worker unexpectedly exited with code 3." in messages(instance, run)[-1]


def test_the_debug_information_names_the_process(launcher, instance):
    assert launcher.get_run_worker_debug_info(stored(instance, worker=GONE)).endswith("gone.")
    assert f"pid {os.getpid()}" in launcher.get_run_worker_debug_info(stored(instance, worker=HERE))
    assert launcher.get_run_worker_debug_info(stored(instance)) is None


def test_it_does_not_claim_to_resume_runs(launcher):
    assert launcher.supports_check_run_worker_health
    assert not launcher.supports_resume_run


def home(tmp_path, *, launcher=True):
    folder = tmp_path / "dagster"
    folder.mkdir()
    shutil.copy(project_root() / "dagster.yaml", folder)
    if not launcher:
        lines = (folder / "dagster.yaml").read_text().splitlines()
        (folder / "dagster.yaml").write_text("\n".join(line for line in lines if not line.startswith("run_launcher")))
    return str(folder)


def test_dagster_yaml_gives_what_it_promises(tmp_path):
    with DagsterInstance.from_config(home(tmp_path)) as instance:
        assert isinstance(instance.run_launcher, WarmRunLauncher)
        assert isinstance(instance.run_coordinator, QueuedRunCoordinator)
        assert instance.run_coordinator.dequeue_interval_seconds == 1
        queue = instance.get_concurrency_config().run_queue_config
        assert queue.max_concurrent_runs == 10
        assert queue.tag_concurrency_limits == [{"key": "football/live", "value": "true", "limit": 1}]
        assert instance.run_monitoring_enabled
        assert instance.run_monitoring_max_runtime_seconds == 3600
        assert instance.run_monitoring_max_resume_run_attempts == 0
        assert not instance.telemetry_enabled
        assert not instance.nux_enabled
        assert instance.get_settings("sensors")["use_threads"]
        assert instance.run_retries_enabled
        assert instance.run_retries_max_retries == 0


def test_without_its_two_lines_dagsters_own_launcher_is_used(tmp_path):
    with DagsterInstance.from_config(home(tmp_path, launcher=False)) as instance:
        assert isinstance(instance.run_launcher, DefaultRunLauncher)


def test_the_launchers_settings_are_read_from_dagster_yaml():
    text = yaml.safe_dump({"terminate_grace_seconds": 5})
    data = ConfigurableClassData("football_assets.warm_launcher", "WarmRunLauncher", text)
    launcher = data.rehydrate(as_type=WarmRunLauncher)
    assert (launcher._terminate_grace_s, launcher._start_timeout_s) == (5, 60)
    assert launcher.inst_data == data


def test_workspace_yaml_names_the_code_location():
    (entry,) = yaml.safe_load((project_root() / "workspace.yaml").read_text())["load_from"]
    assert entry["python_module"] == {"module_name": "football_assets.definitions", "location_name": "football_assets"}
