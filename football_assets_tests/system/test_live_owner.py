"""Two real daemons of one deployment and a real Redis: one owns the live loop, the other follows within seconds."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from football_assets.config import environment_with_dotenv, load_settings, project_root
from football_assets.operations.daemon import daemon_command
from football_assets.operations.dagster_home import prepare_dagster_home

FAILOVER_S = 15.0
OWNER, LOST, STANDING_BY = "owner of the live loop, number", "lost the live loop", "standing by for the live loop"


class Daemon:
    """A daemon in a process group of its own, as on a machine of its own."""

    def __init__(self, name, folder, command):
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", *command],
                stdout=out,
                stderr=subprocess.STDOUT,
                cwd=project_root(),
                env=environment_with_dotenv(),
                start_new_session=True,
            )

    def count(self, words):
        return self.log.read_text(encoding="utf-8", errors="replace").count(words)

    def wait_for(self, words, times=1, limit_s=90.0):
        """Seconds until the log has the words so often."""
        began = time.monotonic()
        while self.count(words) < times:
            assert self.process.poll() is None, self.log.read_text()[-3000:]
            assert time.monotonic() < began + limit_s, f"no {words!r} in\n{self.log.read_text()[-3000:]}"
            time.sleep(0.05)
        return time.monotonic() - began

    def numbers(self):
        """The numbers under which it owned the loop."""
        return [int(found) for found in re.findall(rf"{OWNER} (\d+)", self.log.read_text(encoding="utf-8"))]

    def signal(self, number):
        os.killpg(self.process.pid, number)

    def end(self):
        self.signal(signal.SIGKILL)
        self.process.wait(10)


@pytest.fixture
def daemons(own_redis, monkeypatch, tmp_path):
    """Two on one Dagster storage: the first owns the loop and runs, the second stands by."""
    monkeypatch.setenv("FOOTBALL_REDIS_URL", own_redis.url)
    monkeypatch.setenv("FOOTBALL_LAKE_URL", "memory://nothing-is-read-here")
    monkeypatch.setenv("PYTHONUNBUFFERED", "1")
    home = prepare_dagster_home(load_settings())
    monkeypatch.setenv("DAGSTER_HOME", str(home))
    subprocess.run([sys.executable, "-m", "dagster", "instance", "migrate"], check=True, capture_output=True)
    workspace = tmp_path / "workspace.yaml"
    workspace.write_text(yaml.safe_dump({"load_from": []}), encoding="utf-8")
    command = daemon_command(load_settings(), workspace)
    found = [Daemon("first", tmp_path, command)]
    try:
        found[0].wait_for(OWNER)
        found.append(Daemon("second", tmp_path, command))
        found[1].wait_for(STANDING_BY)
        found[0].wait_for("SchedulerDaemon")
        yield found
    finally:
        for each in found:
            if each.process.poll() is None:
                each.end()


def test_one_daemon_owns_the_live_loop_and_another_follows_the_one_that_is_gone_or_was_paused(daemons):
    first, second = daemons
    assert second.count(OWNER) == second.count("SchedulerDaemon") == 0, "it runs nothing while it stands by"

    first.signal(signal.SIGSTOP)
    assert second.wait_for(OWNER) < FAILOVER_S
    second.wait_for("SchedulerDaemon")
    first.signal(signal.SIGCONT)
    first.wait_for(LOST)
    first.wait_for(STANDING_BY, times=2)
    assert second.process.poll() is None and len(first.numbers()) == 1

    second.end()  # kill -9 of everything on that machine
    assert first.wait_for(OWNER, times=2) < FAILOVER_S
    first.wait_for("SchedulerDaemon", times=2)
    before, after = first.numbers()
    assert before < second.numbers()[0] < after


def test_the_command_is_that_of_dagster_on_one_machine():
    assert daemon_command(load_settings(), Path("w.yaml")) == ["dagster._daemon", "run", "-w", "w.yaml"]
