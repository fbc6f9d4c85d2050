"""Our processes' logs: one JSON object a line, a file a day and a size, and no more of them than the cap.

Run id and match id are on every line that was written inside `about(run_id=…, match_id=…)`, or by a call that gave them
as `extra`.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from datetime import UTC, date, datetime
from logging.handlers import BaseRotatingHandler
from pathlib import Path

from football_assets.config import Settings, now_utc
from football_assets.transport.redaction import RedactingFilter

IDS = ("run_id", "match_id", "request_id")
_about: ContextVar[dict[str, str] | None] = ContextVar("about", default=None)


@contextmanager
def about(**ids: str) -> Iterator[None]:
    """Put ids, such as `run_id` and `match_id`, on every line written inside."""
    token = _about.set({**(_about.get() or {}), **ids})
    try:
        yield
    finally:
        _about.reset(token)


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON: at, level, logger, message, ids, and the traceback of an error."""

    def format(self, record: logging.LogRecord) -> str:
        """The line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= _about.get() or {}
        line |= {name: getattr(record, name) for name in IDS if getattr(record, name, None) is not None}
        if record.exc_info and not record.exc_text:
            record.exc_text = self.formatException(record.exc_info)
        if record.exc_text:
            line["error"] = record.exc_text
        return json.dumps(line, ensure_ascii=False, default=str)


class RotatingFile(BaseRotatingHandler):
    """`<folder>/<name>.log`, put aside at midnight UTC and at a size; the oldest logs of the folder go beyond a cap."""

    def __init__(self, folder: Path, name: str, *, file_bytes: int, total_bytes: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._file_bytes = file_bytes
        self._total_bytes = total_bytes
        file = folder / f"{name}.log"
        self._day = now_utc().date() if not file.exists() else _day_of(file)
        super().__init__(str(file), "a", encoding="utf-8", delay=False)

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - logging's name
        """Whether the day is over, or this record would make the file too large."""
        stream = self.stream
        if stream is None or stream.tell() == 0:
            self._day = now_utc().date()
            return False
        longer = stream.tell() + len(self.format(record).encode()) + 1 > self._file_bytes
        return longer or now_utc().date() != self._day

    def doRollover(self) -> None:  # noqa: N802 - logging's name
        """Put the file aside under the present instant, and make room."""
        self.close()
        file = Path(self.baseFilename)
        file.replace(_past_name(file))
        self.stream = self._open()
        self._day = now_utc().date()
        make_room(self._folder, self._total_bytes - self._file_bytes)


def put_printed_aside(folder: Path, file_bytes: int) -> int:
    """Copy what processes printed into files of the past, by day and size, and empty their logs; how many.

    A process writes on to the file it has, so the file stays and is emptied. A line that comes in the instant between
    copying and emptying is lost. Files that rotate by themselves and the audit are left alone.
    """
    count = 0
    for file in folder.glob("*.log"):
        if is_put_aside(file) or file.stem.endswith("-json") or file.stem == "audit":
            continue
        with suppress(OSError):
            size = file.stat().st_size
            if size > file_bytes or (size and _first_day(file) != now_utc().date()):
                shutil.copyfile(file, _past_name(file))
                os.truncate(file, 0)
                _note_day(file)
                count += 1
    return count


def make_room(folder: Path, most_bytes: int) -> int:
    """Remove the oldest logs that no process writes to until the folder has at most so many bytes; how many went.

    What is written to now is `<name>.log`; what was put aside has a stamp or a number in its name. A log of a single
    run, such as `live_cycle-20261122T053639.log`, has one too.
    """
    files = sorted((file for file in folder.glob("*.log*") if file.is_file()), key=lambda file: file.stat().st_mtime)
    size = sum(file.stat().st_size for file in files)
    removed = 0
    for file in files:
        if size <= most_bytes:
            break
        if is_put_aside(file):
            size -= file.stat().st_size
            with suppress(OSError):
                file.unlink()
                removed += 1
    return removed


def is_put_aside(file: Path) -> bool:
    """Whether a log is of the past: nobody writes to it any more."""
    return file.suffix != ".log" or any(character.isdigit() for character in file.stem)


def log_to_file(settings: Settings, name: str, level: int = logging.INFO) -> logging.Handler:
    """Send everything that this process logs to `<home>/logs/<name>-json.log`; the handler, to take it off again.

    `<name>.log` is what the process prints, which `football up` keeps.
    """
    rules = settings.logs
    handler = RotatingFile(
        settings.folder / "logs",
        f"{name}-json",
        file_bytes=int(rules.file_mb * 1e6),
        total_bytes=int(rules.total_mb * 1e6),
    )
    handler.setFormatter(JsonFormatter())
    handler.addFilter(RedactingFilter(_secrets(settings)))
    handler.setLevel(level)
    root = logging.getLogger()
    root.addHandler(handler)
    if root.level > level or root.level == logging.NOTSET:
        root.setLevel(level)
    return handler


def _secrets(settings: Settings) -> list[str]:
    """Every secret that is set."""
    told = settings.notifications
    some = [settings.thesports_secret, settings.cfbd_api_key, settings.redis_url, settings.database_url]
    some += [settings.dagster_postgres_url, told.webhook_url, told.webhook_secret]
    return [each.get_secret_value() for each in (*some, *told.targets, *told.level2_targets) if each is not None]


def _past_name(file: Path) -> Path:
    return file.with_name(f"{file.stem}.{now_utc():%Y%m%dT%H%M%S%f}.log")


def _day_of(file: Path) -> date:
    return datetime.fromtimestamp(file.stat().st_mtime, UTC).date()


def _first_day(file: Path) -> date:
    """The day on which a printed log was begun or emptied; noted at the first look, for the file does not say."""
    mark = file.with_name(f".{file.name}.day")
    try:
        inode, day = mark.read_text(encoding="ascii").split()
        if int(inode) == file.stat().st_ino:
            return date.fromisoformat(day)
    except (OSError, ValueError):
        pass
    return _note_day(file)


def _note_day(file: Path) -> date:
    today = now_utc().date()
    file.with_name(f".{file.name}.day").write_text(f"{file.stat().st_ino} {today}", encoding="ascii")
    return today
