"""A disk that is full and a folder that is read-only, for real: mounts that only this process and its children see."""

import ctypes
import os
import sys
from functools import cache
from pathlib import Path

from football_assets.errors import FootballError

_NEW_NAMESPACE = 0x00020000
_READ_ONLY, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 32, 4096, 16384, 1 << 18
_DETACH = 2


@cache
def own_mounts() -> bool:
    """Give this thread, and what it starts from now on, mounts of its own; False where that is not allowed."""
    if sys.platform != "linux":
        return False
    library = ctypes.CDLL(None, use_errno=True)
    if library.unshare(_NEW_NAMESPACE) != 0:
        return False
    return bool(library.mount(b"none", b"/", None, _RECURSIVE | _PRIVATE, None) == 0)


def small_disk(folder: Path, size_bytes: int) -> None:
    """Let a folder be an empty disk of its own. Raises FootballError."""
    folder.mkdir(parents=True, exist_ok=True)
    _mount("tmpfs", folder, "tmpfs", 0, f"size={size_bytes}")


def read_only(folder: Path) -> None:
    """Let a folder be read-only, also for root. Raises FootballError."""
    _mount(str(folder), folder, None, _BIND)
    _mount(str(folder), folder, None, _BIND | _REMOUNT | _READ_ONLY)


def unmounted(folder: Path) -> None:
    """Take the topmost mount of a folder away; nothing when it is no mount."""
    ctypes.CDLL(None, use_errno=True).umount2(os.fsencode(folder), _DETACH)


def _mount(source: str, target: Path, kind: str | None, flags: int, options: str = "") -> None:
    library = ctypes.CDLL(None, use_errno=True)
    words = (os.fsencode(source), os.fsencode(target), kind.encode() if kind else None)
    if library.mount(*words, flags, options.encode() or None) != 0:
        happened = os.strerror(ctypes.get_errno())
        raise FootballError(f"mounting {target}", happened, "Run the drill as root, or leave this fault out.")
