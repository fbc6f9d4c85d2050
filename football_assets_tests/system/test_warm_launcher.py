"""Runs through a real daemon: forked when the code is fresh, never lost, and nothing left afterwards."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml
from dagster import DagsterEventType, DagsterInstance, DagsterRunStatus
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import WorkspaceFileTarget

from football_assets.operations.processes import Identity
from football_assets.warm_launcher import WORKER_TAG
from football_assets_tests.servers import dagster_yaml
from football_assets_tests.system.this_machine import processes_with

LIMIT_S = 90
DEFINITIONS = Path(__file__).with_name("tiny_definitions.py")


def settled(condition, what):
    deadline = time.monotonic() + LIMIT_S
    while not condition():
        assert time.monotonic() < deadline, f"{what()}: not within {LIMIT_S} s"
        time.sleep(0.05)


def parent(pid):
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


class Daemon:
    """A daemon with a DAGSTER_HOME of its own; this process submits its runs and cancels them, like the page does."""

    def __init__(self, folder, code, config):
        self.home = folder / "dagster"
        self.home.mkdir()
        (self.home / "dagster.yaml").write_text(config)
        self.code = code
        self.log = folder / "daemon.log"

    @contextmanager
    def running(self):
        command = [sys.executable, "-m", "dagster._daemon", "run", "-w", str(self.code.with_name("workspace.yaml"))]
        environment = {**os.environ, "DAGSTER_HOME": str(self.home), "PYTHONWARNINGS": "ignore"}
        target = WorkspaceFileTarget([str(self.code.with_name("workspace.yaml"))])
        # The storage exists before the second process opens it: Dagster cannot create it twice at once.
        with DagsterInstance.from_config(str(self.home)) as self.instance, self.log.open("wb") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, cwd=self.home, start_new_session=True
            )
            try:
                with WorkspaceProcessContext(self.instance, target) as self.workspace:
                    yield self
                self.process.send_signal(signal.SIGINT)
                self.process.wait(60)
            finally:
                self.process.kill()
                self.process.wait()

    def submit(self, job, tags=None):
        context = self.workspace.create_request_context()
        location = context.code_locations[0]
        remote = next(iter(location.get_repositories().values())).get_full_job(job)
        plan = location.get_execution_plan(remote, {}, None, None)
        run = self.instance.create_run(
            job_name=job,
            run_id=None,
            run_config={},
            status=DagsterRunStatus.NOT_STARTED,
            tags=dict(tags or {}),
            root_run_id=None,
            parent_run_id=None,
            step_keys_to_execute=None,
            execution_plan_snapshot=plan.execution_plan_snapshot,
            job_snapshot=remote.job_snapshot,
            parent_job_snapshot=remote.parent_job_snapshot,
            op_selection=None,
            resolved_op_selection=None,
            asset_selection=None,
            asset_check_selection=None,
            remote_job_origin=remote.get_remote_origin(),
            job_code_origin=remote.get_python_origin(),
            asset_graph=context.asset_graph,
        )
        self.instance.submit_run(run.run_id, context)
        return run.run_id

    def until(self, condition, what):
        settled(condition, lambda: f"{what}\n{self.log.read_text()[-3000:]}")

    def run(self, run_id):
        return self.instance.get_run_by_id(run_id)

    def finished(self, run_id):
        self.until(lambda: self.run(run_id).is_finished, f"end of {run_id}")
        return self.run(run_id).status

    def messages(self, run_id):
        return [entry.message for entry in self.instance.all_logs(run_id)]

    def said(self, run_id, text):
        return [message for message in self.messages(run_id) if text in message]

    def forked(self, job, tags=None):
        """A run of `job` in a forked worker. Some may go round it: somebody may be editing this very package."""
        for _ in range(5):
            run_id = self.submit(job, tags)
            self.until(lambda run_id=run_id: self.said(run_id, "the pre-imported code"), f"launch of {run_id}")
            if self.said(run_id, "Run worker (pid"):
                return run_id
            self.instance.run_coordinator.cancel_run(run_id)
            self.finished(run_id)
            if job != "materialize":
                self.finished(self.forked("materialize"))
        return pytest.fail("no run was forked: " + str(self.messages(run_id)))

    def asleep(self, job, tags=None):
        """A forked run of a sleeping job that has reached its sleep, and its worker."""
        run_id = self.forked(job, tags)
        self.until(lambda: self.said(run_id, "Started execution of step"), f"start of {run_id}")
        return run_id, self.worker(run_id)

    def worker(self, run_id):
        return Identity.from_text(self.run(run_id).tags[WORKER_TAG].partition(" ")[2])

    def version(self, run_id):
        """Which version of the definitions made the asset."""
        records = self.instance.get_records_for_run(run_id, of_type=DagsterEventType.ASSET_MATERIALIZATION).records
        return records[0].asset_materialization.metadata["version"].value

    def processes(self):
        """Every running process that belongs to this home, by its environment, and its command line."""
        return processes_with("DAGSTER_HOME", self.home)

    def forkservers(self):
        """Pids of its forkservers; workers have the same command line and another parent."""
        pids = [pid for pid, command in self.processes().items() if "forkserver" in command]
        return [pid for pid in pids if parent(pid) == self.process.pid]


@pytest.fixture(scope="module")
def code(tmp_path_factory):
    """The definitions, and one code server of them for all daemons of this module."""
    folder = tmp_path_factory.mktemp("code")
    file = folder / "tiny_definitions.py"
    shutil.copy(DEFINITIONS, file)
    server = {"socket": str(folder / "code.sock"), "location_name": "tiny"}
    (folder / "workspace.yaml").write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}))
    command = [sys.executable, "-m", "dagster", "api", "grpc", "-f", str(file), "-s", server["socket"]]
    process = subprocess.Popen(command, cwd=folder, env={**os.environ, "PYTHONWARNINGS": "ignore"})
    try:
        settled((folder / "code.sock").exists, lambda: f"start of the code server, exit code {process.poll()}")
        yield file
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:  # the code server is Dagster's, and at times deaf while it is busy
            process.kill()
            process.wait(20)


@pytest.fixture(scope="module")
def daemon(code, tmp_path_factory, module_databases):
    config = dagster_yaml().replace("poll_interval_seconds: 15", "poll_interval_seconds: 2")
    with Daemon(tmp_path_factory.mktemp("warm"), code, config).running() as daemon:
        yield daemon


def test_a_run_is_forked_and_succeeds(daemon):
    run_id = daemon.forked("materialize")
    assert daemon.finished(run_id) == DagsterRunStatus.SUCCESS
    worker = daemon.worker(run_id)
    assert daemon.said(run_id, f"Run worker (pid {worker.pid}) forked")
    assert daemon.said(run_id, f"Started process for run (pid: {worker.pid}).")
    daemon.until(lambda: not worker.alive(), "end of the worker")


def test_a_failing_run_fails_with_its_error(daemon):
    run_id = daemon.forked("failing")
    assert daemon.finished(run_id) == DagsterRunStatus.FAILURE
    events = [entry.dagster_event for entry in daemon.instance.all_logs(run_id)]
    assert any("failed on purpose" in str(event.event_specific_data) for event in events if event)


def test_a_crash_fails_the_run_and_tells_the_exit_code(daemon):
    run_id = daemon.forked("crashing")
    assert daemon.finished(run_id) == DagsterRunStatus.FAILURE
    assert daemon.said(run_id, "The run's worker unexpectedly exited with code 3.")


def test_a_killed_worker_fails_the_run_and_tells_the_signal(daemon):
    run_id, worker = daemon.asleep("sleeping")
    os.kill(worker.pid, signal.SIGKILL)
    assert daemon.finished(run_id) == DagsterRunStatus.FAILURE
    assert daemon.said(run_id, "SIGKILL")


def test_a_run_is_terminated_from_another_process(daemon):
    run_id, worker = daemon.asleep("sleeping")
    assert daemon.instance.run_coordinator.cancel_run(run_id)
    assert daemon.finished(run_id) == DagsterRunStatus.CANCELED
    daemon.until(lambda: not worker.alive(), "end of the worker")


def test_a_worker_that_does_not_listen_is_killed_and_its_run_canceled(daemon, monkeypatch):
    run_id, worker = daemon.asleep("deaf")
    monkeypatch.setattr(daemon.instance.run_launcher, "_terminate_grace_s", 0.5)
    assert daemon.instance.run_coordinator.cancel_run(run_id)
    assert daemon.finished(run_id) == DagsterRunStatus.CANCELED
    assert not worker.alive()


def test_changed_code_goes_round_the_stale_import_once_and_is_what_runs(daemon):
    daemon.finished(daemon.forked("materialize"))
    daemon.code.write_text(daemon.code.read_text().replace("VERSION = 1", "VERSION = 22"))
    first = daemon.submit("materialize")
    assert daemon.finished(first) == DagsterRunStatus.SUCCESS
    assert daemon.said(first, "Not forked from the pre-imported code: the imported code is stale")
    second = daemon.forked("materialize")
    assert daemon.finished(second) == DagsterRunStatus.SUCCESS
    assert [daemon.version(first), daemon.version(second)] == [22, 22]


def test_a_killed_forkserver_is_replaced(daemon):
    daemon.finished(daemon.forked("materialize"))
    before = daemon.forkservers()
    for forkserver in before:
        os.kill(forkserver, signal.SIGKILL)
    run_id = daemon.forked("materialize")
    assert daemon.finished(run_id) == DagsterRunStatus.SUCCESS
    assert before
    assert not set(before) & set(daemon.forkservers())


def test_a_run_whose_worker_and_forkserver_vanished_is_failed_by_the_monitor(daemon):
    run_id, worker = daemon.asleep("deaf")
    os.kill(parent(worker.pid), signal.SIGKILL)
    os.kill(worker.pid, signal.SIGKILL)
    assert daemon.finished(run_id) == DagsterRunStatus.FAILURE
    assert daemon.said(run_id, f"the run's worker (pid {worker.pid} on {worker.host}) is gone")


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_a_daemon_that_ends_leaves_no_process_and_no_unfinished_run(ending, code, tmp_path):
    with Daemon(tmp_path, code, dagster_yaml()).running() as daemon:
        run_id, worker = daemon.asleep("sleeping")
        assert {daemon.process.pid, parent(worker.pid), worker.pid} <= daemon.processes().keys()
        daemon.process.send_signal(ending)
        daemon.process.wait(60)
        assert daemon.finished(run_id) == DagsterRunStatus.FAILURE
        daemon.until(lambda: not daemon.processes(), "end of all processes")


def test_without_the_launchers_lines_the_same_run_succeeds(code, tmp_path):
    config = yaml.safe_load(dagster_yaml())
    del config["run_launcher"]
    with Daemon(tmp_path, code, yaml.safe_dump(config)).running() as daemon:
        run_id = daemon.submit("materialize")
        assert daemon.finished(run_id) == DagsterRunStatus.SUCCESS
        assert WORKER_TAG not in daemon.run(run_id).tags


LIVE = {"football/live": "true"}


def test_a_second_live_cycle_waits_for_the_end_of_the_first(daemon):
    first, worker = daemon.asleep("sleeping", LIVE)
    second = daemon.submit("materialize", LIVE)
    daemon.finished(daemon.forked("materialize"))  # the queue has been looked through meanwhile
    assert daemon.run(second).status == DagsterRunStatus.QUEUED
    os.kill(worker.pid, signal.SIGKILL)
    assert daemon.finished(second) == DagsterRunStatus.SUCCESS
    records = {run_id: daemon.instance.get_run_record_by_id(run_id) for run_id in (first, second)}
    assert records[second].start_time >= records[first].end_time


def test_a_run_that_never_ends_is_ended_by_the_monitor(daemon):
    run_id, worker = daemon.asleep("sleeping", {"dagster/max_runtime": "1"})
    assert daemon.finished(run_id) == DagsterRunStatus.FAILURE
    assert daemon.said(run_id, "Exceeded maximum runtime of 1 seconds")
    daemon.until(lambda: not worker.alive(), "end of the worker")


def test_runs_beside_the_live_cycle_leave_it_a_place(code, tmp_path):
    config = dagster_yaml()
    config = config.replace("default_limit: 4", "default_limit: 1")
    config = config.replace("max_concurrent_runs: 10", "max_concurrent_runs: 2")
    with Daemon(tmp_path, code, config).running() as daemon:
        first = daemon.submit("pooled")  # Dagster makes a pool when it first meets it, and holds to it from then on
        daemon.until(lambda: daemon.run(first).status == DagsterRunStatus.STARTED, "start of a run of the pool")
        waiting = [daemon.submit("pooled") for _ in range(3)]
        assert daemon.finished(daemon.submit("materialize", LIVE)) == DagsterRunStatus.SUCCESS
        assert {daemon.run(run_id).status for run_id in waiting} == {DagsterRunStatus.QUEUED}
        assert daemon.run(first).status == DagsterRunStatus.STARTED


@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_goes_on_with_what_was_not_done(ending, code, tmp_path):
    daemon = Daemon(tmp_path, code, dagster_yaml())
    with daemon.running():
        run_id = daemon.submit("resumable", {"dagster/max_retries": "1"})
        daemon.until(lambda: daemon.said(run_id, 'Started execution of step "finish"'), "its second step")
        daemon.process.send_signal(ending)
        daemon.process.wait(60)
        assert daemon.finished(run_id) == DagsterRunStatus.FAILURE
    (daemon.home / "go-on").touch()
    with daemon.running():
        again = lambda: [run for run in daemon.instance.get_runs() if run.parent_run_id == run_id]  # noqa: E731
        daemon.until(again, "the run that goes on")
        (resumed,) = again()
        assert daemon.finished(resumed.run_id) == DagsterRunStatus.SUCCESS
        done = {entry.step_key for entry in daemon.instance.all_logs(resumed.run_id) if entry.step_key}
        assert done == {"finish"}
