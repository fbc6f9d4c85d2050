"""Backups of the database: a consistent copy while writers work, compressed, checksummed, restored once to verify."""

import hashlib
import json
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa

from football_assets.config import now_utc
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.warehouse.relations import database_path

STAMP = "%Y%m%dT%H%M%S%fZ"


@dataclass(frozen=True)
class Backup:
    """One backup as its manifest describes it."""

    file: str
    source: str
    created_at: str
    bytes: int
    sha256: str
    rows: dict[str, int]

    @property
    def total_rows(self) -> int:
        """Rows of all tables together."""
        return sum(self.rows.values())


def folder_of(home: Path, source: Source) -> Path:
    """Where the backups of a world lie."""
    return home / source.value / "backups"


def create_backup(home: Path, source: Source, *, keep_days: int) -> Backup:
    """Copy the database of a world, verify the copy by restoring it, then remove backups older than `keep_days`.

    Raises StorageError when there is nothing to copy or the copy does not verify; a failed backup leaves no file.
    """
    database = database_path(home, source)
    if not database.exists():
        raise StorageError(f"backing up {database}", "it does not exist", "Publish something first.")
    folder = folder_of(home, source)
    folder.mkdir(parents=True, exist_ok=True)
    moment = now_utc()
    target = folder / f"warehouse-{moment.strftime(STAMP)}.sqlite.zst"
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        copy = Path(scratch) / "copy.sqlite"
        _copy(database, copy)
        counts = _row_counts(copy)
        packed = Path(scratch) / target.name
        _pack(copy, packed)
        digest = _digest(packed)
        made = Backup(target.name, source.value, moment.isoformat(), packed.stat().st_size, digest, counts)
        verify(packed, made)
        manifest = Path(scratch) / "manifest.json"
        manifest.write_text(json.dumps(asdict(made), indent=2), encoding="utf-8")
        packed.replace(target)
        manifest.replace(_manifest(target))
    _retire(folder, moment - timedelta(days=keep_days))
    return made


def backups(home: Path, source: Source) -> list[Backup]:
    """The backups of a world, oldest first."""
    found = sorted(folder_of(home, source).glob("warehouse-*.sqlite.zst.json"))
    return [Backup(**json.loads(path.read_text(encoding="utf-8"))) for path in found]


def verify(packed: Path, promised: Backup) -> None:
    """Restore a backup into a scratch place and hold it against its manifest. Raises StorageError when it differs."""
    doing = f"verifying {packed.name}"
    if _digest(packed) != promised.sha256:
        raise StorageError(doing, "its checksum differs from the manifest", "Do not restore it; use another backup.")
    with tempfile.TemporaryDirectory(dir=packed.parent) as scratch:
        restored = Path(scratch) / "restored.sqlite"
        unpack(packed, restored)
        with closing(sqlite3.connect(restored)) as connection:
            health = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if health != "ok":
            raise StorageError(doing, f"the restored database is damaged ({health})", "Use another backup.")
        counts = _row_counts(restored)
        if counts != promised.rows:
            raise StorageError(doing, f"rows differ: {counts} against {promised.rows}", "Use another backup.")


def unpack(packed: Path, target: Path) -> None:
    """Decompress a backup into `target`. Raises StorageError when the archive is cut short or damaged."""
    try:
        with pa.input_stream(str(packed), compression="zstd") as source, target.open("wb") as file:
            while block := source.read(1 << 20):
                file.write(block)
    except OSError as error:
        raise StorageError(f"unpacking {packed.name}", str(error), "Use another backup.") from error


def _copy(database: Path, copy: Path) -> None:
    with (
        closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as source,
        closing(sqlite3.connect(copy)) as target,
    ):
        source.backup(target)
        target.execute("PRAGMA journal_mode=DELETE")


def _pack(copy: Path, packed: Path) -> None:
    with copy.open("rb") as source, pa.output_stream(str(packed), compression="zstd") as target:
        while block := source.read(1 << 20):
            target.write(block)


def _row_counts(database: Path) -> dict[str, int]:
    with closing(sqlite3.connect(database)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type='table' AND name NOT LIKE 'sqlite_%'")
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608 names of the file itself
            for (name,) in sorted(names.fetchall())
        }


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _manifest(target: Path) -> Path:
    return target.with_name(target.name + ".json")


def _retire(folder: Path, oldest: datetime) -> None:
    for path in folder.glob("warehouse-*.sqlite.zst.json"):
        created_at = datetime.fromisoformat(json.loads(path.read_text(encoding="utf-8"))["created_at"])
        if created_at < oldest:
            path.with_suffix("").unlink(missing_ok=True)
            path.unlink()
