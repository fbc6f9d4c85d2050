"""Which pipelines are installed. Deleting the folder of one leaves the other running."""

from importlib import import_module
from pathlib import Path
from types import ModuleType

from football_assets.providers import Domain

PIPELINES: tuple[Domain, ...] = ("soccer", "ncaa")


def installed() -> list[Domain]:
    """The pipelines whose room is there."""
    return [name for name in PIPELINES if (Path(__file__).parent / name / "schemas.py").exists()]


def part(name: Domain, module: str) -> ModuleType:
    """A module of a pipeline's room: `part("soccer", "automation")`."""
    return import_module(f"football_assets.{name}.{module}")


def load_declarations() -> None:
    """Import the table declarations of every installed pipeline, which fills the register."""
    for name in installed():
        part(name, "schemas")
