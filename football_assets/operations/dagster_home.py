"""The folder in which Dagster keeps runs, events and schedules: `<home>/dagster`, configured by our `dagster.yaml`."""

from pathlib import Path

from football_assets.config import Settings, project_root


def prepare_dagster_home(settings: Settings) -> Path:
    """Create the folder and bring its `dagster.yaml` up to date with the project's; returns the folder."""
    folder = settings.folder / "dagster"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = (project_root() / "dagster.yaml").read_text(encoding="utf-8")
    copy = folder / "dagster.yaml"
    if not copy.exists() or copy.read_text(encoding="utf-8") != wanted:
        copy.write_text(wanted, encoding="utf-8")
    return folder
