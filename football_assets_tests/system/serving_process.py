"""A serving process over the home in the environment, with its pages."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

LIMIT_S = 60


@contextmanager
def serving():
    """A serving process of the home in the environment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "football_assets.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env={**os.environ, "PYTHONWARNINGS": "ignore"}) as server:
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, server)
            yield url
        finally:
            server.terminate()


def _wait(url, server):
    deadline = time.monotonic() + LIMIT_S
    while True:
        assert server.poll() is None, "the server ended"
        assert time.monotonic() < deadline, "the server does not answer"
        try:
            with urllib.request.urlopen(f"{url}/health/live", timeout=2):
                return
        except OSError:
            time.sleep(0.2)
