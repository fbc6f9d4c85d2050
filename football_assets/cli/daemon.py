"""`football daemon`: Dagster's daemon, which on several machines runs on the one that owns the live loop."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from football_assets.config import environment_with_dotenv, load_settings, project_root
from football_assets.operations.daemon import daemon_command
from football_assets.operations.dagster_home import prepare_dagster_home


def daemon(
    workspace: Annotated[Path | None, typer.Option(help="Where the code is; the project's workspace.yaml.")] = None,
) -> None:
    """Run Dagster's daemon; where several machines share a Redis, stand by until this one owns the live loop."""
    settings = load_settings()
    home = prepare_dagster_home(settings)
    command = [sys.executable, "-m", *daemon_command(settings, workspace or project_root() / "workspace.yaml")]
    variables = environment_with_dotenv() | {"DAGSTER_HOME": str(home)}
    os.execve(sys.executable, command, variables)  # noqa: S606 - no shell, our own modules
