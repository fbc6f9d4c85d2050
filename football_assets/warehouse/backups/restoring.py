"""Restoring a world: written beside the running one, held against what it should be, then swapped in, or not."""

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from football_assets.config import Settings, now_utc
from football_assets.errors import StorageError
from football_assets.providers import Domain
from football_assets.rooms import installed
from football_assets.states import Source
from football_assets.warehouse.backups import snapshot, swapping
from football_assets.warehouse.backups.making import STAMP, Backup, backups, fetch, pull
from football_assets.warehouse.backups.rewinding import publish_again, published_domains, write_lake
from football_assets.warehouse.engine import Database, database_of
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.relations import database_path

HISTORY = "history"


@dataclass(frozen=True)
class Restored:
    """A world written beside the running one, below `home`.

    `taken_from` is the backup, or the running world itself; `as_of` says from when each pipeline's tables are.
    """

    home: Path
    source: Source
    taken_from: str
    as_of: dict[str, datetime] = field(default_factory=dict)

    @property
    def world(self) -> Path:
        """The restored folder of the world."""
        return self.home / self.source.value


def restore(settings: Settings, source: Source, to: datetime | None = None, only: Domain | None = None) -> Restored:
    """Write a world beside the running one: the newest backup, or as it was at an instant.

    For an instant the running world is the first choice, for it has every cycle since the last backup; where it is
    damaged or does not reach back so far, the backups are asked, newest first. `only` sets one pipeline back and
    leaves the other as it is in what is restored from.

    Raises StorageError when nothing reaches back to the instant, naming each that was tried.
    """
    if to is not None:
        pull(settings, source)
    home = settings.folder / f"restored-{source.value}-{now_utc().strftime(STAMP)}"
    problems = []
    for name, take in _donors(settings, source, is_world_asked=to is not None):
        try:
            take(home / source.value)
            as_of = {} if to is None else _rewound(settings, home, source, to, only)
            return Restored(home, source, name, as_of)
        except StorageError as error:
            problems.append(f"{name}: {error}")
            shutil.rmtree(home, ignore_errors=True)
        except BaseException:
            shutil.rmtree(home, ignore_errors=True)
            raise
    happened = " / ".join(problems) or "there is no backup"
    raise StorageError(f"restoring the {source.value} world", happened, "Nothing was changed.")


def put_in_place(settings: Settings, restored: Restored) -> None:
    """Swap a restored world with the running one, which is kept for `undo`. Raises StorageError.

    On a server, what the restored lake holds is then published; the tables change in one transaction a pipeline.
    """
    world = settings.folder / restored.source.value
    swapping.finish(world)
    swapping.swap_in(restored.world, world)
    shutil.rmtree(restored.home, ignore_errors=True)
    _serve(settings, restored.source)


def undo(settings: Settings, source: Source) -> None:
    """Swap back what the last restore put aside; again, and the restored data are back. Raises StorageError."""
    world = settings.folder / source.value
    if not swapping.finish(world):
        swapping.undo(world)
    _serve(settings, source)


def _serve(settings: Settings, source: Source) -> None:
    if (store := Lake(settings.folder, source).store) is not None:
        store.push()
    database = database_of(settings.folder, source)
    if database.is_server:
        publish_again(settings.folder, database, _domains_in(database.folder), settings.backup.retention_days)


def _donors(
    settings: Settings, source: Source, *, is_world_asked: bool
) -> Iterator[tuple[str, Callable[[Path], None]]]:
    running = settings.folder / source.value
    if is_world_asked and (running / "lake").is_dir():
        yield "the running world", lambda target: _copied(running, target)
    for made in reversed(backups(settings, source)):
        yield f"backup {made.file}", lambda target, made=made: _fetched(settings, made, running, target)  # type: ignore[misc]


def _copied(running: Path, target: Path) -> None:
    snapshot.take(running, target)
    snapshot.row_counts(target)


def _fetched(settings: Settings, made: Backup, running: Path, target: Path) -> None:
    """A backup, with those days of the change log of which the running world has as many cycles or more."""
    fetch(settings, made, target)
    for day in sorted((running / HISTORY).glob("????-??-??")):
        kept, beside = target / HISTORY / day.name, target / HISTORY / f".{day.name}"
        try:
            snapshot.take(day, beside)
            is_longer = _cycles(beside) >= (_cycles(kept) if kept.exists() else 0)
        except StorageError:
            is_longer = False
        if is_longer:
            shutil.rmtree(kept, ignore_errors=True)
            beside.rename(kept)
        shutil.rmtree(beside, ignore_errors=True)


def _cycles(day: Path) -> int:
    counts = snapshot.row_counts(day)
    return sum(rows for name, rows in counts.items() if name.endswith((":cycles", "cycles.parquet")))


def _rewound(settings: Settings, home: Path, source: Source, to: datetime, only: Domain | None) -> dict[str, datetime]:
    configured = database_of(settings.folder, source)
    database = Database(database_path(home, source), source, configured.url)
    domains = _domains_in(home / source.value) if database.is_server else published_domains(database)
    chosen = [each for each in domains if only in (None, each)]
    if not chosen:
        raise StorageError(f"restoring {only or source}", "nothing of it is there", "Nothing was changed.")
    found = {str(each): write_lake(home, database, each, to) for each in chosen}
    if not database.is_server:  # a server's tables are published once the world is in its place
        publish_again(home, database, chosen, settings.backup.retention_days)
    return found


def _domains_in(world: Path) -> list[Domain]:
    return [each for each in installed() if (world / "lake" / each).is_dir()]
