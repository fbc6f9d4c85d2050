"""What the imported code depends on, so that a change since the import is noticed."""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import football_assets
from football_assets.config import environment_with_dotenv, project_root

WATCHED_VARIABLES = ("FOOTBALL_", "THESPORTS_", "CFBD_", "DAGSTER_HOME")


@dataclass(frozen=True)
class Fingerprint:
    """Modification time and size of every file, value of every variable, at one moment. Never shows a value."""

    files: dict[str, tuple[int, int] | None]
    variables: dict[str, str]

    @classmethod
    def take(cls, extra_files: Iterable[str] = ()) -> "Fingerprint":
        """The present state of this package, its configuration, the environment and `extra_files`."""
        environment = environment_with_dotenv()
        variables = {name: value for name, value in environment.items() if name.startswith(WATCHED_VARIABLES)}
        return cls({file: _stamp(file) for file in {*_own_files(environment), *extra_files}}, variables)

    def with_files(self, extra_files: Iterable[str]) -> "Fingerprint":
        """This fingerprint, completed by the present state of files it does not know yet."""
        new = {file: _stamp(file) for file in extra_files if file not in self.files}
        return Fingerprint({**self.files, **new}, self.variables)

    def change_since(self) -> str | None:
        """What is different now, as `<file> changed` or `<variable> changed`; None when nothing is."""
        now = Fingerprint.take(self.files)
        for file in sorted(now.files.keys() | self.files.keys()):
            if now.files.get(file) != self.files.get(file):
                return f"{_short(file)} changed"
        for name in sorted(now.variables.keys() | self.variables.keys()):
            if now.variables.get(name) != self.variables.get(name):
                return f"{name} changed"
        return None


def _own_files(environment: dict[str, str]) -> Iterable[str]:
    root = project_root()
    yield str(root / "pyproject.toml")
    yield environment.get("FOOTBALL_ENV_FILE", str(root / ".env"))
    yield environment.get("FOOTBALL_CONFIG", str(root / "config" / "pipeline.yaml"))
    for package in football_assets.__path__:
        for folder, folders, names in os.walk(package):
            folders[:] = [name for name in folders if name != "__pycache__"]
            yield from (f"{folder}/{name}" for name in names if name.endswith(".py"))


def _stamp(file: str) -> tuple[int, int] | None:
    try:
        stat = os.stat(file)  # noqa: PTH116 - hundreds of files before every run
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(project_root())) if path.is_relative_to(project_root()) else file
