"""The parent's side of the forkserver: start it, ask for workers, notice when it is stale, dead or unfit."""

import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from typing import Any

from football_assets.config import environment_with_dotenv
from football_assets.errors import FootballError
from football_assets.operations.fingerprint import Fingerprint
from football_assets.operations.forkserver import GRACE_S, Payload

DEATHS_IN_A_ROW = 2
REST_S = 600.0  # after that many deaths, how long until forking is tried again
_ANSWER_S = 10.0
_DIED = f"the forkserver died {DEATHS_IN_A_ROW} times in a row"

log = logging.getLogger(__name__)


class NoWorker(FootballError):
    """No worker could be forked; the run has to start another way. `happened` says why."""

    def __init__(self, happened: str) -> None:
        super().__init__("forking a worker", happened, "The code server starts this run instead.")


class _Died(Exception):
    """The forkserver ended in the middle of a conversation."""


@dataclass(frozen=True)
class Code:
    """What a forkserver imports and runs: `preload` and `work` are `module:function`, `payload` is for `preload`."""

    executable: str
    preload: str
    work: str
    payload: Payload


@dataclass(frozen=True)
class Worker:
    """A forked worker waiting at its gate. `go` lets it run, or raises NoWorker when it never will."""

    pid: int
    parent: int
    go: Callable[[], None]


class Conversation:
    """One forkserver process and the thread that reads what it says."""

    def __init__(self, code: Code, limit_s: int) -> None:
        self.started_at = time.monotonic()
        self.why_unfit: str | None = None
        self.files: list[str] = []
        self._news = threading.Condition()
        self._ready = False
        self._ended = False
        self._tickets = 0
        self._pids: dict[int, int] = {}
        self._on_gone: dict[int, Callable[[int], None]] = {}
        self._socket, theirs = socket.socketpair()
        with ExitStack() as failing, theirs:
            failing.enter_context(self._socket)
            self._process = subprocess.Popen(
                [code.executable, "-m", "football_assets.operations.forkserver", str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=environment_with_dotenv(),
                start_new_session=True,
            )
            failing.pop_all()
        self.pid = self._process.pid
        threading.Thread(target=self._listen, name=f"forkserver-{self.pid}", daemon=True).start()
        with suppress(_Died):  # wait_ready says so
            self._ask("preload", preload=code.preload, work=code.work, payload=code.payload, limit_s=limit_s)

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._ended

    @property
    def ready(self) -> bool:
        """Whether the code is imported and workers can be forked."""
        return self._ready and not self._ended

    def wait_ready(self, limit_s: float) -> None:
        """Wait for the import to be done; `_Died` or NoWorker when it never will be."""
        with self._news:
            done = self._news.wait_for(lambda: self._ready or self._ended or self.why_unfit, limit_s)
        if self.why_unfit:
            raise NoWorker(self.why_unfit)
        if not done:
            self.kill()
        if not self._ready or self._ended:
            raise _Died

    def fork(self, payload: Payload, on_gone: Callable[[int], None]) -> Worker:
        """Fork one worker, which waits for `go`; `_Died` when that did not work and no worker will ever run."""
        with self._news:
            self._tickets += 1
            ticket = self._tickets
            self._on_gone[ticket] = on_gone
        self._ask("fork", ticket=ticket, payload=payload)
        with self._news:
            self._news.wait_for(lambda: ticket in self._pids or self._ended, _ANSWER_S)
            pid = self._pids.pop(ticket, None)
        if pid is None:
            self.kill()
            raise _Died
        return Worker(pid, self.pid, lambda: self._go(ticket))

    def retire(self) -> None:
        """Let it end after its last worker."""
        with suppress(_Died):
            self._ask("retire")

    def hang_up(self) -> None:
        """Begin to end it and its workers, without waiting."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def stop(self) -> None:
        """End it and its workers: they are interrupted, then killed."""
        self.hang_up()
        try:
            self._process.wait(GRACE_S + 5)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End the process at once; the kernel interrupts its workers."""
        self._process.kill()
        self._process.wait()

    def _go(self, ticket: int) -> None:
        try:
            self._ask("go", ticket=ticket)
        except _Died:
            raise NoWorker("the forkserver died before the worker began") from None

    def _ask(self, do: str, **request: Any) -> None:
        try:
            self._socket.sendall(json.dumps({"do": do, **request}).encode() + b"\n")
        except OSError:
            raise _Died from None

    def _listen(self) -> None:
        with self._socket.makefile("rb") as lines, suppress(OSError):
            for line in lines:
                self._heard(json.loads(line))
        self._process.wait()
        with self._news:
            self._ended = True
            self._news.notify_all()
        self._socket.close()

    def _heard(self, message: dict[str, Any]) -> None:
        with self._news:
            match message["is"]:
                case "ready":
                    self.files, self._ready = message["files"], True
                    log.info("forkserver %s imported the code in %s s", self.pid, message["took_s"])
                case "unfit":
                    self.why_unfit = message["why"]
                case "forked":
                    self._pids[message["ticket"]] = message["pid"]
                case "gone":
                    # In a thread of its own: what is done about it must not keep other news waiting.
                    on_gone, code = self._on_gone.pop(message["ticket"]), message["code"]
                    threading.Thread(target=on_gone, args=(code,), name="worker-gone", daemon=True).start()
            self._news.notify_all()


class Preload:
    """One code location kept imported: the forkserver that serves now, replaced when it is stale or dead."""

    def __init__(self, code: Code, limit_s: int) -> None:
        self._code = code
        self._limit_s = limit_s
        self._lock = threading.Lock()
        self._server: Conversation | None = None
        self._retired: list[Conversation] = []
        self._fingerprint = Fingerprint({}, {})
        self._rests_until = 0.0
        self._stopped = False

    def fork(self, payload: Payload, on_gone: Callable[[int], None]) -> Worker:
        """A worker of fresh code, waiting for `go`; `on_gone(exit code)` is called from another thread at its end.

        NoWorker says why there is none: no fork on this platform, stale code (a fresh forkserver is started for the
        next run), code that cannot be imported or starts threads, or a forkserver that died twice in a row.
        """
        if not hasattr(os, "fork") or sys.platform != "linux":
            raise NoWorker(f"{sys.platform} cannot fork a process safely")
        with self._lock:
            if time.monotonic() < self._rests_until:
                raise NoWorker(_DIED)
            self._replace_if_stale()
            for _ in range(DEATHS_IN_A_ROW):
                try:
                    return self._fork(payload, on_gone)
                except _Died:
                    self._server = None
            self._rests_until = time.monotonic() + REST_S
            raise NoWorker(_DIED)

    @property
    def ready(self) -> bool:
        """Whether a worker can be forked without waiting for an import."""
        return self._server is not None and self._server.ready

    def stop(self) -> None:
        """End every forkserver and worker of this code, for good. Does not wait for an import to finish."""
        self._stopped = True
        servers = [server for server in (*self._retired, self._server) if server is not None]
        for server in servers:
            server.hang_up()
        for server in servers:
            server.stop()

    def _fork(self, payload: Payload, on_gone: Callable[[int], None]) -> Worker:
        if self._server is None or (self._server.ended and not self._server.why_unfit):
            self._start()
        assert self._server is not None
        self._server.wait_ready(self._limit_s)
        self._fingerprint = self._fingerprint.with_files(self._server.files)
        return self._server.fork(payload, on_gone)

    def _start(self) -> None:
        if self._stopped:
            raise NoWorker("the launcher is ending")
        self._fingerprint = Fingerprint.take()  # before the import: what changes meanwhile makes it stale
        try:
            self._server = Conversation(self._code, self._limit_s)
        except OSError as error:
            raise NoWorker(f"{self._code.executable} could not be started ({error})") from None

    def _replace_if_stale(self) -> None:
        if self._server is None:
            return
        change = self._fingerprint.change_since()
        if change is None and self._server.why_unfit and time.monotonic() > self._server.started_at + REST_S:
            change = self._server.why_unfit
        if change is None:
            return
        self._server.retire()
        self._retired = [server for server in (*self._retired, self._server) if not server.ended]
        self._start()
        raise NoWorker(f"the imported code is stale ({change}); a fresh import for later runs has begun")
