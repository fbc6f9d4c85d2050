"""How Dagster's daemon is started: as it is on one machine, by the owner of the live loop on several."""

from pathlib import Path

from football_assets.config import Settings

DAEMON = ("dagster._daemon", "run")
OWNED = "football_assets.operations.assets.owned_daemon"


def daemon_command(settings: Settings, workspace: Path) -> list[str]:
    """The module and arguments of a daemon on `workspace`."""
    owned = [OWNED] if settings.shared_url is not None else []
    return [*owned, *DAEMON, "-w", str(workspace)]
