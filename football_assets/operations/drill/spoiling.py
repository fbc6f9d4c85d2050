"""A disk that fills up at a chosen moment: a small disk of its own, or a limit on the size of files where none may be.

A limit is set on one process; a disk is full for everybody who writes there.
"""

import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from football_assets.operations.drill import mounts
from football_assets.operations.drill.stage import Stage
from football_assets.operations.processes import PROC

SPARE_BYTES, LEFT_BYTES = 256_000_000, 16_384
# Without mounts of our own no file may grow beyond this, which a database and a table do at once.
FILE_LIMIT = 4_096


def small_home(stage: Stage, filled_from: Path | None) -> str:
    """Let the stage's home be a small disk, with room for what it is filled from; how that is done, in words."""
    if not mounts.own_mounts():
        return "a limit on the size of files (RLIMIT_FSIZE)"
    files = [] if filled_from is None else [each for each in filled_from.rglob("*") if each.is_file()]
    mounts.small_disk(stage.home, sum(each.stat().st_size for each in files) + SPARE_BYTES)
    stage.ending.callback(mounts.unmounted, stage.home)
    return "a disk of its own, filled to the last 16 kB"


@contextmanager
def full_disk(stage: Stage, pid: int) -> Iterator[None]:
    """Let the disk of a stage's home be full, for the process `pid` at least."""
    if mounts.own_mounts():
        ballast, room = stage.home / "ballast", os.statvfs(stage.home)
        with ballast.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, room.f_bavail * room.f_frsize - LEFT_BYTES)
        try:
            yield
        finally:
            ballast.unlink()
        return
    soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (FILE_LIMIT, hard))
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (soft, hard))


def opened_for_writing(pid: int, path: Path) -> bool:
    """Whether a process has a file open to write to it."""
    for entry in (PROC / str(pid) / "fd").glob("*"):
        with suppress(OSError):
            if entry.readlink() == path and _flags(pid, entry.name) & os.O_ACCMODE != os.O_RDONLY:
                return True
    return False


def _flags(pid: int, descriptor: str) -> int:
    lines = (PROC / str(pid) / "fdinfo" / descriptor).read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("flags:")), 8)
