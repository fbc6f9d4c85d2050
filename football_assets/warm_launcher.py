"""A run launcher that forks every run from a process that has the code location imported already.

Each run keeps its own process, crash isolation, place in the queue, limits, monitoring and events; what it saves is
importing everything again. Whenever a worker cannot be forked from fresh code, the run goes through the code server
as with Dagster's default launcher, and an event of the run says why. Delete its two lines from `dagster.yaml` and
everything works, slower.

The launcher lives in the daemon. Termination may be asked for in any process of this machine, so the worker's
identity is a (hidden) tag of the run. Workers end with the daemon: they are interrupted, report it, and are killed
after a grace period.
"""

import importlib
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from dagster import DagsterInstance, DagsterRun, DagsterRunStatus, Field, IntSource
from dagster._config.config_schema import UserConfigSchema
from dagster._core.instance import InstanceRef
from dagster._core.launcher import CheckRunHealthResult, DefaultRunLauncher, LaunchRunContext, RunLauncher, WorkerStatus
from dagster._core.origin import RepositoryPythonOrigin
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._serdes import ConfigurableClass, ConfigurableClassData, deserialize_value, serialize_value
from dagster._utils import get_run_crash_explanation
from dagster._utils.error import serializable_error_info_from_exc_info
from dagster._utils.hosted_user_process import recon_repository_from_origin
from dagster._utils.interrupts import capture_interrupts

from football_assets.operations import ownership
from football_assets.operations.preload import Code, NoWorker, Preload, Worker
from football_assets.operations.processes import Identity

WORKER_TAG = ".dagster/warm_worker"

# What Dagster imports only once a run has begun; 60 ms of every run otherwise.
IMPORTED_LATE = (
    "dagster._cli.api",
    "dagster._core.instance.factory",
    "dagster._core.storage.migration.utils",
    "fsspec.implementations.local",
    "upath.implementations.local",
)


class WarmRunLauncher(RunLauncher[DagsterInstance], ConfigurableClass):
    """Runs start in processes forked from one that has their code imported; the code server is the way out."""

    def __init__(
        self,
        start_timeout_seconds: int = 60,
        terminate_grace_seconds: int = 30,
        inst_data: ConfigurableClassData | None = None,
    ) -> None:
        self._start_timeout_s = start_timeout_seconds
        self._terminate_grace_s = terminate_grace_seconds
        self._inst_data = inst_data
        self._code_server = DefaultRunLauncher()
        self._preloads: dict[str, Preload] = {}
        self._disposed = False
        super().__init__()  # type: ignore[no-untyped-call]

    @property
    def inst_data(self) -> ConfigurableClassData | None:
        """What `dagster.yaml` says about this launcher."""
        return self._inst_data

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """Settings that `dagster.yaml` may give under `config`."""
        return {
            "start_timeout_seconds": Field(
                IntSource, default_value=60, description="Longest import of the code location before it counts as dead"
            ),
            "terminate_grace_seconds": Field(
                IntSource, default_value=30, description="Time a terminated run has before its process is killed"
            ),
        }

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]) -> "WarmRunLauncher":
        """Built by Dagster from `dagster.yaml`."""
        return cls(inst_data=inst_data, **config_value)

    def register_instance(self, instance: DagsterInstance) -> None:
        """Called by Dagster once; the way out belongs to the same instance."""
        super().register_instance(instance)
        self._code_server.register_instance(instance)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Fork a worker for the run, or start it through the code server and say why in an event."""
        run = context.dagster_run
        ownership.wait_until_ours()
        try:
            worker = self._fork(run)
            self._record(run, worker)
            worker.go()
        except NoWorker as reason:
            message = f"Not forked from the pre-imported code: {reason.happened}. {reason.to_do}"
            self._instance.report_engine_event(message, run, cls=type(self))
            self._code_server.launch_run(context)

    def is_warm(self, run: DagsterRun) -> bool:
        """Whether the run's code is imported, so that launching it takes no longer than a fork."""
        origin = run.job_code_origin
        preload = self._preloads.get(serialize_value(origin.repository_origin)) if origin else None
        return preload is not None and preload.ready

    def terminate(self, run_id: str) -> bool:
        """Interrupt the run's worker, kill it after the grace period; False when it was gone already."""
        run = self._instance.get_run_by_id(run_id) if self.has_instance else None
        if run is None or run.is_finished:
            return False
        worker = _worker_of(run)
        if GRPC_INFO_TAG in run.tags and not (worker and worker.alive()):
            return bool(self._code_server.terminate(run_id))  # type: ignore[no-untyped-call]
        self._instance.report_run_canceling(run)
        if worker is None:
            self._instance.report_engine_event("No worker of this run is known yet.", run, cls=type(self))
            return False
        if worker.interrupt_then_kill(self._terminate_grace_s):
            return True
        self._instance.report_run_canceled(run, f"The run's worker (pid {worker.pid}) was gone already.")
        return False

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Yes: a run whose process is gone is failed by the run monitor even if nobody saw it go."""
        return True

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """Whether the process that was forked for this run still exists."""
        worker = _worker_of(run)
        if worker is None or (GRPC_INFO_TAG in run.tags and not worker.alive()):
            return CheckRunHealthResult(WorkerStatus.RUNNING, "started by the code server, which watches it")
        if worker.alive():
            return CheckRunHealthResult(WorkerStatus.RUNNING, run_worker_id=str(worker.pid))
        msg = f"the run's worker (pid {worker.pid} on {worker.host}) is gone"
        return CheckRunHealthResult(WorkerStatus.NOT_FOUND, msg, run_worker_id=str(worker.pid))

    def get_run_worker_debug_info(self, run: DagsterRun, include_container_logs: bool | None = True) -> str | None:
        """Which process runs the run."""
        worker = _worker_of(run)
        if worker is None:
            return None
        return f"Worker: pid {worker.pid} on {worker.host}, {'running' if worker.alive() else 'gone'}."

    def dispose(self) -> None:
        """End the forkservers and their workers; called when the daemon ends."""
        self._disposed = True
        for preload in self._preloads.values():
            preload.stop()

    def _fork(self, run: DagsterRun) -> Worker:
        if run.job_code_origin is None:
            raise NoWorker("the run does not say where its code is")
        origin = run.job_code_origin.repository_origin
        name = serialize_value(origin)
        if name not in self._preloads:
            payload = {"origin": name, "instance": serialize_value(self._instance.get_ref())}
            code = Code(origin.executable_path, f"{__name__}:preload", f"{__name__}:work", payload)
            self._preloads[name] = Preload(code, self._start_timeout_s)
        payload = {"run_id": run.run_id, "instance": serialize_value(self._instance.get_ref())}
        return self._preloads[name].fork(payload, lambda code: self._worker_gone(run.run_id, code))

    def _record(self, run: DagsterRun, worker: Worker) -> None:
        """Make the worker findable before it begins: it changes the stored run only after `go`."""
        if (identity := Identity.of(worker.pid)) is None:
            raise NoWorker(f"the worker (pid {worker.pid}) ended before it began")
        # A run re-executed from this one inherits its tags; the run id tells whose worker it was.
        self._instance.add_run_tags(run.run_id, {WORKER_TAG: f"{run.run_id} {identity.as_text()}"})
        message = f"Run worker (pid {worker.pid}) forked from the pre-imported code (pid {worker.parent})."
        self._instance.report_engine_event(message, run, cls=type(self))

    def _worker_gone(self, run_id: str, code: int) -> None:
        """A worker ended: a run it left unfinished is failed now, not only when the run monitor looks."""
        if self._disposed or not self.has_instance:
            return
        run = self._instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            return
        message = get_run_crash_explanation(prefix="The run's worker", exit_code=code)
        if run.status == DagsterRunStatus.CANCELING:
            self._instance.report_run_canceled(run, message)
        else:
            self._instance.report_run_failed(run, message)


def preload(payload: dict[str, Any]) -> None:
    """In the forkserver: import the code location and everything that storing events needs, opening nothing."""
    from football_assets.tables import prepare  # not at the top: daemon and page need none of it

    repository = recon_repository_from_origin(deserialize_value(payload["origin"], RepositoryPythonOrigin))
    repository.get_definition().get_all_jobs()
    prepare()
    ref = deserialize_value(payload["instance"], InstanceRef)
    storage = [part.module_name for part in ref if isinstance(part, ConfigurableClassData)]
    for module in (*storage, *IMPORTED_LATE):
        with suppress(ImportError):  # the run says so if it needs it
            importlib.import_module(module)


def work(payload: dict[str, Any], wait_for_go: Callable[[], bool]) -> int:
    """In the worker: what `dagster api execute_run` does, once the launcher says go. Returns the exit code."""
    from dagster._cli.api import _execute_run_command_body

    from football_assets.operations.json_logs import logged_run

    ref = deserialize_value(payload["instance"], InstanceRef)
    with capture_interrupts(), logged_run(payload["run_id"]), DagsterInstance.from_ref(ref) as instance:
        if not wait_for_go():
            return 0
        try:
            return _execute_run_command_body(payload["run_id"], instance, _ignore, set_exit_code_on_failure=False)
        except BaseException:
            _report_failed_start(instance, payload["run_id"])
            raise


def _ignore(_event: object) -> None:
    """Events are stored by the instance; nobody reads them from this process."""


def _report_failed_start(instance: DagsterInstance, run_id: str) -> None:
    run = instance.get_run_by_id(run_id)
    if run is None or run.is_finished:
        return
    from dagster._core.events import EngineEventData

    error = serializable_error_info_from_exc_info(sys.exc_info())
    instance.report_engine_event("The run's worker could not start it.", run, EngineEventData.engine_error(error))
    instance.report_run_failed(run)


def _worker_of(run: DagsterRun) -> Identity | None:
    owner, _, text = run.tags.get(WORKER_TAG, "").partition(" ")
    return Identity.from_text(text) if owner == run.run_id else None
