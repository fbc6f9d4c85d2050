"""The long-running processes of a drill: `football up`, `football serve`, and clients of its stream."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from football_assets.config import Settings
from football_assets.operations.drill.actors import START_S, Actor
from football_assets.operations.drill.stage import Stage, until
from football_assets.operations.processes import Identity
from football_assets.operations.run_records import RunRecords
from football_assets.serving.dagster_api import DagsterApi

UP_S = 240.0
WORKER_TAG = ".dagster/warm_worker"  # as the warm launcher names it
# The pace of the cycles: no schedule is faster.
PACE = {"FOOTBALL_LIVE__INTERVAL_S": "10"}
SERVICES = {
    "daemon": "dagster._daemon run",
    "code server": "dagster code-server start",
    "forkserver": "football_assets.operations.forkserver",
}


class Up(Actor):
    """`football up` on a stage's home; returns when everything answers."""

    def __init__(self, stage: Stage, env: Mapping[str, str]) -> None:
        self.stage, self.port = stage, free_port()
        words = ["football_assets.cli", "up", "--no-emulate", "--port", str(self.port), "--serve-port", "0"]
        super().__init__("platform", words, {**env, "PYTHONUNBUFFERED": "1"}, stage.folder / "platform.log")
        stage.ending.callback(self.stop, 60.0)
        while not self.line(UP_S).startswith("Dagster"):
            pass

    def pid_of(self, service: str) -> int | None:
        """Pid of a service; of the forkserver its first, which is no worker."""
        found = [pid for pid, words in self.stage.processes().items() if SERVICES[service] in words]
        return min(found, default=None)

    def workers(self) -> list[int]:
        """Pids of the run workers: forked from the forkserver, so with its command line."""
        found = sorted(pid for pid, words in self.stage.processes().items() if SERVICES["forkserver"] in words)
        return [pid for pid in found if _parent(pid) in found]

    def start(self, job: str, tags: Mapping[str, str]) -> str:
        """Ask Dagster's page for a run; its id."""
        return asyncio.run(DagsterApi(f"http://127.0.0.1:{self.port}").start(job, dict(tags)))

    def worker_of(self, run_id: str) -> Identity | None:
        """The process of a run that was forked."""
        records = RunRecords(Settings.model_construct(home=self.stage.home))
        told = records.tag(run_id, WORKER_TAG)
        return None if told is None else Identity.from_text(told.partition(" ")[2])

    def ended(self, limit_s: float = 90.0) -> int | None:
        """Its exit code once it has ended; None when it does not in time."""
        until(lambda: self.process.poll() is not None, limit_s)
        return self.process.poll()

    def last_words(self) -> str:
        """What it said when it ended, without the log it quotes."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return next((line for line in lines if "Everything was stopped" in line), lines[-1] if lines else "")


class Serve(Actor):
    """`football serve` on a stage's home; returns when it is ready."""

    def __init__(self, stage: Stage, port: int) -> None:
        self.port, self.url = port, f"http://127.0.0.1:{port}"
        words = ["football_assets.cli", "serve", "--port", str(port)]
        super().__init__("serving process", words, stage.env, stage.folder / "serve.log")
        stage.ending.callback(self.stop)
        until(lambda: self.ask("/health/ready") is not None or self.process.poll() is not None, START_S)

    def ask(self, path: str) -> Any:
        """The JSON answer of a path; None while there is none."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            body = answer.read()
            return json.loads(body) if answer.status == http.HTTPStatus.OK else None
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()

    def clients(self) -> int:
        """How many clients its stream has."""
        told = self.ask("/v1/stream/about") or {}
        return int(told.get("data", told).get("clients", -1))


class Reader(Actor):
    """A client of the stream in a process of its own; keeps what it hears."""

    def __init__(self, stage: Stage, url: str, name: str) -> None:
        words = ["football_assets.operations.drill.stream_reader", url]
        super().__init__(name, words, stage.env, stage.folder / f"{name}.log")
        stage.ending.callback(self.stop, 5.0)
        self.snapshots = 0
        self.values: dict[str, dict[str, Any]] = {}
        self.wrong: list[str] = []
        self._seqs: dict[str, int] = {}
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def shows(self, column: str, wanted: Mapping[str, Any]) -> bool:
        """Whether its picture of every match has these values."""
        return {key: row.get(column) for key, row in self.values.items()} == dict(wanted)

    def _listen(self) -> None:
        with suppress(ValueError, OSError):
            for line in iter(self._out.readline, b""):
                self._take(json.loads(line))

    def _take(self, event: dict[str, Any]) -> None:
        key, seq = event["key"], event["seq"]
        if event["kind"] == "snapshot":
            self.snapshots += 1
            self.values, self._seqs = dict(event["data"]), {}
            return
        last = self._seqs.get(key)
        if last is not None and seq != last + 1:
            self.wrong.append(f"message {seq} of {key} came after {last}")
        self._seqs[key] = seq
        if event["kind"] == "retraction":
            self.values.pop(key, None)
        else:
            self.values[key] = event["data"]


def free_port() -> int:
    """A port that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
    except (OSError, ValueError, IndexError):
        return 0
