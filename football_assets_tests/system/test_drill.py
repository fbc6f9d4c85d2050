"""The drill itself: two of its faults on real processes. `football drill` does them all."""

import os
import subprocess
import sys

import pytest

from football_assets.operations.drill import judges, mounts
from football_assets.operations.drill.running import one
from football_assets.operations.drill.stage import Session, processes_of, until
from football_assets.operations.drill.table import FAULTS

BY_NAME = {fault.name: fault for fault in FAULTS}


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """One provider and one undisturbed platform for all faults of this module."""
    found = Session(tmp_path_factory.mktemp("drill"), with_college=False)
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _mounts_of_everybody(monkeypatch):
    """The mounts of the process that runs the tests are not changed."""
    monkeypatch.setattr(mounts, "own_mounts", lambda: False)


def test_unreadable_answers_are_shown_as_such_and_everything_is_back_afterwards(session):
    result = one(BY_NAME["provider-drift"], session)
    assert result.state == "passed", result.findings.broken
    assert "could not be read" in " ".join(result.findings.sees)
    assert result.findings.recovered_s is not None


def test_a_disk_that_is_full_keeps_what_is_published(session):
    result = one(BY_NAME["disk-full"], session)
    assert result.state == "passed", result.findings.broken
    assert result.findings.method == "a limit on the size of files (RLIMIT_FSIZE)"
    assert "publication 1 whole" in result.findings.kept


def test_a_process_of_the_home_is_found_by_its_environment(tmp_path):
    home = tmp_path / "home"
    sleeper = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = subprocess.Popen(sleeper, env={**os.environ, "FOOTBALL_HOME": str(home)})
    try:
        assert until(lambda: process.pid in processes_of(home), 10)
        (found,) = judges.nobody_left(processes_of(home))
        assert found.startswith(f"process {process.pid} was left running")
    finally:
        process.kill()
        process.wait()
    assert judges.nobody_left(processes_of(home)) == []
