"""A serving process over the home in the environment, with its pages."""

import os
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager

from football_assets_tests.system.this_machine import free_port

LIMIT_S = 180


@contextmanager
def serving():
    """A serving process of the home in the environment."""
    port = free_port()
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
