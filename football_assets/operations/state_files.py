"""Small files of what operations remember between looks."""

from pathlib import Path

from football_assets.errors import StorageError
from football_assets.whole_files import write_whole


def keep_state(file: Path, text: str) -> None:
    """Write a file of state whole, readable by its owner only. Raises StorageError."""
    try:
        write_whole(file, text, durable=False)
    except OSError as error:
        raise StorageError(f"writing {file}", str(error), "Check that the folder can be written.") from None
