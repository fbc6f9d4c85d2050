"""`football up`: everything starts, everything stops, whatever goes wrong."""

import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from football_assets.config import project_root
from football_assets.operations.dagster_home import ON_A_SERVER
from football_assets_tests.servers import DAGSTER
from football_assets_tests.system.this_machine import free_ports, processes_with

LIMIT_S = 120
DEFINITIONS = Path(__file__).with_name("tiny_definitions.py")


class Up:
    """One `football up` on its own data folder and code location."""

    def __init__(self, folder):
        self.home = folder / "home"
        self.folder = folder
        shutil.copy(DEFINITIONS, folder / "up_definitions.py")
        self.port, self.serving = free_ports(2)

    @contextmanager
    def started(self, *arguments, module="up_definitions"):
        environment = {**os.environ, "FOOTBALL_HOME": str(self.home), "PYTHONWARNINGS": "ignore"}
        environment["PYTHONPATH"] = str(self.folder)
        ports = ["--port", str(self.port), "--serve-port", str(self.serving)]
        command = [sys.executable, "-m", "football_assets.cli", "up", *ports, "--module", module]
        process = subprocess.Popen(
            [*command, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
        )
        with process:
            try:
                yield process
            finally:
                process.kill()

    def ready(self, process):
        """The lines up to the one that says it is ready."""
        lines = []
        for line in process.stdout:
            lines.append(line.rstrip("\n"))
            if line.startswith("Dagster"):
                return lines
        return pytest.fail(f"it ended: {lines} {process.stderr.read()}")

    def ended(self, process, code):
        """What it said on standard error, once it has ended with this exit code."""
        _, error = process.communicate(timeout=LIMIT_S)
        assert process.returncode == code, error
        return error

    def processes(self):
        return processes_with("FOOTBALL_HOME", self.home)

    def the(self, word):
        """Pid of the one child of `football up` whose command has this word."""
        (pid,) = [pid for pid, command in self.processes().items() if word in command]
        return pid

    def ask(self, query, **variables):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        body = json.dumps({"query": query, "variables": variables})
        connection.request("POST", "/graphql", body, {"Content-Type": "application/json"})
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer["data"]


@pytest.fixture
def up(tmp_path):
    return Up(tmp_path)


LAUNCH = """mutation ($job: String!) { launchRun(executionParams: {selector: {repositoryLocationName: "football_assets",
  repositoryName: "__repository__", pipelineName: $job}}) { __typename ... on LaunchRunSuccess { run { runId } } } }"""
STATUS = "query ($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }"


def served(up, method, path, body=None):
    """The answer of the REST service."""
    connection = http.client.HTTPConnection("127.0.0.1", up.serving, timeout=30)
    text = None if body is None else json.dumps(body)
    connection.request(method, path, text, {"Content-Type": "application/json"})
    answer = json.loads(connection.getresponse().read())
    connection.close()
    return answer


def launched(up, job):
    return up.ask(LAUNCH, job=job)["launchRun"]["run"]["runId"]


def reaches(up, run_id, status):
    deadline = time.monotonic() + LIMIT_S
    while (now := up.ask(STATUS, id=run_id)["runOrError"]["status"]) != status:
        assert time.monotonic() < deadline, now
        time.sleep(0.1)
    return True


def test_everything_starts_runs_and_is_gone_after_ctrl_c(up):
    with up.started() as process:
        lines = up.ready(process)
        assert lines[0] == "soccer: simulated (no THESPORTS_USER and THESPORTS_SECRET)"
        assert lines[1] == "ncaa: simulated (no CFBD_API_KEY)"
        assert lines[-2] == f"Pages    http://127.0.0.1:{up.serving}   match centre, college, REST at /v1"
        assert lines[-1] == f"Dagster  http://127.0.0.1:{up.port}   Ctrl-C stops everything"
        status = served(up, "GET", "/v1/pipeline/status")["data"]
        assert (status["dagster"], status["dagster_url"]) == ("running", f"http://127.0.0.1:{up.port}")
        started = served(up, "POST", "/v1/pipeline/runs", {"job": "materialize"})["data"]
        assert reaches(up, started["run_id"], "SUCCESS")
        listed = served(up, "GET", "/v1/pipeline/runs?job=materialize&limit=1")["data"]
        assert (listed[0]["run_id"], listed[0]["tags"]["football/asked_by"]) == (started["run_id"], "api")
        environment = Path(f"/proc/{up.the('dagster._daemon')}/environ").read_bytes().decode()
        assert "FOOTBALL_THESPORTS_URL=http://127.0.0.1:" in environment
        assert "FOOTBALL_CFBD_URL=http://127.0.0.1:" in environment

        assert reaches(up, launched(up, "materialize"), "SUCCESS")
        assert any("football_assets.cli watchdog" in command for command in up.processes().values())
        logged = [json.loads(each) for each in (up.home / "logs" / "runs-json.log").read_text().splitlines()]
        assert ("answered", started["run_id"]) in [(each["message"], each["run_id"]) for each in logged]
        assert reaches(up, launched(up, "sleeping"), "STARTED")
        assert any("operations.forkserver" in command for command in up.processes().values())

        process.send_signal(signal.SIGINT)
        up.ended(process, 0)
    assert up.processes() == {}
    copied = yaml.safe_load((up.home / "dagster" / "dagster.yaml").read_text())
    ours = yaml.safe_load((project_root() / "dagster.yaml").read_text())
    assert copied == ({**ours, "storage": ON_A_SERVER} if DAGSTER in os.environ else ours)


def test_a_process_that_ends_is_named_with_the_end_of_its_log_and_everything_stops(up):
    with up.started("--no-emulate") as process:
        up.ready(process)
        with up.started("--no-emulate") as second:
            second_port = up.port
            assert f"port {second_port} of 127.0.0.1 cannot be used" in up.ended(second, 1)
        other, ports = Up(up.folder), (up.port, up.serving)
        up.port, up.serving = other.port, other.serving
        with up.started("--no-emulate") as second:
            assert "another `football up` uses" in up.ended(second, 1)
        up.port, up.serving = ports

        os.kill(up.the("dagster_webserver"), signal.SIGKILL)
        error = up.ended(process, 1)
        assert "running webserver: it ended with exit code -9. Everything was stopped." in error
        assert "Serving dagster-webserver" in error
    assert up.processes() == {}


def test_code_that_does_not_load_is_said_and_nothing_stays(up):
    (up.folder / "broken.py").write_text("raise RuntimeError('broken on purpose')\n")
    with up.started("--no-emulate", module="broken") as process:
        error = up.ended(process, 1)
        assert "loading the code:" in error
        assert "broken on purpose" in error
    assert up.processes() == {}


def test_a_port_in_use_is_said_before_anything_starts(up):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", up.port))
        taken.listen()
        with up.started() as process:
            error = up.ended(process, 1)
    assert error.strip() == (
        f"starting Dagster: port {up.port} of 127.0.0.1 cannot be used (Address already in use). "
        f"Choose another: football up --port {up.port + 1}"
    )
    assert not up.home.exists()


def test_killing_it_outright_takes_its_processes_with_it_and_is_told(up):
    with up.started("--no-emulate") as process:
        up.ready(process)
        deadline = time.monotonic() + LIMIT_S
        while not any('"watching ' in log.read_text() for log in (up.home / "logs").glob("watchdog*")):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        process.kill()
        deadline = time.monotonic() + LIMIT_S
        while left := up.processes():
            assert time.monotonic() < deadline, left
            time.sleep(0.1)
    state = json.loads((up.home / "health" / "alerts.json").read_text())
    told = {each["key"]: each["summary"] for each in state["alerts"]}
    assert told["service_down.daemon"] == "daemon: `football up` was killed, and what it had started ended with it"
