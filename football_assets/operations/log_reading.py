"""Reading logs that are written and rotated meanwhile."""

import os
import re
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from football_assets.operations.json_logs import is_put_aside

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def log_files(folder: Path, service: str | None) -> list[Path]:
    """The logs of a service, or of all; the oldest first, those put aside included."""
    found = [file for file in folder.glob("*.log*") if file.is_file()]
    if service is not None:
        found = [file for file in found if file.name.split(".")[0] == service]
    return sorted(found, key=lambda file: (file.stat().st_mtime, not is_put_aside(file)))


def last_lines(files: Sequence[Path], count: int) -> list[str]:
    """The last lines of files one after another, without colours; of several logs each with the log's name."""
    named = len({file.name.split(".")[0] for file in files}) > 1
    kept: deque[str] = deque(maxlen=count)
    for file in files:
        try:
            with file.open(encoding="utf-8", errors="replace") as text:
                kept.extend(_shown(file, line, named) for line in text)
        except FileNotFoundError:  # it was put aside meanwhile
            continue
    return list(kept)


class Follower:
    """What is added to the logs from now on; what is put aside, by another name or as a copy, is read to its end."""

    def __init__(self, folder: Path, service: str | None) -> None:
        self._folder = folder
        self._service = service
        self._read: dict[int, int] = {}
        self._rest: dict[str, str] = {}
        for file in log_files(folder, service):
            stat = file.stat()
            self._read[stat.st_ino] = stat.st_size

    def new_lines(self) -> Iterator[str]:
        """The whole lines since the last call."""
        for file in log_files(self._folder, self._service):
            with suppress(FileNotFoundError):
                name = file.name.split(".")[0]
                text = self._rest.pop(name, "") + self._added(file)
                *whole, rest = text.split("\n")
                if rest:
                    self._rest[name] = rest
                yield from (_shown(file, line, self._service is None) for line in whole)

    def _added(self, file: Path) -> str:
        """What a file has beyond the place that was read to."""
        with file.open("rb") as raw:
            number, size = os.fstat(raw.fileno()).st_ino, raw.seek(0, os.SEEK_END)
            if number not in self._read and is_put_aside(file):
                self._read[number] = self._copied_up_to(file)
            start = self._read.get(number, 0)
            raw.seek(start if start <= size else 0)
            text = raw.read().decode("utf-8", errors="replace")
            self._read[number] = raw.tell()
            return text

    def _copied_up_to(self, copy: Path) -> int:
        """How much of a copy was read from the file that it was made of, which was emptied since."""
        try:
            original = copy.with_name(f"{copy.name.split('.')[0]}.log").stat().st_ino
        except FileNotFoundError:
            return 0
        read = self._read.get(original, 0)
        self._read[original] = 0
        return read


def _shown(file: Path, line: str, named: bool) -> str:
    text = _COLOUR.sub("", line.rstrip("\n"))
    return f"{file.name.split('.')[0]}: {text}" if named else text
