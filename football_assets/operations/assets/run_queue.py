"""The queue of runs, in which a live cycle that is alone does not wait.

Dagster looks into its queue once a second, which costs a cycle half a second on average before its run is launched. A
run with the prompt tag is launched by the tick that asks for it, when no other run with that tag is unfinished, there
is room, and its code is imported already. In every other case it queues like any run.

At most one such run goes at a time, whoever launches it: the tick first says that its run is starting and then looks
for others, the queue looks before it says so, and whoever sees the other gives way.
"""

import sys
from collections.abc import Mapping
from typing import Any

from dagster import DagsterEvent, DagsterEventType, DagsterRun, DagsterRunStatus, Field, RunsFilter
from dagster._config.config_schema import UserConfigSchema
from dagster._core.events import EngineEventData
from dagster._core.launcher import LaunchRunContext
from dagster._core.run_coordinator import QueuedRunCoordinator, SubmitRunContext
from dagster._core.storage.dagster_run import IN_PROGRESS_RUN_STATUSES
from dagster._serdes import ConfigurableClassData
from dagster._utils.error import serializable_error_info_from_exc_info

from football_assets.operations import memory
from football_assets.operations.assets.between_ticks import BetweenTicks, collect_garbage, forget_times, write_logs
from football_assets.warm_launcher import WarmRunLauncher

UNFINISHED = [DagsterRunStatus.QUEUED, *IN_PROGRESS_RUN_STATUSES]


class PromptRunCoordinator(QueuedRunCoordinator[Any]):
    """Dagster's queue; runs with `prompt_tag` go past it when nothing stands against that."""

    def __init__(self, prompt_tag: str, **queue: Any) -> None:
        self._prompt_tag = prompt_tag
        # Before the first threads: what is there already stays.
        memory.keep_few_arenas()
        self.between_ticks = BetweenTicks(
            lambda: write_logs(self._instance), forget_times, collect_garbage, memory.give_back
        )
        super().__init__(**queue)

    @classmethod
    def config_type(cls) -> UserConfigSchema:
        """Settings of the queue, and the tag."""
        tag = Field(str, description="Runs with this tag are launched by the tick that asks for them")
        queue: Mapping[str, Any] = super().config_type()  # type: ignore[assignment]
        return {**queue, "prompt_tag": tag}

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, Any]
    ) -> "PromptRunCoordinator":
        """Built by Dagster from `dagster.yaml`."""
        return cls(inst_data=inst_data, **config_value)

    def submit_run(self, context: SubmitRunContext) -> DagsterRun:
        """Launch the run, or put it into the queue."""
        run = context.dagster_run
        if run.status is not DagsterRunStatus.NOT_STARTED or self._prompt_tag not in run.tags or not self._is_warm(run):
            return super().submit_run(context)
        starting = DagsterEvent(event_type_value=DagsterEventType.PIPELINE_STARTING.value, job_name=run.job_name)
        self._instance.report_dagster_event(starting, run_id=run.run_id)
        if self._stands_alone(run):
            self._launch(self._stored(run), context)
            self.between_ticks.soon()
        else:
            self._instance.report_dagster_event(DagsterEvent.job_enqueue(run), run_id=run.run_id)
        return self._stored(run)

    def dispose(self) -> None:
        """Called when the process ends."""
        self.between_ticks.cancel()
        super().dispose()

    def _is_warm(self, run: DagsterRun) -> bool:
        """Whether this process has the run's code imported: the daemon, after its first run."""
        launcher = self._instance.run_launcher
        return isinstance(launcher, WarmRunLauncher) and launcher.is_warm(run)

    def _stands_alone(self, run: DagsterRun) -> bool:
        alike = RunsFilter(statuses=UNFINISHED, tags={self._prompt_tag: run.tags[self._prompt_tag]})
        if any(each.run_id != run.run_id for each in self._instance.get_runs(alike, limit=2)):
            return False
        limits = self._instance.get_concurrency_config().run_queue_config
        most = limits.max_concurrent_runs if limits else -1
        going = self._instance.get_runs_count(RunsFilter(statuses=list(IN_PROGRESS_RUN_STATUSES)))
        return most == -1 or going <= most

    def _launch(self, run: DagsterRun, context: SubmitRunContext) -> None:
        try:
            self._instance.run_launcher.launch_run(LaunchRunContext(dagster_run=run, workspace=context.workspace))
        except Exception:  # noqa: BLE001 - whatever it is, a run that nobody launched must not stay `starting`
            error = serializable_error_info_from_exc_info(sys.exc_info())
            data = EngineEventData.engine_error(error)
            self._instance.report_engine_event("The run could not be launched.", run, data, cls=type(self))
            if self._stored(run).status is DagsterRunStatus.STARTING:
                self._instance.report_run_failed(self._stored(run))

    def _stored(self, run: DagsterRun) -> DagsterRun:
        stored: DagsterRun = self._instance.get_run_by_id(run.run_id)
        return stored
