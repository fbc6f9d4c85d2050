"""Starting, recognising and stopping processes, so that nothing is left running.

A process is recognised by its `Identity`, never by its pid alone: pids are used again. Children get a session of
their own, so a Ctrl-C in the terminal reaches only the parent, which then stops them in the right order.
"""

import ctypes
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from football_assets.errors import FootballError, StorageError

LAST_PORT = 65_535
PROC = Path("/proc")
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_SET_PARENT_DEATH_SIGNAL = 1
_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Identity:
    """One process for good: machine, boot, pid and the clock tick at which it started."""

    host: str
    boot: str
    pid: int
    started: int

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """The identity of a process running on this machine; None when there is none or it cannot be told."""
        if (stat := _stat(pid)) is None:
            return None
        return cls(socket.gethostname(), _boot(), pid, int(stat[19]))

    @classmethod
    def from_text(cls, text: str) -> "Identity":
        """Read back what `as_text` wrote; ValueError or TypeError when it is something else."""
        return cls(**json.loads(text))

    def as_text(self) -> str:
        """One line of JSON."""
        return json.dumps(asdict(self))

    def alive(self) -> bool:
        """Whether this very process still runs here; one that waits to be reaped does not."""
        stat = _stat(self.pid)
        return stat is not None and stat[0] not in "ZX" and Identity.of(self.pid) == self

    def send(self, signum: int) -> bool:
        """Send a signal to this very process; False when it is gone."""
        try:
            handle = os.pidfd_open(self.pid)
        except ProcessLookupError:
            return False
        try:
            # The handle holds on to one process: what is checked after opening is what gets the signal.
            if not self.alive():
                return False
            signal.pidfd_send_signal(handle, signum)
        except ProcessLookupError:
            return False
        finally:
            os.close(handle)
        return True

    def interrupt_then_kill(self, grace_s: float) -> bool:
        """Ask this very process to end and kill its group after `grace_s`, without waiting; False when it is gone."""
        if not self.send(signal.SIGTERM):
            return False
        timer = threading.Timer(grace_s, self.kill_group)
        timer.daemon = True
        timer.start()
        return True

    def kill_group(self) -> None:
        """End this process and everything in its process group, at once."""
        if self.alive():
            kill_group(self.pid)


class Child:
    """A process of ours in a session of its own, writing to a log file."""

    def __init__(self, name: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
        self.name = name
        self.process = process
        self.log = log

    @classmethod
    def start(cls, name: str, command: Sequence[str], *, log: Path, env: Mapping[str, str], cwd: Path) -> "Child":
        """Start `command`; its output goes to `log`, the previous log is kept beside it as `.1`.

        Call it from the main thread: the child is asked to end when the thread that started it does.
        """
        try:
            log.parent.mkdir(parents=True, exist_ok=True)
            if log.exists():
                log.replace(log.with_name(log.name + ".1"))
            with log.open("ab") as out:  # appending: whoever empties the log finds the next line at its beginning
                process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=out,
                    stderr=subprocess.STDOUT,
                    env=dict(env),
                    cwd=cwd,
                    start_new_session=True,
                    preexec_fn=end_with_parent,  # noqa: PLW1509 - started from a process with one thread
                )
        except OSError as error:
            raise StorageError(f"starting {name}", str(error), f"Check that {log.parent} can be written.") from None
        return cls(name, process, log)

    def exit_code(self) -> int | None:
        """The exit code, negative for a signal; None while it runs."""
        return self.process.poll()

    def last_lines(self, count: int = 15) -> list[str]:
        """The end of its log, without colours."""
        try:
            return _COLOUR.sub("", self.log.read_text(encoding="utf-8", errors="replace")).splitlines()[-count:]
        except OSError:
            return []

    def stop(self, limit_s: float) -> None:
        """Interrupt it, again after a third of the limit, kill its whole group at the limit; then reap it."""
        if self.process.returncode is not None:
            return
        for wait_s in (limit_s / 3, limit_s * 2 / 3):
            with suppress(ProcessLookupError):
                os.kill(self.process.pid, signal.SIGINT)
            if self._ended_within(wait_s):
                break
        # The leader is not reaped yet, so its group id cannot belong to anyone else.
        kill_group(self.process.pid)
        self.process.wait()

    def _ended_within(self, limit_s: float) -> bool:
        deadline = time.monotonic() + limit_s
        while time.monotonic() < deadline:
            if os.waitid(os.P_PID, self.process.pid, os.WEXITED | os.WNOWAIT | os.WNOHANG) is not None:
                return True
            time.sleep(0.05)
        return False


def end_with_parent(signum: int = signal.SIGTERM) -> None:
    """Ask the kernel for `signum` when the thread that started this process ends (Linux; elsewhere nothing)."""
    _prctl(_SET_PARENT_DEATH_SIGNAL, signum)


def adopt_orphans() -> None:
    """Become the parent of whatever descendants leave behind, so that `end_descendants` finds it (Linux)."""
    _prctl(_SET_CHILD_SUBREAPER, 1)


def end_descendants(limit_s: float = 5.0) -> list[int]:
    """Kill every process below this one and reap it; returns the pids that were killed."""
    killed: list[int] = []
    deadline = time.monotonic() + limit_s
    while (found := descendants(os.getpid())) and time.monotonic() < deadline:
        for pid in found:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        killed += [pid for pid in found if pid not in killed]
        with suppress(ChildProcessError):
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        time.sleep(0.02)
    return killed


def descendants(pid: int) -> list[int]:
    """Pids of every running process below `pid`, by /proc; empty where there is no /proc."""
    children: dict[int, list[int]] = {}
    for other in _pids():
        if (stat := _stat(other)) is not None and stat[0] not in "ZX":
            children.setdefault(int(stat[1]), []).append(other)
    found: list[int] = []
    ahead = [pid]
    while ahead:
        below = children.get(ahead.pop(), [])
        found += below
        ahead += below
    return found


def kill_group(group: int) -> None:
    """SIGKILL to a process group; nothing when it is gone."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _pids() -> Iterable[int]:
    return (int(entry.name) for entry in PROC.glob("[0-9]*"))


def _stat(pid: int) -> list[str] | None:
    """The fields of /proc/<pid>/stat after the command's name: state, parent, group, ... start at index 19."""
    try:
        text = (PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    return text.rpartition(")")[2].split()


def _boot() -> str:
    return (PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(option, value, 0, 0, 0)


def require_free(address: str, port: int, doing: str, option: str) -> None:
    """Raise FootballError when a port is in use; `option` is the command and option that choose another."""
    with socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            other = port + 1 if port < LAST_PORT else LAST_PORT - 1
            happened = f"port {port} of {address} cannot be used ({error.strerror})"
            raise FootballError(doing, happened, f"Choose another: {option} {other}") from None
