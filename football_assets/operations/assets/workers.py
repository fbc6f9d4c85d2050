"""Who does the steps and runs beyond this process, by configuration: Dagster's own engines for Celery and Kubernetes.

The live cycle is not among them: its steps hand tables on to each other within seconds, in one process.
"""

from importlib import import_module
from typing import Any

import dagster as dg

from football_assets.config import Settings
from football_assets.errors import ConfigError

# Named by the variable that holds it, so that no password is kept with a run.
BROKER = {"env": "FOOTBALL_REDIS_URL"}
# A queue that forgets who took a step would give it to a second worker while the first is at it.
CELERY_SOURCE = {"broker_transport_options": {"visibility_timeout": 43_200}, "worker_prefetch_multiplier": 1}


def step_executor(settings: Settings) -> dg.ExecutorDefinition:
    """Who does the steps of the jobs that may be spread. Raises ConfigError when the engine is not installed."""
    if settings.scaling.executor == "celery":
        about = {"broker": BROKER, "backend": BROKER, "config_source": CELERY_SOURCE}
        made: dg.ExecutorDefinition = _engine("dagster_celery", "celery").celery_executor.configured(about)
        return made
    if settings.scaling.executor == "k8s":
        executor: dg.ExecutorDefinition = _engine("dagster_k8s", "k8s").k8s_job_executor
        return executor
    return dg.in_process_executor


def _engine(module: str, extra: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        allowed = f"embedded, or {extra} with the package installed as football-assets[{extra}]"
        raise ConfigError("scaling.executor", value=extra, allowed=allowed, origin="the settings") from None
