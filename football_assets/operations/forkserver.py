"""A process that has the code imported and forks a worker for every run.

It is started fresh (`python -m football_assets.operations.forkserver FD`), so it inherits nobody's threads or locks,
and it stays single-threaded: that is what makes forking it safe. It knows nothing about what it imports or runs;
both arrive as names of functions. Lines of JSON over one Unix socket are the whole conversation:

    -> {"do": "preload", "preload": "module:function", "work": "module:function", "payload": …, "limit_s": 60}
    <- {"is": "ready", "took_s": 1.2, "files": […]}        or {"is": "unfit", "why": …}, and it ends
    -> {"do": "fork", "ticket": 1, "payload": …}
    <- {"is": "forked", "ticket": 1, "pid": 123}           the worker waits at its gate
    -> {"do": "go", "ticket": 1}                           the worker runs
    <- {"is": "gone", "ticket": 1, "pid": 123, "code": 0}  negative: the signal that ended it
    -> {"do": "retire"}                                    no more forks; it ends after its last worker

The end of the conversation is the end of the parent: workers are interrupted, get `GRACE_S` to say so in their
events, and are killed. A worker whose forkserver dies is interrupted by the kernel.
"""

import gc
import importlib
import json
import logging
import os
import random
import selectors
import signal
import socket
import sys
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from football_assets.operations.processes import end_with_parent, kill_group

GRACE_S = 10.0
_STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

Payload = dict[str, Any]
Preload = Callable[[Payload], None]
Work = Callable[[Payload, Callable[[], bool]], int]


class Forkserver:
    """The loop: read requests, fork workers, report those that ended."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._selector = selectors.DefaultSelector()
        self._unread = b""
        self._work: Work | None = None
        self._gates: dict[int, int] = {}  # ticket -> write end of the pipe its worker waits on
        self._workers: dict[int, tuple[int, int]] = {}  # pidfd -> (ticket, pid)
        self._retired = False

    def serve(self) -> None:
        """Serve until the parent is gone, or retired and idle; no worker is left afterwards."""
        self._selector.register(self._control, selectors.EVENT_READ)
        open_ = True
        while open_ and not (self._retired and not self._workers):
            for key, _ in self._selector.select():
                if key.fileobj is self._control:
                    open_ = self._read()
                else:
                    self._reap(int(key.fd))
        self._end_workers()

    def _read(self) -> bool:
        """Handle every request that arrived; False when the parent is gone."""
        try:
            received = self._control.recv(1 << 16)
        except ConnectionResetError:
            return False
        *lines, self._unread = (self._unread + received).split(b"\n")
        for line in lines:
            request = json.loads(line)
            getattr(self, f"_{request.pop('do')}")(**request)
        return bool(received)

    def _tell(self, **message: Any) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):  # the next read notices that the parent is gone
            self._control.sendall(json.dumps(message).encode() + b"\n")

    def _preload(self, preload: str, work: str, payload: Payload, limit_s: int) -> None:
        began = time.monotonic()
        signal.alarm(limit_s)  # a hanging import ends the process: nobody reads the socket meanwhile
        try:
            self._work = _function(work)
            _function(preload)(payload)
        finally:
            signal.alarm(0)
            if (error := sys.exc_info()[1]) is not None:
                self._tell(**{"is": "unfit", "why": f"importing the code failed: {error!r}"})
        if threading.active_count() > 1:
            names = ", ".join(thread.name for thread in threading.enumerate()[1:])
            self._tell(**{"is": "unfit", "why": f"importing the code starts threads ({names}), forking is unsafe"})
            self._retired = True
            return
        gc.collect()
        gc.freeze()  # what is loaded stays; collecting in the workers would only copy its pages
        self._tell(**{"is": "ready", "took_s": round(time.monotonic() - began, 3), "files": loaded_files()})

    def _fork(self, ticket: int, payload: Payload) -> None:
        wait_fd, go_fd = os.pipe()
        parent = os.getpid()
        with warnings.catch_warnings():
            # Native pools (BLAS, Arrow) count as threads for this warning; they restart themselves after a fork.
            warnings.filterwarnings("ignore", message=".*fork.*", category=DeprecationWarning)
            pid = os.fork()
        if pid == 0:
            os.close(go_fd)
            self._become_worker(wait_fd, parent, payload)
        os.close(wait_fd)
        pidfd = os.pidfd_open(pid)
        self._gates[ticket] = go_fd
        self._workers[pidfd] = (ticket, pid)
        self._selector.register(pidfd, selectors.EVENT_READ)
        self._tell(**{"is": "forked", "ticket": ticket, "pid": pid})

    def _go(self, ticket: int) -> None:
        if (gate := self._gates.pop(ticket, None)) is not None:
            with suppress(BrokenPipeError):  # it died at the gate; it is reaped in a moment
                os.write(gate, b"!")
            os.close(gate)

    def _retire(self) -> None:
        self._retired = True

    def _become_worker(self, wait_fd: int, parent: int, payload: Payload) -> None:
        """The child's side of the fork; never returns."""
        code = 1
        try:
            os.setsid()
            end_with_parent(signal.SIGTERM)
            # Open gates of other workers would keep those waiting for a forkserver that has died.
            for fd in (self._control.fileno(), *self._gates.values(), *self._workers):
                os.close(fd)
            self._selector.close()
            for signum in _STOP_SIGNALS:
                signal.signal(signum, signal.default_int_handler)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOP_SIGNALS)
            _reseed()
            assert self._work is not None
            code = self._work(payload, lambda: os.getppid() == parent and os.read(wait_fd, 1) == b"!")
        finally:
            if (error := sys.exc_info()[1]) is not None:
                traceback.print_exception(error)
            logging.shutdown()
            for stream in (sys.stdout, sys.stderr):
                with suppress(OSError, ValueError):
                    stream.flush()
            # Everything is stored by now; tearing the interpreter down would only take time.
            os._exit(code)

    def _reap(self, pidfd: int) -> None:
        ticket, pid = self._workers.pop(pidfd)
        self._selector.unregister(pidfd)
        os.close(pidfd)
        if (gate := self._gates.pop(ticket, None)) is not None:
            os.close(gate)
        # Not reaped yet, so the group id is still its own: whatever it started and left behind goes too.
        kill_group(pid)
        status = os.waitpid(pid, 0)[1]
        self._tell(**{"is": "gone", "ticket": ticket, "pid": pid, "code": os.waitstatus_to_exitcode(status)})

    def _end_workers(self) -> None:
        for ticket in list(self._gates):
            os.close(self._gates.pop(ticket))
        for _, pid in self._workers.values():
            os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + GRACE_S
        while self._workers and (left_s := deadline - time.monotonic()) > 0:
            for key, _ in self._selector.select(left_s):
                if key.fileobj is self._control:
                    self._selector.unregister(self._control)
                else:
                    self._reap(int(key.fd))
        for _, pid in self._workers.values():
            kill_group(pid)
        for pidfd in list(self._workers):
            self._reap(pidfd)


def loaded_files() -> list[str]:
    """Source files of every imported module that belongs neither to Python nor to an installed package."""
    installed = {sys.prefix, sys.base_prefix, sys.exec_prefix}
    files = {getattr(module, "__file__", None) for module in list(sys.modules.values())}
    return sorted(
        file
        for file in files
        if file and file.endswith(".py") and not any(file.startswith(prefix + os.sep) for prefix in installed)
    )


def _function(name: str) -> Any:
    module, _, function = name.partition(":")
    return getattr(importlib.import_module(module), function)


def _reseed() -> None:
    """Forked workers would otherwise all draw the same numbers."""
    random.seed()
    if (numpy := sys.modules.get("numpy")) is not None:
        numpy.random.seed()


def main() -> None:
    """Serve on the socket whose descriptor is the first argument."""
    # Stop signals stay pending here for good: this process ends with its parent, after its workers.
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOP_SIGNALS)
    with socket.socket(fileno=int(sys.argv[1])) as control:
        Forkserver(control).serve()


if __name__ == "__main__":
    main()
