"""Runs on an engine of Dagster's own (Celery, Kubernetes), but the live cycles, which are forked here.

A live cycle begins within a second and goes on from what the one before left on this machine: its history and what
the provider last said. Everything else may run anywhere.
"""

from collections.abc import Mapping
from typing import Any

import yaml
from dagster import DagsterInstance, DagsterRun, Field
from dagster._config.config_schema import UserConfigSchema
from dagster._core.launcher import CheckRunHealthResult, LaunchRunContext, ResumeRunContext, RunLauncher
from dagster._serdes import ConfigurableClassData

from football_assets.operations import ownership
from football_assets.warm_launcher import WarmRunLauncher


class SpreadRunLauncher(WarmRunLauncher):
    """Runs with `local_tag` as by `WarmRunLauncher`, all others by the launcher named as `engine`."""

    def __init__(self, engine: RunLauncher[DagsterInstance], local_tag: str, **local: Any) -> None:
        super().__init__(**local)
        self._engine = engine
        self._local_tag = local_tag

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """Settings of the local launcher, the tag, and the engine as `dagster.yaml` names any launcher."""
        local: Mapping[str, Any] = super().config_type()  # type: ignore[assignment]
        engine = {"module": str, "class": str, "config": Field(dict, default_value={})}
        tag = Field(str, description="Runs with this tag stay on this machine")
        return {**local, "local_tag": tag, "engine": Field(engine, description="Who launches the others")}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> "SpreadRunLauncher":
        """Built by Dagster from `dagster.yaml`."""
        about, local = config_value["engine"], {k: v for k, v in config_value.items() if k != "engine"}
        named = ConfigurableClassData(about["module"], about["class"], yaml.safe_dump(dict(about["config"])))
        engine: Any = named.rehydrate(as_type=RunLauncher)  # type: ignore[type-abstract]
        return cls(engine=engine, inst_data=inst_data, **local)

    def register_instance(self, instance: DagsterInstance) -> None:
        """Called by Dagster once; the engine belongs to the same instance."""
        super().register_instance(instance)
        self._engine.register_instance(instance)

    def launch_run(self, context: LaunchRunContext) -> None:
        """Fork a local run, hand any other to the engine."""
        if self._is_local(context.dagster_run):
            super().launch_run(context)
            return
        ownership.wait_until_ours()
        self._engine.launch_run(context)

    def is_warm(self, run: DagsterRun) -> bool:
        """Whether the run is a local one whose code is imported."""
        return self._is_local(run) and super().is_warm(run)

    def terminate(self, run_id: str) -> bool:
        """Ask whoever launched the run to end it."""
        run = self._instance.get_run_by_id(run_id) if self.has_instance else None
        if run is None or self._is_local(run):
            return super().terminate(run_id)
        return bool(self._engine.terminate(run_id))

    @property
    def supports_resume_run(self) -> bool:
        """As the engine: Dagster asks it for a run whose worker is gone."""
        return self._engine.supports_resume_run

    def resume_run(self, context: ResumeRunContext) -> None:
        """Go on with a run of the engine; a live cycle is not resumed, the next one is a minute away."""
        if self._is_local(context.dagster_run):
            self._instance.report_run_failed(context.dagster_run, "A live cycle is not resumed.")
            return
        self._engine.resume_run(context)

    def check_run_worker_health(self, run: DagsterRun) -> CheckRunHealthResult:
        """How the run's worker is, by whoever launched it."""
        if self._is_local(run):
            return super().check_run_worker_health(run)
        return self._engine.check_run_worker_health(run)

    def get_run_worker_debug_info(self, run: DagsterRun, include_container_logs: bool | None = True) -> str | None:
        """Which process or pod runs the run."""
        if self._is_local(run):
            return super().get_run_worker_debug_info(run, include_container_logs)
        return self._engine.get_run_worker_debug_info(run, include_container_logs)

    def dispose(self) -> None:
        """End the local workers and let go of the engine."""
        super().dispose()
        self._engine.dispose()

    def __getattr__(self, name: str) -> Any:
        """What an engine's own executor wants to know of it: the namespace of its jobs, their image, their secrets."""
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(self._engine, name)

    def _is_local(self, run: DagsterRun) -> bool:
        return self._local_tag in run.tags
