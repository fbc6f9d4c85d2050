"""Small files of state, written whole: a reader sees the old one or the new one."""

import os
from contextlib import suppress
from pathlib import Path

from football_assets.errors import StorageError


def write_whole(file: Path, text: str) -> None:
    """Write a file beside itself and put it in its place, readable by its owner only. Raises StorageError."""
    part = file.with_name(f".{file.name}.{os.getpid()}.part")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as out:
            out.write(text)
        part.replace(file)
    except OSError as error:
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise StorageError(f"writing {file}", str(error), "Check that the folder can be written.") from None
