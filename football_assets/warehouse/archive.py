"""What was published before: every file that a publication was made of, kept once, and which publication had which.

Kept for the pipelines whose tables are left as they are when nothing changed (`versions.is_compared`); the live
pipeline has its change log instead. `<world>/archive/<sha256>.parquet` is the lake's own file under a second name, so
it costs nothing until the lake replaces it. `publication_parts` has the whole list of a publication that changed
something; one that changed nothing has none and is the one before it.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from football_assets.errors import StorageError
from football_assets.warehouse.relations import publication_parts, publications, published_parts
from football_assets.whole_files import checksum_of

parts, news = publication_parts.c, publications.c
NOT_KEPT = "Ask for a later instant, or restore a backup beside this one."


@dataclass(frozen=True)
class Version:
    """A table as it was served from one publication on: season (empty: none) to checksum of its file."""

    publication_id: int
    published_at: datetime
    files: Mapping[str, str]


def archived(folder: Path, checksum: str) -> Path:
    """Where a file of this content lies, in the folder of a world."""
    return folder / "archive" / f"{checksum}.parquet"


def keep_file(folder: Path, file: Path, checksum: str) -> None:
    """Keep a file of the lake under its checksum. Raises StorageError when it is no longer what was published."""
    target = archived(folder, checksum)
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{checksum}.{os.getpid()}.part")
    try:
        beside.unlink(missing_ok=True)
        try:
            os.link(file, beside)
        except OSError:  # another disk, or a file system without links
            beside.write_bytes(file.read_bytes())
        if checksum_of(beside) != checksum:
            happened = "it changed while it was being published"
            raise StorageError(f"archiving {file}", happened, "The previous publication stays served; try again.")
        beside.replace(target)
    except OSError as error:
        to_do = "The previous publication stays served; free or mend the disk."
        raise StorageError(f"archiving {file}", str(error), to_do) from error
    finally:
        beside.unlink(missing_ok=True)


def enter(connection: sa.Connection, number: int, tables: Iterable[str]) -> None:
    """Write down what the tables are made of as of publication `number`, from what is stored now."""
    names = [published_parts.c[name] for name in ("table_name", "season", "rows", "checksum")]
    served = sa.select(sa.literal(number), *names).where(published_parts.c.table_name.in_(list(tables)))
    columns = ["publication_id", "table_name", "season", "rows", "checksum"]
    connection.execute(publication_parts.insert().from_select(columns, served))


def has_entries(connection: sa.Connection, domain: str) -> bool:
    """Whether a publication of the pipeline has been written down yet."""
    query = sa.select(parts.publication_id).join(publications, news.id == parts.publication_id)
    return connection.execute(query.where(news.domain == domain).limit(1)).first() is not None


def prune(connection: sa.Connection, folder: Path, domain: str, oldest: datetime) -> int:
    """Forget what was replaced before `oldest`, and remove the files that nothing refers to; returns their number.

    What was served at `oldest` itself stays.
    """
    numbers = sa.select(sa.distinct(parts.publication_id)).join(publications, news.id == parts.publication_id)
    before = numbers.where(news.domain == domain, news.published_at <= oldest)
    gone = sorted(connection.execute(before).scalars())[:-1]
    if gone:
        connection.execute(publication_parts.delete().where(parts.publication_id.in_(gone)))
    used = {f"{checksum}.parquet" for checksum in connection.execute(sa.select(sa.distinct(parts.checksum))).scalars()}
    stale = [file for file in (folder / "archive").glob("*.parquet") if file.name not in used]
    for file in stale:
        file.unlink(missing_ok=True)
    return len(stale)


def publication_at(connection: sa.Connection, domain: str, instant: datetime) -> int:
    """The publication that was the newest at an instant, of those whose files are kept.

    Raises StorageError naming the first instant that is kept.
    """
    doing = f"reading {domain} as of {instant:%Y-%m-%dT%H:%M:%SZ}"
    if not sa.inspect(connection).has_table("publication_parts"):
        raise StorageError(doing, "nothing is kept from before the next publication", NOT_KEPT)
    kept = sa.select(sa.func.min(news.published_at)).join(publication_parts, news.id == parts.publication_id)
    first = connection.execute(kept.where(news.domain == domain)).scalar()
    if first is None or instant < first:
        since = f"what is kept begins at {first:%Y-%m-%dT%H:%M:%SZ}" if first else "nothing is kept yet"
        raise StorageError(doing, since, NOT_KEPT)
    newest = sa.select(sa.func.max(news.id)).where(news.domain == domain, news.published_at <= instant)
    return int(connection.execute(newest).scalar_one())


def files_of(connection: sa.Connection, domain: str, number: int, names: Iterable[str]) -> dict[str, list[str]]:
    """The checksums of the files of each named table at a publication, seasons ascending; of the kept names only."""
    own = sa.select(sa.func.max(parts.publication_id)).join(publications, news.id == parts.publication_id)
    listed = own.where(news.domain == domain, parts.publication_id <= number).scalar_subquery()
    query = sa.select(parts.table_name, parts.checksum).where(
        parts.publication_id == listed, parts.table_name.in_(list(names))
    )
    found: dict[str, list[str]] = {}
    for name, checksum in connection.execute(query.order_by(parts.table_name, parts.season)):
        found.setdefault(name, []).append(checksum)
    return found


def versions_of(connection: sa.Connection, table: str) -> list[Version]:
    """Every kept version of a table, oldest first; publications that left it as it was are not counted."""
    query = (
        sa.select(parts.publication_id, news.published_at, parts.season, parts.checksum)
        .join(publications, news.id == parts.publication_id)
        .where(parts.table_name == table)
        .order_by(parts.publication_id)
    )
    listed: dict[tuple[int, datetime], dict[str, str]] = {}
    for number, at, season, checksum in connection.execute(query):
        listed.setdefault((number, at), {})[season] = checksum
    found: list[Version] = []
    for (number, at), files in listed.items():
        if not found or found[-1].files != files:
            found.append(Version(number, at, files))
    return found


def read_file(folder: Path, checksum: str, schema: pa.Schema) -> pa.Table:
    """A kept file in the columns of `schema`; a column that it did not have yet is null.

    Raises StorageError when it is gone, damaged, or has a column of another type.
    """
    path = archived(folder, checksum)
    doing = f"reading {path}"
    try:
        if checksum_of(path) != checksum:
            raise StorageError(doing, "its content is not what was published", "Restore the archive from a backup.")
        return pq.read_table(path, schema=schema)
    except (OSError, pa.ArrowInvalid) as error:
        raise StorageError(doing, str(error), "Restore the archive from a backup.") from error


def horizon(now: datetime, keep_days: int) -> datetime:
    """The oldest instant that can be read."""
    return now - timedelta(days=keep_days)
