"""A Redis server that a test starts, may kill, and may start again empty."""

import shutil
import socket
import subprocess
import time

import pytest

from football_assets_tests.system.this_machine import free_port


class OwnRedis:
    """The server; `url` stays the same when it is started again."""

    def __init__(self, folder):
        if shutil.which("redis-server") is None:
            pytest.skip("redis-server is not installed: what needs a real Redis is NOT tested")
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._folder = folder
        self.process = None

    def start(self):
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--dir"]
        self.process = subprocess.Popen([*command, str(self._folder)], stdout=subprocess.DEVNULL)
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
                return self
            except OSError:
                time.sleep(0.05)
        raise AssertionError("redis-server did not come up")

    def kill(self):
        self.process.kill()
        self.process.wait(10)
