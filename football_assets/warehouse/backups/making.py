"""Making, listing and verifying backups of a world."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from football_assets.config import Settings, now_utc
from football_assets.errors import ConfigError, StorageError
from football_assets.states import Source
from football_assets.warehouse.backups import sealing, servers, snapshot
from football_assets.warehouse.backups.archives import USE_ANOTHER, pack, unpack
from football_assets.warehouse.backups.retention import kept
from football_assets.warehouse.backups.stores import Store, store_of
from football_assets.warehouse.engine import Database, database_of
from football_assets.warehouse.lake import Lake
from football_assets.whole_files import checksum_of

FORM = 1
STAMP = "%Y%m%dT%H%M%S%fZ"
PREFIX, ENDING, LISTED = "football-", ".tar.zst", ".json"
_OF_SERVER = f"{servers.DUMP}:"


@dataclass(frozen=True)
class Backup:
    """One backup as its manifest describes it. `rows` names Parquet files and tables of the databases."""

    file: str
    source: str
    created_at: str
    bytes: int
    sha256: str
    encrypted: bool
    files: int
    content_bytes: int
    rows: dict[str, int]

    @property
    def total_rows(self) -> int:
        """Rows of all tables and files together."""
        return sum(self.rows.values())

    @property
    def made_at(self) -> datetime:
        """When it was made."""
        return datetime.fromisoformat(self.created_at)

    def short(self) -> dict[str, Any]:
        """Its figures, rows as their sum."""
        figures = asdict(self)
        del figures["rows"]
        return {**figures, "total_rows": self.total_rows}


def worlds(settings: Settings) -> list[Source]:
    """The worlds that have something to back up."""
    return [each for each in Source if database_of(settings.folder, each).exists()]


def create_backup(settings: Settings, source: Source) -> Backup:
    """Copy a world, store the copy, fetch it again and verify it by restoring; then retire the old ones.

    Raises StorageError when there is nothing to copy or the copy does not verify, ConfigError when a key is set that
    cannot be used; a failed backup leaves no file.
    """
    database, store = database_of(settings.folder, source), store_of(settings, source)
    if not database.exists():
        raise StorageError(f"backing up {database}", "it does not exist", "Publish something first.")
    if settings.backup.key is not None:
        sealing.require_cipher()
    moment = now_utc()
    with scratch(settings, source) as folder:
        archive, made = _archived(settings, database, folder, moment)
        store.put(archive, made.file)
        archive.unlink()
        try:
            verify(settings, made)
            manifest = folder / "listed.json"
            manifest.write_text(json.dumps(asdict(made), indent=1), encoding="utf-8")
            store.put(manifest, made.file + LISTED)
        except BaseException:
            store.remove(made.file)
            raise
    _retire(settings, store, moment)
    return made


def backups(settings: Settings, source: Source) -> list[Backup]:
    """The backups of a world, oldest first. Raises StorageError when the place cannot be read."""
    store = store_of(settings, source)
    return [_listed(store, name) for name in store.names() if name.startswith(PREFIX) and name.endswith(LISTED)]


def verify(settings: Settings, promised: Backup) -> None:
    """Fetch a backup, restore it into a scratch place and hold it against its manifest. Raises StorageError."""
    source = Source(promised.source)
    with scratch(settings, source) as folder:
        fetch(settings, promised, folder / "restored")
        if (dumped := folder / "restored" / servers.DUMP).exists():
            rows = {
                name.removeprefix(_OF_SERVER): n for name, n in promised.rows.items() if name.startswith(_OF_SERVER)
            }
            database = database_of(settings.folder, source)
            if not database.is_server:
                happened = "it holds the dump of a server, and none is configured"
                raise StorageError(f"verifying {promised.file}", happened, "Set FOOTBALL_DATABASE_URL.")
            servers.verify(database, dumped, rows)


def fetch(settings: Settings, promised: Backup, folder: Path) -> None:
    """Restore the files of a backup below `folder`, checksums and row counts compared. Raises StorageError."""
    doing = f"verifying {promised.file}"
    with scratch(settings, Source(promised.source)) as beside:
        archive = store_of(settings, Source(promised.source)).get(promised.file, beside / promised.file)
        if checksum_of(archive) != promised.sha256:
            raise StorageError(doing, "its checksum differs from the manifest", USE_ANOTHER)
        if promised.encrypted:
            if settings.backup.key is None:
                raise ConfigError("backup.key", value=None, allowed="the key it was made with", origin="settings")
            plain = beside / promised.file.removesuffix(sealing.ENDING)
            sealing.decrypt(archive, plain, settings.backup.key.get_secret_value())
            archive = plain
        folder.mkdir(parents=True, exist_ok=True)
        inside = unpack(archive, folder)
    if (inside["source"], inside["created_at"]) != (promised.source, promised.created_at):
        raise StorageError(doing, "it is another backup than its manifest says", USE_ANOTHER)
    found = snapshot.row_counts(folder) | _of_server(promised)
    if not found == promised.rows == inside["rows"]:
        names = sorted(name for name in {*found, *promised.rows} if found.get(name) != promised.rows.get(name))
        raise StorageError(doing, f"rows differ in {', '.join(names[:5]) or 'its own list'}", USE_ANOTHER)


def pull(settings: Settings, source: Source) -> None:
    """Bring this machine's copy of a lake on an object store up to date; nothing where the lake is files."""
    if (store := Lake(settings.folder, source).store) is not None:
        store.pull()


@contextmanager
def scratch(settings: Settings, source: Source) -> Iterator[Path]:
    """A folder beside the worlds, on the same disk, removed at the end."""
    settings.folder.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f".backup-{source.value}-", dir=settings.folder))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _archived(settings: Settings, database: Database, folder: Path, moment: datetime) -> tuple[Path, Backup]:
    content = folder / "content"
    content.mkdir()
    pull(settings, database.source)
    rows: dict[str, int] = {}
    if database.is_server:
        counted = servers.dump(database, content / servers.DUMP)
        rows = {f"{_OF_SERVER}{name}": count for name, count in counted.items()}
    snapshot.take(database.folder, content)
    rows |= snapshot.row_counts(content)
    archive = folder / "archive"
    about = {"form": FORM, "source": database.source.value, "created_at": moment.isoformat(), "rows": rows}
    listed = pack(content, archive, about)
    shutil.rmtree(content)
    name = f"{PREFIX}{moment.strftime(STAMP)}{ENDING}"
    if settings.backup.key is not None:
        sealing.encrypt(archive, folder / "sealed", settings.backup.key.get_secret_value())
        archive, name = folder / "sealed", name + sealing.ENDING
    made = Backup(
        file=name,
        source=database.source.value,
        created_at=moment.isoformat(),
        bytes=archive.stat().st_size,
        sha256=checksum_of(archive),
        encrypted=settings.backup.key is not None,
        files=len(listed),
        content_bytes=sum(each.bytes for each in listed.values()),
        rows=rows,
    )
    return archive, made


def _of_server(made: Backup) -> dict[str, int]:
    """The rows of the tables in a dump, which only a server can count."""
    return {name: count for name, count in made.rows.items() if name.startswith(_OF_SERVER)}


def _listed(store: Store, name: str) -> Backup:
    try:
        found = Backup(**json.loads(store.text(name)))
    except (ValueError, TypeError) as error:
        to_do = "Remove the file, and the archive of its name."
        raise StorageError(f"reading {name} in {store}", f"it is no manifest ({error})", to_do) from error
    if found.file + LISTED != name:
        happened = f"it names {found.file!r}, which is not its archive"
        raise StorageError(f"reading {name} in {store}", happened, "Remove the file.")
    return found


def _retire(settings: Settings, store: Store, now: datetime) -> None:
    made = {at: name for name in store.names() if (at := _instant(name)) is not None}
    rule = settings.backup
    stay = kept(made, now, days=rule.retention_days, weeks=rule.weekly, months=rule.monthly)
    for at, name in made.items():
        if at not in stay:
            store.remove(name)
            store.remove(name.removesuffix(LISTED))


def _instant(name: str) -> datetime | None:
    """When the backup of a manifest was made; None for any other file."""
    if not (name.startswith(PREFIX) and name.endswith(LISTED)):
        return None
    try:
        return datetime.strptime(f"{name[len(PREFIX) :].partition('.')[0]}+0000", f"{STAMP}%z")
    except ValueError:
        return None
