"""Files written whole: a reader sees the old content or the new one, never half of it; and their checksums."""

import fcntl
import glob
import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from football_assets.errors import StorageError

OWNER_ONLY = 0o600
PART = ".part"
ABANDONED_S = 2.0


@contextmanager
def whole(path: Path, *, mode: int = OWNER_ONLY, durable: bool = True) -> Iterator[Path]:
    """A file beside `path` to write to. It takes the place of `path` when the block ends well, else it is removed.

    Args:
        path: The file to write; its folder is made.
        mode: Who may read and write it.
        durable: Whether it is on the disk before it takes its place; state that can be lost need not wait for that.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    _remove_abandoned(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=PART)
    beside = Path(name)
    try:
        with suppress(OSError):  # as long as it is held, nobody takes it for abandoned
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield beside
        if durable:
            with beside.open("rb") as written:
                os.fsync(written.fileno())
        if mode != OWNER_ONLY:
            beside.chmod(mode)
        beside.replace(path)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    finally:
        os.close(handle)


def _remove_abandoned(path: Path) -> None:
    """Remove what writers of `path` left that were killed: nobody holds it, and it is not just being made."""
    for left in path.parent.glob(f".{glob.escape(path.name)}.*{PART}"):
        with suppress(OSError), left.open("rb") as file:
            if time.time() - left.stat().st_mtime > ABANDONED_S:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                left.unlink()


def write_whole(path: Path, content: str | bytes, *, mode: int = OWNER_ONLY, durable: bool = True) -> None:
    """Write a text, as UTF-8, or bytes whole. Raises OSError."""
    with whole(path, mode=mode, durable=durable) as beside:
        beside.write_bytes(content.encode() if isinstance(content, str) else content)


def write_among(path: Path, content: bytes, others: str, kept: int) -> None:
    """Write bytes whole and keep the newest files only, so many of those beside it that a pattern names.

    Raises OSError.
    """
    write_whole(path, content)
    by_age = sorted(path.parent.glob(others), key=lambda each: (each.stat().st_mtime_ns, each.name))
    for old in by_age[:-kept]:
        old.unlink()


def read_checked(path: Path, sha256: str, doing: str, to_do: str) -> bytes:
    """The content of a file that must have this SHA-256. Raises StorageError when it has another or cannot be read."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise StorageError(doing, str(error), to_do) from error
    if hashlib.sha256(content).hexdigest() != sha256:
        raise StorageError(doing, "its sha256 is not the one it was stored with", to_do)
    return content


def checksum_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
