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

from pydantic import BaseModel, SecretStr

from football_assets.config import Settings, load_settings, now_utc
from football_assets.errors import FootballError
from football_assets.transport.redaction import RedactingFilter

IDS = ("run_id", "match_id", "request_id")
RUNS = "runs"
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
    """`<folder>/<name>.log`, put aside at midnight UTC and at a size; the oldest logs of the folder go beyond a cap.

    Several processes may write to one: whoever finds that another has put it aside goes on in the new file.
    """

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
        self._follow()
        stream = self.stream
        if stream is None or stream.seek(0, os.SEEK_END) == 0:
            self._day = now_utc().date()
            return False
        longer = stream.tell() + len(self.format(record).encode()) + 1 > self._file_bytes
        return longer or now_utc().date() != self._day

    def _follow(self) -> None:
        """Open the file anew when the open one is no longer it."""
        with suppress(OSError):  # it was put aside or removed, and nobody has begun another
            if self._is_open():
                return
        self.close()
        self.stream = self._open()

    def _is_open(self) -> bool:
        there = Path(self.baseFilename).stat()
        return self.stream is not None and os.path.samestat(there, os.fstat(self.stream.fileno()))

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
    user = [settings.thesports_user] if settings.thesports_user else []  # half of a credential
    handler.addFilter(RedactingFilter([*_secrets(settings), *user]))
    handler.setLevel(level)
    root = logging.getLogger()
    root.addHandler(handler)
    if root.level > level or root.level == logging.NOTSET:
        root.setLevel(level)
    return handler


@contextmanager
def logged_run(run_id: str) -> Iterator[None]:
    """Send what a run logs to `<home>/logs/runs-json.log`, each line with its id. A missing log stops no run."""
    handler: logging.Handler | None = None
    with suppress(FootballError, OSError):
        handler = log_to_file(load_settings(), RUNS)
    try:
        with about(run_id=run_id):
            yield
    finally:
        if handler is not None:
            logging.getLogger().removeHandler(handler)
            handler.close()


def _secrets(value: object) -> list[str]:
    """Every secret that is set, wherever in the settings it stands."""
    if isinstance(value, SecretStr):
        return [value.get_secret_value()]
    if isinstance(value, BaseModel):
        return [secret for name in type(value).model_fields for secret in _secrets(getattr(value, name))]
    return [secret for each in value for secret in _secrets(each)] if isinstance(value, tuple) else []


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
