"""`football worker`: does the steps of runs that others have started, taken from the queue in Redis."""

import os
import socket
import sys
from typing import Annotated

import typer

from football_assets.config import environment_with_dotenv, load_settings
from football_assets.errors import ConfigError
from football_assets.operations.dagster_home import prepare_dagster_home

APP = "football_assets.operations.assets.celery_app"
# A worker's memory is that of its largest step so far: its process is renewed after so many.
STEPS_A_PROCESS = 50


def worker(
    name: Annotated[str | None, typer.Option(help="Its name in the events of a run; this machine and its pid.")] = None,
    slots: Annotated[int, typer.Option(min=1, max=64, help="Steps at once.")] = 1,
    queue: Annotated[
        str, typer.Option(help="`dagster` for steps; the queue of runs with the Celery launcher.")
    ] = "dagster",
) -> None:
    """Do steps (FOOTBALL_SCALING__EXECUTOR=celery) until it is told to stop; a step under way is finished first."""
    settings = load_settings()
    if settings.redis_url is None:
        raise ConfigError("redis_url", value=None, allowed="the Redis of the queue", origin="FOOTBALL_REDIS_URL")
    home = prepare_dagster_home(settings)
    named = f"{name or f'football-{os.getpid()}'}@{socket.gethostname()}"
    command = [sys.executable, "-m", "celery", "-A", APP, "worker", "-n", named, "-Q", queue, "-c", str(slots)]
    command += ["--loglevel", "INFO", "--max-tasks-per-child", str(STEPS_A_PROCESS), "--without-gossip"]
    variables = environment_with_dotenv() | {"DAGSTER_HOME": str(home)}
    os.execve(sys.executable, command, variables)  # noqa: S606 - no shell, Celery's own command
