"""The folder in which Dagster keeps runs, events and schedules: `<home>/dagster`, configured by our `dagster.yaml`."""

from pathlib import Path

import yaml

from football_assets.config import Settings, project_root
from football_assets.errors import StorageError

# Read from the environment when Dagster starts: the file does not hold the password.
ON_A_SERVER = {
    "custom": {
        "module": "football_assets.operations.assets.dagster_server",
        "class": "PooledPostgresStorage",
        "config": {"postgres_url": {"env": "FOOTBALL_DAGSTER_POSTGRES_URL"}},
    }
}
# Runs wait for their steps: in the queue of the steps, a worker with one slot would wait for itself.
RUNS_QUEUE = "football-runs"
_REDIS = {"env": "FOOTBALL_REDIS_URL"}
ON_WORKERS = {
    "module": "football_assets.operations.assets.run_launcher",
    "class": "SpreadRunLauncher",
    "config": {
        "local_tag": "football/live",
        "engine": {
            "module": "dagster_celery.launcher",
            "class": "CeleryRunLauncher",
            "config": {"broker": _REDIS, "backend": _REDIS, "default_queue": RUNS_QUEUE},
        },
    },
}


def prepare_dagster_home(settings: Settings) -> Path:
    """Create the folder and bring its `dagster.yaml` up to date with the project's; returns the folder.

    With `FOOTBALL_DAGSTER_POSTGRES_URL` set, the runs, events and schedules are on that server instead; with
    `FOOTBALL_SCALING__LAUNCHER=celery` runs other than live cycles are done by the workers of the queue of runs.
    """
    folder = settings.folder / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (project_root() / "dagster.yaml").read_text(encoding="utf-8")
    changes: dict[str, object] = {}
    if settings.dagster_postgres_url is not None:
        changes["storage"] = ON_A_SERVER
    if settings.scaling.launcher == "celery":
        changes["run_launcher"] = ON_WORKERS
    if changes:
        wanted = yaml.safe_dump({**yaml.safe_load(wanted), **changes}, sort_keys=False)
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
