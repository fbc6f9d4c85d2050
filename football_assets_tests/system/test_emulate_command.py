"""`football emulate` as a process: the line it prints, what it serves, how it stops."""

import json
import re
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from urllib.request import Request, urlopen

import pytest

COMMAND = [sys.executable, "-m", "football_assets.cli", "emulate"]
READY = re.compile(r"^(.+) emulator: (\w+) data at (http://127\.0\.0\.1:\d+\S*), emulated time (\S+)$")


@contextmanager
def emulator(*words):
    """A running emulator: (process, what its ready line says)."""
    process = subprocess.Popen([*COMMAND, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline().rstrip("\n")
        ready = READY.match(line)
        assert ready, f"{line!r} {process.stderr.read() if process.poll() is not None else ''}"
        yield process, ready.groups()
    finally:
        process.kill()
        process.communicate()


def read(url, body=None):
    data = None if body is None else json.dumps(body).encode()
    with urlopen(Request(url, data=data), timeout=60) as answer:
        return json.load(answer)


def test_a_simulation_is_served_at_the_instant_and_speed_asked_for():
    words = ["--port", "0", "--simulate", "3", "--at", "2025-03-01T15:30:00+01:00", "--speed", "0"]
    with emulator("thesports", *words) as (_, (name, label, url, at)):
        stats = read(f"{url}/__emulator__/stats")
        live = read(f"{url}/match/detail_live?user=u&secret=s")
    assert (name, label, at) == ("TheSports", "simulated", "2025-03-01T14:30:00Z")
    assert (stats["source"], stats["now"], stats["speed"]) == ("simulated", "2025-03-01T14:30:00+00:00", 0)
    assert live["code"] == 0
    assert live["results"]


def test_credentials_faults_and_latency_of_the_command_line_are_in_force():
    words = ["--port", "0", "--simulate", "3", "--user", "me", "--secret", "mine", "--latency-ms", "5"]
    with emulator("thesports", *words, "--fault", "empty@country", "--fault", "429=500") as (_, (_, _, url, _)):
        assert "err" in read(f"{url}/country/list?user=you&secret=mine")
        assert read(f"{url}/country/list?user=me&secret=mine") == {"code": 0, "results": []}
        assert read(f"{url}/category/list?user=me&secret=mine")["results"]
        assert read(f"{url}/__emulator__/stats")["faults"] == ["latency=5.0", "empty@country", "429=500"]


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGINT])
def test_it_stops_at_once_and_cleanly_even_with_an_answer_outstanding(stop):
    with emulator("thesports", "--port", "0", "--simulate", "3", "--fault", "hang") as (process, (_, _, url, _)):
        port = int(re.search(r":(\d+)/", url)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=60) as waiting:
            waiting.sendall(b"GET /v1/football/country/list HTTP/1.1\r\nHost: x\r\n\r\n")
            while not read(f"{url}/__emulator__/stats")["in_flight"]:
                pass
            process.send_signal(stop)
            _, errors = process.communicate(timeout=60)
    assert process.returncode == 0
    assert errors == ""


def test_the_recordings_of_the_settings_are_served_when_no_source_is_named(recordings):
    with emulator("thesports", "--port", "0") as (_, (_, label, url, at)):
        assert (label, at) == ("recorded", "2025-05-28T17:30:17Z")
        assert len(read(f"{url}/match/detail_live?user=u&secret=s")["results"]) == 102


def test_college_football_is_served_from_recordings(recordings):
    with emulator("cfbd", "--port", "0", "--data", str(recordings)) as (_, (name, label, url, _)):
        assert (name, label) == ("College Football Data", "recorded")
        assert read(f"{url}/__emulator__/stats")["source"] == "recorded"


def test_college_football_is_served_from_the_simulation():
    with emulator("cfbd", "--port", "0", "--simulate", "2") as (_, (name, label, url, _)):
        assert (name, label) == ("College Football Data", "simulated")
        assert read(f"{url}/__emulator__/stats")["source"] == "simulated"


def test_a_port_in_use_is_one_line_and_exit_code_1():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run(
            [*COMMAND, "thesports", "--simulate", "1", "--port", port],
            check=False,
            capture_output=True,
            text=True,
            timeout=120,
        )
    assert done.returncode == 1
    assert done.stdout == ""
    assert f"port {port} on 127.0.0.1 cannot be used" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_wrong_command_line_is_exit_code_64():
    words = ["thesports", "--data", ".", "--simulate", "1"]
    done = subprocess.run([*COMMAND, *words], check=False, capture_output=True, text=True, timeout=120)
    assert done.returncode == 64
    assert "exclude each other" in done.stderr
    assert "Traceback" not in done.stderr
