"""The import rules: which room may know which. The linter holds some, this module the others; both are seen to fail."""

import ast
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import football_assets

PACKAGE = Path(football_assets.__file__).parent
PROJECT = PACKAGE.parent

# Room -> rooms it may not import.
FORBIDDEN = {
    "soccer": {"ncaa", "emulators", "cli", "serving", "definitions"},
    "ncaa": {"soccer", "emulators", "cli", "serving", "definitions"},
    "transport": {"soccer", "ncaa", "warehouse", "emulators", "cli", "operations", "providers", "definitions"},
    "warehouse": {"soccer", "ncaa", "emulators", "cli", "operations", "definitions"},
    "operations": {"soccer", "ncaa", "emulators", "cli", "definitions"},
    "emulators": {
        "soccer",
        "ncaa",
        "warehouse",
        "transport",
        "operations",
        "cli",
        "providers",
        "tables",
        "definitions",
    },
    "serving": {"soccer.client", "ncaa.client", "soccer.assets", "ncaa.assets", "definitions"},
    "client": {
        *("soccer", "ncaa", "warehouse", "transport", "operations", "serving", "emulators", "cli"),
        *("config", "providers", "tables", "states", "definitions"),
    },
    "cli": {"definitions"},
}


def imports(source: str) -> set[str]:
    """Modules of the package that a source imports, without the package's name."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        names = [node.module] if isinstance(node, ast.ImportFrom) and node.module else []
        if isinstance(node, ast.ImportFrom) and node.module == "football_assets":
            names = [f"football_assets.{alias.name}" for alias in node.names]
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        found |= {name.removeprefix("football_assets.") for name in names if name.startswith("football_assets.")}
    return found


def violations(room: str, source: str) -> list[str]:
    """What a source of a room imports although it may not."""
    return sorted(
        name
        for name in imports(source)
        for rule in FORBIDDEN.get(room, ())
        if name == rule or name.startswith(rule + ".")
    )


@pytest.mark.parametrize("room", sorted(FORBIDDEN))
def test_no_room_imports_what_it_may_not_know(room):
    found = {
        str(path.relative_to(PACKAGE)): bad
        for path in (PACKAGE / room).rglob("*.py")
        if (bad := violations(room, path.read_text(encoding="utf-8")))
    }
    assert not found


@pytest.mark.parametrize(
    ("room", "line"),
    [
        ("soccer", "from football_assets.ncaa.schemas import Games"),
        ("ncaa", "import football_assets.soccer.client"),
        ("transport", "from football_assets import warehouse"),
        ("emulators", "from football_assets.transport import Transport"),
        ("operations", "from football_assets.definitions import defs"),
        ("serving", "from football_assets.ncaa.client import CollegeFootball"),
        ("serving", "from football_assets.soccer.assets.live import live_matches"),
        ("client", "from football_assets.warehouse.reader import Warehouse"),
    ],
)
def test_a_planted_violation_is_found(room, line):
    assert violations(room, line)


def lint(folder: Path) -> set[tuple[str, str]]:
    """(file, code) of every finding of the linter with this project's rules."""
    command = [sys.executable, "-m", "ruff", "check", "--output-format", "json", "--no-cache", "."]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout)
    return {(Path(each["filename"]).relative_to(folder).as_posix(), each["code"]) for each in found}


@pytest.mark.parametrize(
    ("place", "line", "forbidden"),
    [
        ("soccer/flatten.py", "import dagster as dg\n\n__all__ = ['dg']\n", True),
        ("transport/session.py", "from dagster import asset\n\n__all__ = ['asset']\n", True),
        ("soccer/assets/board.py", "import dagster as dg\n\n__all__ = ['dg']\n", False),
        ("ncaa/client.py", "import os\n\nKEY = os.environ['CFBD_API_KEY']\n", True),
        ("config.py", "import os\n\nKEY = os.environ['CFBD_API_KEY']\n", False),
        ("warehouse/lake.py", "import pickle\n\n__all__ = ['pickle']\n", True),
    ],
)
def test_the_linter_refuses_dagster_environment_and_pickle_where_they_do_not_belong(tmp_path, place, line, forbidden):
    shutil.copy(PROJECT / "pyproject.toml", tmp_path)
    file = tmp_path / "football_assets" / place
    file.parent.mkdir(parents=True)
    file.write_text(f'"""Planted."""\n\n{line}', encoding="utf-8")
    assert ((f"football_assets/{place}", "TID251") in lint(tmp_path)) is forbidden


def test_only_the_configuration_reads_the_environment():
    readers = [
        path.name
        for path in PACKAGE.rglob("*.py")
        if path.name != "config.py" and ("os.environ" in (text := path.read_text(encoding="utf-8")) or "getenv" in text)
    ]
    assert not readers
