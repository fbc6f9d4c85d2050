"""`football doctor`: what has to be right before anything runs, each with what to do. Asks no provider."""

import os
import shutil
import socket
import sqlite3
import stat
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path
from typing import Literal

from sqlalchemy.exc import SQLAlchemyError

from football_assets.config import LOOPBACK, Settings, load_settings, now_utc, project_root
from football_assets.errors import FootballError
from football_assets.operations.run_records import RunRecords
from football_assets.operations.services import processes
from football_assets.providers import provider, reading_world
from football_assets.rooms import installed
from football_assets.warehouse.engine import database_of

Verdict = Literal["good", "warning", "bad"]
LEAST_FREE_GB, SCANT_FREE_GB = 1.0, 5.0
OLDEST_CLOCK = datetime(2026, 11, 1, tzinfo=UTC)
CLOCK_TOLERANCE = timedelta(minutes=2)
# Files that hold secrets, below the home and in the project.
SECRET_FILES = ("api-keys.json", "page-sessions.key")


@dataclass(frozen=True)
class Diagnosis:
    """One thing that was looked at."""

    about: str
    verdict: Verdict
    says: str
    to_do: str = ""


def diagnose() -> list[Diagnosis]:
    """Everything, in the order in which it should be mended; only the configuration when that is wrong."""
    try:
        settings = load_settings()
    except FootballError as error:
        return [Diagnosis("configuration", "bad", f"{error.doing}: {error.happened}", error.to_do)]
    looks: tuple[Callable[[Settings], Iterator[Diagnosis]], ...] = (
        *(_configuration, _keys, _ports, _disk, _permissions),
        *(_clock, _databases, _versions),
    )
    return [each for look in looks for each in look(settings)]


def _configuration(settings: Settings) -> Iterator[Diagnosis]:
    yield Diagnosis("configuration", "good", f"sound; data folder {settings.folder}")
    told = settings.notifications
    if not told.targets and told.webhook_url is None:
        to_do = "Set FOOTBALL_NOTIFICATIONS__TARGETS; `football config notify` tries it"
        yield Diagnosis("notifications", "warning", "nobody is told of alerts", to_do)


def _keys(settings: Settings) -> Iterator[Diagnosis]:
    for name in installed():
        chosen = provider(name, settings)
        if chosen.credentials is not None:
            yield Diagnosis(f"key {name}", "good", f"{chosen.name} is set; whether it is accepted shows the first run")
        elif chosen.is_official:
            to_do = f"Set {chosen.needs} in .env for real data"
            yield Diagnosis(f"key {name}", "warning", "none, so `football up` serves a simulation", to_do)
        else:
            yield Diagnosis(f"key {name}", "good", f"none needed at {chosen.url}")


def _ports(settings: Settings) -> Iterator[Diagnosis]:
    ours = {each.name for each in processes(settings)}
    for name, port in (("webserver", 3000), ("serving", settings.serving.port)):
        if name in ours:
            yield Diagnosis(f"port {port}", "good", f"used by our {name}")
        elif _is_free(port):
            yield Diagnosis(f"port {port}", "good", f"free for the {name}")
        else:
            option = "--port" if name == "webserver" else "--serve-port"
            to_do = f"End what uses it, or choose another: football up {option} {port + 1}"
            yield Diagnosis(f"port {port}", "bad", f"used by something else than our {name}", to_do)


def _disk(settings: Settings) -> Iterator[Diagnosis]:
    there = next(each for each in (settings.folder, *settings.folder.parents) if each.exists())
    free_gb = shutil.disk_usage(there).free / 1e9
    verdict: Verdict = "bad" if free_gb < LEAST_FREE_GB else "warning" if free_gb < SCANT_FREE_GB else "good"
    to_do = "" if verdict == "good" else "Free space, or set FOOTBALL_HOME to another disk"
    yield Diagnosis("disk", verdict, f"{free_gb:.1f} GB free for {there}", to_do)


def _permissions(settings: Settings) -> Iterator[Diagnosis]:
    there = next(each for each in (settings.folder, *settings.folder.parents) if each.exists())
    if os.access(there, os.W_OK | os.X_OK):
        yield Diagnosis("data folder", "good", f"{there} can be written")
    else:
        yield Diagnosis("data folder", "bad", f"{there} cannot be written", f"chown or chmod {there}")
    files = [settings.folder / name for name in SECRET_FILES]
    files += [project_root() / ".env", settings.folder / "health" / "alerts.json"]
    for file in files:
        if file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077:
            mode = stat.S_IMODE(file.stat().st_mode)
            yield Diagnosis(f"mode of {file.name}", "warning", f"{mode:04o}: others can read it", f"chmod 600 {file}")


def _clock(settings: Settings) -> Iterator[Diagnosis]:
    now = now_utc()
    if now < OLDEST_CLOCK:
        yield Diagnosis(
            "clock", "bad", f"{now:%Y-%m-%d %H:%M} UTC is before this version was made", "Set the clock: NTP"
        )
        return
    newest = _newest_file(settings.folder)
    if newest is not None and newest > now + CLOCK_TOLERANCE:
        says = f"a file of the data folder is of {newest:%Y-%m-%d %H:%M} UTC, which is ahead of the clock"
        yield Diagnosis("clock", "bad", says, "Set the clock: timedatectl set-ntp true")
        return
    yield Diagnosis("clock", "good", f"{now:%Y-%m-%d %H:%M:%S} UTC")


def _databases(settings: Settings) -> Iterator[Diagnosis]:
    for world in sorted({world for name in installed() if (world := reading_world(settings, name)) is not None}):
        database = database_of(settings.folder, world)
        try:
            if not database.exists():
                yield Diagnosis(f"database {world.value}", "warning", "nothing is published yet", "football run")
                continue
            with database.reading() as connection:
                if database.is_server:
                    says = "answers"
                else:
                    says = str(connection.exec_driver_sql("PRAGMA quick_check(1)").scalar())
            good = says in ("ok", "answers")
            to_do = "" if good else "Restore it: football backup list"
            yield Diagnosis(f"database {world.value}", "good" if good else "bad", f"{database}: {says}", to_do)
        except (FootballError, OSError) as error:
            yield Diagnosis(
                f"database {world.value}", "bad", str(error), "Start the server, or restore: football backup list"
            )
        except (sqlite3.Error, SQLAlchemyError) as error:
            says = str(getattr(error, "orig", error)).partition("\n")[0]
            yield Diagnosis(f"database {world.value}", "bad", f"{database}: {says}", "Restore it: football backup list")
    records = RunRecords(settings)
    try:
        first = records.first_at()
        says = "no run yet" if first is None else f"runs since {first:%Y-%m-%d %H:%M} UTC"
        yield Diagnosis("Dagster's records", "good", says)
    except FootballError as error:
        to_do = f"Put {settings.folder / 'dagster' / 'history'} aside; the tables are kept elsewhere"
        yield Diagnosis("Dagster's records", "bad", error.happened, to_do)


def _versions(_settings: Settings) -> Iterator[Diagnosis]:
    from packaging.requirements import Requirement

    python = ".".join(map(str, sys.version_info[:3]))
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    to_do = "" if supported else "Use Python 3.11, 3.12 or 3.13: make install"
    yield Diagnosis("python", "good" if supported else "bad", python, to_do)
    wrong = []
    for line in requires("football-assets") or []:
        wanted = Requirement(line)
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            there = version(wanted.name)
        except PackageNotFoundError:
            wrong.append(f"{wanted.name} is missing")
            continue
        if not wanted.specifier.contains(there, prereleases=True):
            wrong.append(f"{wanted.name} {there} is not {wanted.specifier}")
    if wrong:
        yield Diagnosis("packages", "bad", "; ".join(wrong), "make install")
    else:
        yield Diagnosis(
            "packages", "good", f"football-assets {version('football-assets')}, dagster {version('dagster')}"
        )


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK[0], port))
        except OSError:
            return False
        return True


def _newest_file(folder: Path) -> datetime | None:
    """When the newest of the databases and states was written."""
    files = [*folder.glob("*/warehouse.sqlite"), *folder.glob("dagster/history/*.db"), *folder.glob("health/*.json")]
    return max((datetime.fromtimestamp(file.stat().st_mtime, UTC) for file in files), default=None)
