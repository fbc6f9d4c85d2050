"""The folder in which Dagster keeps runs, events and schedules: `<home>/dagster`, configured by our `dagster.yaml`."""

from pathlib import Path

import yaml

from football_assets.config import Settings, project_root
from football_assets.errors import StorageError

# Read from the environment when Dagster starts: the file does not hold the password.
ON_A_SERVER = {"postgres": {"postgres_url": {"env": "FOOTBALL_DAGSTER_POSTGRES_URL"}}}


def prepare_dagster_home(settings: Settings) -> Path:
    """Create the folder and bring its `dagster.yaml` up to date with the project's; returns the folder.

    With `FOOTBALL_DAGSTER_POSTGRES_URL` set, the runs, events and schedules are on that server instead.
    """
    folder = settings.folder / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (project_root() / "dagster.yaml").read_text(encoding="utf-8")
    if settings.dagster_postgres_url is not None:
        wanted = yaml.safe_dump({**yaml.safe_load(wanted), "storage": ON_A_SERVER}, sort_keys=False)
    copy = folder / "dagster.yaml"
    if not copy.exists() or copy.read_text(encoding="utf-8") != wanted:
        copy.write_text(wanted, encoding="utf-8")
    return folder


def require_stopped(settings: Settings) -> None:
    """Refuse to go on while `football up` holds the data folder. Raises StorageError."""
    import fcntl

    path = settings.folder / "dagster" / "up.lock"
    if not path.exists():
        return
    with path.open("r") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            to_do = "Stop it with Ctrl-C first; nothing was changed."
            raise StorageError(f"replacing data in {settings.folder}", "`football up` is running", to_do) from None
