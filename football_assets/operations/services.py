"""Which of our processes live on this machine, and what they take: by /proc, whoever started them."""

import os
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from football_assets.config import Settings, environment_with_dotenv, project_root
from football_assets.errors import StorageError
from football_assets.operations.state_files import keep_state

PROC = Path("/proc")
HEARTBEAT_LIMIT_S = 60.0  # a daemon says every 30 s that it lives
PROBE_S = 0.5
SEEN = "daemon_host"
Name = Literal["daemon", "code_server", "webserver", "serving", "watchdog"]
# What the command line of a service holds, `python -m` or the script of the same module.
SCRIPTS = {"dagster-daemon": "dagster._daemon", "dagster-webserver": "dagster_webserver"}
WORDS: dict[Name, tuple[str, ...]] = {
    "daemon": ("dagster._daemon", "run"),
    "code_server": ("dagster", "code-server", "start"),
    "webserver": ("dagster_webserver",),
    "serving": ("football_assets.cli", "serve"),
    "watchdog": ("football_assets.cli", "watchdog"),
}


@dataclass(frozen=True)
class Process:
    """A running process of ours."""

    name: Name
    pid: int
    started_at: datetime
    memory_mb: float


def processes(settings: Settings) -> list[Process]:
    """The services of this home that run on this machine; empty where there is no /proc."""
    found = []
    for entry in PROC.glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
            name = _name(words)
            if name is not None and _is_of(entry, settings):
                found.append(_process(name, entry))
        except (OSError, ValueError, IndexError):  # it ended, or belongs to somebody else
            continue
    return sorted(found, key=lambda each: each.pid)


def lived_here(settings: Settings, there: Iterable[Process]) -> bool:
    """Whether the daemon was last seen on this very machine or in this container: then its process says all.

    Elsewhere only its heartbeat tells, which goes on to look young for a while after its end.
    """
    file = settings.folder / "health" / SEEN
    me = socket.gethostname()
    if any(each.name == "daemon" for each in there):
        with suppress(StorageError):
            keep_state(file, me)
        return True
    try:
        # Another user's processes cannot be told by their home, so only its own user knows that it is gone.
        return file.read_text(encoding="utf-8") == me and os.geteuid() in (0, file.stat().st_uid)
    except OSError:
        return False


def answers(address: str) -> bool:
    """Whether something accepts connections at an address such as http://127.0.0.1:3000."""
    parts = urlsplit(address)
    try:
        with socket.create_connection((parts.hostname or "127.0.0.1", parts.port or 80), timeout=PROBE_S):
            return True
    except OSError:
        return False


def _name(words: Iterable[str]) -> Name | None:
    """The service that a command line starts. `football serve` stands for `python -m football_assets.cli serve`."""
    named = (Path(word).name if "/" in word else word for word in words)
    there = {SCRIPTS.get(name, name) for name in named}
    for name, wanted in WORDS.items():
        if set(wanted) <= there or ("football_assets.cli" in wanted and {"football", wanted[-1]} <= there):
            return name
    return None


def _is_of(entry: Path, settings: Settings) -> bool:
    """Whether a process works on this home."""
    environment = _environment(entry)
    if "DAGSTER_HOME" in environment:
        return Path(environment["DAGSTER_HOME"]) == settings.folder / "dagster"
    home = environment.get("FOOTBALL_HOME")
    if home is None and "FOOTBALL_HOME" not in _environment(PROC / str(os.getpid())):
        home = environment_with_dotenv().get("FOOTBALL_HOME")
    return project_root() / (home or "data") == settings.folder


def _environment(entry: Path) -> dict[str, str]:
    told = (entry / "environ").read_bytes().decode(errors="replace").split("\0")
    return dict(pair.partition("=")[::2] for pair in told if "=" in pair)


def _process(name: Name, entry: Path) -> Process:
    fields = (entry / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    if fields[0] in "ZX":
        raise ValueError("it has ended")
    booted = next(
        int(line.split()[1])
        for line in (PROC / "stat").read_text(encoding="ascii").splitlines()
        if line.startswith("btime")
    )
    started = booted + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    memory = int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    return Process(name, int(entry.name), datetime.fromtimestamp(started, UTC), round(memory, 1))
