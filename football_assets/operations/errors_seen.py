"""Which errors there were, each kind once: how often, first and last seen. Read from Dagster's records and our logs.

An error of a run is the deepest cause of a failed step; of a run that died without one, what Dagster says of its end.
An error of a process is a line of level error or critical in `<home>/logs/*-json*.log`. Two errors are of a kind when
they come from the same place and read alike, numbers and ids aside.
"""

import json
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from football_assets.config import Settings
from football_assets.operations.log_reading import log_files
from football_assets.operations.run_records import RunRecords

KEPT = timedelta(days=7)
LONGEST = 600
_CHANGING = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|0x[0-9a-f]+|\d+")
_LEVELS = (b'"level": "error"', b'"level": "critical"')


@dataclass(frozen=True)
class Occurrence:
    """One error. `place` is `run JOB, STEP` or `log SERVICE`; `run_id` where a run made it."""

    at: datetime
    place: str
    says: str
    run_id: str | None = None

    @property
    def kind(self) -> tuple[str, str]:
        """The same for errors that differ in numbers and ids only."""
        return self.place, _CHANGING.sub("#", self.says)


@dataclass(frozen=True)
class SeenError:
    """A kind of error: how often it was seen, when first and last, and what it said and where the last time."""

    place: str
    says: str
    count: int
    first_at: datetime
    last_at: datetime
    run_id: str | None


class ErrorBook:
    """The errors of a home. Each line of a log is read once; to be asked again and again by one thread at a time."""

    def __init__(self, settings: Settings) -> None:
        self._records = RunRecords(settings)
        self._logs = settings.folder / "logs"
        self._read: dict[int, int] = {}
        self._logged: list[Occurrence] = []

    def seen(self, now: datetime) -> list[SeenError]:
        """The kinds of the last days, the one seen last first. Raises StorageError when a record is unreadable."""
        since = now - KEPT
        self._logged = [each for each in (*self._logged, *self._new_lines()) if each.at >= since]
        failed = [
            Occurrence(each.at, f"run {each.job}{f', {each.step}' if each.step else ''}", each.says, each.run_id)
            for each in self._records.failures(since)
        ]
        return grouped([*self._logged, *failed])

    def _new_lines(self) -> Iterator[Occurrence]:
        for file in log_files(self._logs, None):
            if "-json" in file.name:
                with suppress(FileNotFoundError):
                    yield from self._new_lines_of(file)

    def _new_lines_of(self, file: Path) -> Iterator[Occurrence]:
        with file.open("rb") as raw:
            number = os.fstat(raw.fileno()).st_ino
            raw.seek(self._read.get(number, 0))
            for line in raw:
                if not line.endswith(b"\n"):  # it is being written
                    break
                self._read[number] = self._read.get(number, 0) + len(line)
                if any(level in line for level in _LEVELS) and (found := _logged(file, line)) is not None:
                    yield found


def grouped(found: Iterable[Occurrence]) -> list[SeenError]:
    """The kinds of errors, the one seen last first."""
    kinds: dict[tuple[str, str], list[Occurrence]] = {}
    for each in sorted(found, key=lambda each: each.at):
        kinds.setdefault(each.kind, []).append(each)
    told = [
        SeenError(last.place, last.says[:LONGEST], len(some), some[0].at, last.at, last.run_id)
        for some in kinds.values()
        for last in some[-1:]
    ]
    return sorted(told, key=lambda each: each.last_at, reverse=True)


def _logged(file: Path, line: bytes) -> Occurrence | None:
    try:
        told = json.loads(line)
        # The last line of a traceback names the error.
        error = str(told.get("error") or "").strip().rpartition("\n")[2]
        says = f"{told['message']}: {error}" if error else str(told["message"])
        at = datetime.fromisoformat(told["at"])
        return Occurrence(at, f"log {file.name.partition('-json')[0]}", says, told.get("run_id"))
    except (ValueError, KeyError, TypeError):
        return None
