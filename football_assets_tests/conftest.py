"""Rules for every test: it sits in its tier, sees no settings of this machine, and never leaves loopback."""

import os
import re
import socket
from pathlib import Path

import pytest

HERE = Path(__file__).parent
TIERS = ("unit", "emulated", "pipeline", "system")
# What makes a test too slow or too real for the unit tier.
NOT_UNIT = re.compile(r"\b(materialize|execute_in_process|serving|TestServer|subprocess\.(run|Popen))\(")
LOCAL = {"127.0.0.1", "::1", "localhost", ""}


def tier_problem(path: Path, source: str) -> str | None:
    """Why a test module may not sit where it sits; None when it may."""
    tier = path.relative_to(HERE).parts[0]
    if tier not in TIERS:
        return f"{path.name} is in no tier; move it under one of {', '.join(TIERS)}"
    if tier == "unit" and (found := NOT_UNIT.search(source)):
        return f"{path.name} uses {found[0]!r}, which is too slow or too real for the unit tier"
    return None


# First, because the distribution of tests to workers reads the groups in its own hook.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    problems = {
        problem
        for path in {item.path for item in items}
        if (problem := tier_problem(path, path.read_text(encoding="utf-8")))
    }
    if problems:
        raise pytest.UsageError("; ".join(sorted(problems)))
    for item in items:
        tier = item.path.relative_to(HERE).parts[0]
        if tier == "system":  # one after another: they start servers and measure what is left running
            item.add_marker(pytest.mark.xdist_group("system"))
        elif tier == "pipeline":  # a module's costly set-up is made once
            item.add_marker(pytest.mark.xdist_group(item.path.stem))


@pytest.fixture(autouse=True)
def _own_settings(monkeypatch, tmp_path):
    """No key, address or .env file of this machine; everything is written below the test's folder."""
    for name in list(os.environ):
        if name.startswith(("FOOTBALL_", "THESPORTS_", "CFBD_", "DAGSTER_HOME")) and name != "FOOTBALL_RECORDINGS":
            monkeypatch.delenv(name)
    monkeypatch.setenv("FOOTBALL_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("FOOTBALL_ENV_FILE", str(tmp_path / "no.env"))


@pytest.fixture(autouse=True)
def _loopback_only(monkeypatch):
    """A connection to anything but this machine fails the test."""
    connect = socket.socket.connect

    def guarded(self, address):
        if self.family in (socket.AF_INET, socket.AF_INET6) and address[0] not in LOCAL:
            pytest.fail(f"a test tried to reach {address!r}")
        return connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", guarded)


@pytest.fixture
def recordings() -> Path:
    """The folder of recorded provider data; the test is skipped without it."""
    folder = os.environ.get("FOOTBALL_RECORDINGS")
    if not folder or not Path(folder).is_dir():
        pytest.skip("FOOTBALL_RECORDINGS is not set to a folder of recordings")
    return Path(folder)


@pytest.fixture
def samples(recordings) -> Path:
    """Recorded single answers, kept beside the recordings."""
    folder = recordings.parent / "apis" / "samples"
    if not folder.is_dir():
        pytest.skip(f"{folder.name} is not beside FOOTBALL_RECORDINGS")
    return folder
