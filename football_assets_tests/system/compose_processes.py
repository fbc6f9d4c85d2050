"""What compose.yaml starts, started without containers: its own commands, environment, order and health checks.

Hosts become this machine, ports free ones and volumes folders; nothing else differs. It takes minutes, so it has a name
that `make test` passes over: `make test-deploy` runs it.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

from football_assets.config import project_root
from football_assets_tests.system.this_machine import free_ports

FOLDER = project_root() / "deploy" / "docker"
COMPOSE = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
SERVICES = COMPOSE["services"]
IMAGE = re.sub(r"\\\n\s*", " ", (FOLDER / "Dockerfile").read_text(encoding="utf-8"))
IMAGE_CHECK = yaml.safe_load(re.findall(r"HEALTHCHECK.* CMD (.*)$", IMAGE, re.MULTILINE)[-1])
PORTS = ("3000", "4000", "6379", "8000", "8101", "8102", "8103")
HOSTS = re.compile(rf"(?<=//)(?:{'|'.join(SERVICES)})(?=:)|0\.0\.0\.0")
LIMIT_S = 600


class Here:
    """The compose file on this machine, below a folder, with a database of its own."""

    def __init__(self, folder, database):
        self.folder, self.database = folder, database
        self.ports = dict(zip(PORTS, map(str, free_ports(len(PORTS))), strict=True))
        self.started = {}
        for name in ("data", "backups"):
            (folder / name).mkdir()
        workspace = (FOLDER / "workspace.yaml").read_text(encoding="utf-8").replace("host: code", "host: 127.0.0.1")
        (folder / "workspace.yaml").write_text(self.local(workspace))

    def local(self, text):
        """A word of the file as it reads on this machine."""
        for scheme in ("postgresql+psycopg://", "postgresql://"):
            if text.startswith(scheme):
                return scheme + self.database.partition("://")[2]
        text = HOSTS.sub("127.0.0.1", text)
        text = re.sub(rf"\b(?:{'|'.join(PORTS)})\b", lambda found: self.ports[found[0]], text)
        text = text.replace("/opt/football/workspace.yaml", str(self.folder / "workspace.yaml"))
        return re.sub(r"^/(data|backups)\b", rf"{self.folder}/\1", text)

    def command(self, words):
        program, *rest = map(self.local, words)
        return [str(found) if (found := Path(sys.executable).with_name(program)).exists() else program, *rest]

    def environment(self, service):
        told = {name: self.local(value) for name, value in SERVICES[service].get("environment", {}).items()}
        lines = (FOLDER / "simulated.env").read_text(encoding="utf-8").splitlines()
        simulated = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
        told |= {name: self.local(value) for name, value in simulated.items()}
        return {**os.environ, **told, "FOOTBALL_SERVING__PORT": self.ports["8000"], "PYTHONWARNINGS": "ignore"}

    def start(self, service, *more):
        log = (self.folder / f"{service}.log").open("wb")
        command = [*self.command(SERVICES[service]["command"]), *more]
        self.started[service] = subprocess.Popen(
            command, env=self.environment(service), cwd=project_root(), stdout=log, stderr=log
        )
        log.close()
        return self.started[service]

    def healthy(self, service):
        """Wait until the service's own health check passes."""
        check = SERVICES[service].get("healthcheck", {}).get("test", ["CMD", *IMAGE_CHECK])[1:]
        if service == "redis":
            check = [*check[:1], "-p", self.ports["6379"], *check[1:]]

        def passes():
            done = subprocess.run(self.command(check), env=self.environment(service), capture_output=True, check=False)
            return done.returncode == 0

        self.until(passes, f"{service} is not healthy")

    def until(self, condition, otherwise):
        deadline = time.monotonic() + LIMIT_S
        while not condition():
            ended = {name: each.returncode for name, each in self.started.items() if each.poll() not in (None, 0)}
            logs = "\n".join(self.log(name) for name in ended)
            assert not ended, f"{otherwise}: {ended} ended\n{logs}"
            assert time.monotonic() < deadline, f"{otherwise} within {LIMIT_S} s\n{self.log('daemon')}"
            time.sleep(1)

    def log(self, service):
        file = self.folder / f"{service}.log"
        return f"== {service}\n{file.read_text()[-3000:]}" if file.exists() else f"== {service}: not started"

    def close(self):
        for process in reversed(self.started.values()):
            process.send_signal(signal.SIGTERM)
        for process in self.started.values():
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture
def here(tmp_path, postgres_url):
    if shutil.which("redis-server") is None:
        pytest.skip("redis-server is not installed: the compose file was NOT tried")
    made = Here(tmp_path, postgres_url)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.timeout(3 * LIMIT_S)
def test_what_the_compose_file_starts_publishes_a_cycle_and_serves_it(here):
    here.start("redis", "--port", here.ports["6379"], "--bind", "127.0.0.1", "--dir", str(here.folder))
    here.healthy("redis")
    assert here.start("prepare").wait(LIMIT_S) == 0, here.log("prepare")
    for emulator in ("thesports", "cfbd", "football-data"):
        here.start(emulator)
    for service in ("code", "daemon", "webserver", "serving"):
        here.start(service)
        here.healthy(service)
    here.start("watchdog")
    address = here.local("http://serving:8000/health/ready")

    def ready():
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return b'"soccer":"simulated"' in answer.read()
        except urllib.error.URLError:
            return False

    here.until(ready, "no cycle was published")
    assert not list((here.folder / "data").rglob("warehouse.sqlite*"))
