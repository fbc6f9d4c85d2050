"""A secret in the environment appears nowhere, however every call fails."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

import football_assets
from football_assets.config import load_settings
from football_assets.operations.dagster_home import prepare_dagster_home
from football_assets_tests.system.this_machine import free_port

PROJECT = Path(football_assets.__file__).parent.parent
CANARIES = {
    "THESPORTS_USER": "canary-user-7f3a",
    "THESPORTS_SECRET": "canary/secret+9b1c==",
    "CFBD_API_KEY": "canary-key-51d0/+",
}
NEEDLES = ["canary-user-7f3a", "canary/secret", "canary%2Fsecret", "9b1c", "canary-key-51d0"]
WAYS_TO_FAIL = ["500", "err", "truncated", "wrong_types", "reset", "hang=1", "429=0"]
EVENTS = """query($run: ID!) { logsForRun(runId: $run) { ... on EventConnection { events {
  __typename ... on MessageEvent { message } ... on ExecutionStepFailureEvent { error { message stack
  errorChain { error { message stack } } } } ... on RunFailureEvent { error { message stack } } } } } }"""


@contextmanager
def started(*command, env, ready):
    """A process that is stopped at the end; `ready` is polled until it is true."""
    process = subprocess.Popen(
        [sys.executable, *command], cwd=PROJECT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    try:
        deadline = time.monotonic() + 90
        while not ready():
            assert process.poll() is None, process.stdout.read().decode()
            assert time.monotonic() < deadline, "the process did not become ready"
            time.sleep(0.2)
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=30)


def accepts(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def post(port, path, body):
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return answer.read().decode()


def told(text):
    return [needle for needle in NEEDLES if needle in text]


@pytest.fixture
def env(monkeypatch):
    """The environment of the started processes, with the canaries and quick retries."""
    settings = load_settings()
    home = prepare_dagster_home(settings)
    quick = {"BACKOFF_S": "0.01", "TIMEOUT_S": "0.5"}
    services = {f"FOOTBALL_{name}__{key}": value for name in ("THESPORTS", "CFBD") for key, value in quick.items()}
    return {**os.environ, **CANARIES, **services, "DAGSTER_HOME": str(home), "FOOTBALL_CFBD__PER_SECOND": "100"}


def execute(job, env):
    command = ["-W", "ignore", "-m", "dagster", "job", "execute", "-m", "football_assets.definitions", "-j", job]
    return subprocess.run([sys.executable, *command], cwd=PROJECT, env=env, capture_output=True, text=True, check=False)


@pytest.mark.timeout(900)  # a job for each way to fail
def test_a_canary_secret_appears_in_no_output_file_event_or_page(env):
    ports = {"thesports": free_port(), "cfbd": free_port()}
    env |= {
        "FOOTBALL_THESPORTS_URL": f"http://127.0.0.1:{ports['thesports']}/v1/football",
        "FOOTBALL_CFBD_URL": f"http://127.0.0.1:{ports['cfbd']}",
    }
    outputs, runs = [], []
    emulate = ["-m", "football_assets.cli", "emulate"]
    with (
        started(
            *emulate,
            "thesports",
            "--port",
            str(ports["thesports"]),
            "--simulate",
            "1",
            env=env,
            ready=lambda: accepts(ports["thesports"]),
        ),
        started(
            *emulate,
            "cfbd",
            "--port",
            str(ports["cfbd"]),
            "--simulate",
            "1",
            env=env,
            ready=lambda: accepts(ports["cfbd"]),
        ),
    ):
        for number, way in enumerate(WAYS_TO_FAIL):
            job, service = (("live_cycle", "thesports"), ("ncaa_daily", "cfbd"))[number % 2]
            post(ports[service], "/__emulator__/faults", {"faults": [way]})
            done = execute(job, env)
            assert done.returncode != 0, f"{job} survived {way}"
            outputs.append(done.stdout + done.stderr)

    home = Path(env["FOOTBALL_HOME"])
    assert not [way for way, text in zip(WAYS_TO_FAIL, outputs, strict=True) if told(text)]
    assert any("football_assets.errors.Source" in text for text in outputs), "the failures were not ours"
    leaks = [
        str(path)
        for path in home.rglob("*")
        if path.is_file() and any(n.encode() in path.read_bytes() for n in NEEDLES)
    ]
    assert not leaks

    page = free_port()
    webserver = ["-m", "dagster_webserver", "-h", "127.0.0.1", "-p", str(page), "-w", str(PROJECT / "workspace.yaml")]
    with started("-W", "ignore", *webserver, env=env, ready=lambda: accepts(page)):
        listed = post(
            page, "/graphql", {"query": "{ runsOrError { ... on Runs { results { runId tags { key value } } } } }"}
        )
        runs = [each["runId"] for each in json.loads(listed)["data"]["runsOrError"]["results"]]
        shown = [post(page, "/graphql", {"query": EVENTS, "variables": {"run": run}}) for run in runs]
    assert len(runs) == len(WAYS_TO_FAIL)
    assert not told(listed + "".join(shown))
    assert any("SourceUnavailable" in text or "TheSports" in text for text in shown), "the events tell nothing"


def test_the_search_for_the_canary_finds_one_that_leaks():
    assert told(f"GET /v1/football/match/detail_live?secret={CANARIES['THESPORTS_SECRET']}")
