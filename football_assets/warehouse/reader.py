"""Reading what is published: the only way in for commands, pages and notebooks."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from football_assets.config import Settings
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import from_arrow
from football_assets.warehouse import archive, bulk
from football_assets.warehouse.engine import Database, database_of
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.relations import publications, published_parts, rolled_back_parts, stored_table

PAST_TABLES = 12
HOW_TO_PUBLISH = "Run `make run`, `football live once` or `football ncaa run` first."


@dataclass(frozen=True)
class PublishedTable:
    """One table readers can have."""

    name: str
    rows: int
    source: Source
    published_at: datetime


class Warehouse:
    """The published tables of one world, read-only."""

    def __init__(self, database: Database | Path, source: Source) -> None:
        self.source = source
        self._database = Database(database, source) if isinstance(database, Path) else database
        if not self._database.exists():
            happened = f"nothing is published in the {source.value} world"
            raise StorageError(f"opening {self._database}", happened, HOW_TO_PUBLISH)

    def tables(self) -> list[PublishedTable]:
        """Every published table by name, with its rows and when it was last replaced."""
        parts, news = published_parts.c, publications.c
        query = (
            sa.select(parts.table_name, sa.func.sum(parts.rows), sa.func.max(news.published_at))
            .join_from(published_parts, publications, parts.publication_id == news.id)
            .group_by(parts.table_name)
            .order_by(parts.table_name)
        )
        with self._database.reading() as connection:
            return [PublishedTable(name, int(rows), self.source, at) for name, rows, at in connection.execute(query)]

    def read(self, name: str) -> pd.DataFrame:
        """A published table whole, with its declared types. Raises StorageError naming the tables there are."""
        with self._database.reading() as connection:
            return self._read(connection, name)

    def snapshot(
        self, domain: str, names: Sequence[str], known: Mapping[str, str]
    ) -> tuple[Publication | None, dict[str, str], dict[str, pd.DataFrame]]:
        """The newest publication, a checksum a table, and the named tables: all of one instant.

        Args:
            domain: The pipeline.
            names: The tables wanted; one that is not published is left out.
            known: Checksums of the tables the caller has; a table that still has its checksum is not read again.
        """
        with self._database.reading() as connection:
            publication = self._publication(connection, domain)
            parts = published_parts.c
            query = sa.select(parts.table_name, parts.checksum).where(parts.domain == domain)
            joined: dict[str, list[str]] = {}
            for name, checksum in connection.execute(query.order_by(parts.table_name, parts.season)):
                joined.setdefault(name, []).append(checksum)
            checksums = {name: hashlib.sha256("".join(each).encode()).hexdigest() for name, each in joined.items()}
            wanted = [name for name in names if name in checksums and known.get(name) != checksums[name]]
            return publication, checksums, {name: self._read(connection, name) for name in wanted}

    def _read(self, connection: sa.Connection, name: str) -> pd.DataFrame:
        query = sa.select(published_parts.c.columns_json).where(published_parts.c.table_name == name).limit(1)
        described = connection.execute(query).scalar()
        if described is None:
            there = ", ".join(connection.execute(sa.select(published_parts.c.table_name).distinct()).scalars())
            happened = f"no such table is published in the {self.source.value} world"
            raise StorageError(f"reading {name}", happened, f"There are: {there or 'none'}.")
        relation, schema = stored_table(name, described, sa.MetaData())
        return from_arrow(bulk.whole(connection, relation, schema))

    def read_as_of(
        self, domain: str, names: Sequence[str], instant: datetime
    ) -> tuple[Publication, dict[str, pd.DataFrame]]:
        """The publication that was the newest at a past instant, and the named tables as they were served then.

        A table that was not published yet is left out. The frames are shared, and not to be changed. Raises
        StorageError naming the first instant that is kept; of the live pipeline nothing is kept here.
        """
        with self._database.reading() as connection:
            number = archive.publication_at(connection, domain, instant)
            row = connection.execute(sa.select(publications).where(publications.c.id == number)).one()
            files = archive.files_of(connection, domain, number, names)
            query = sa.select(published_parts.c.table_name, published_parts.c.columns_json)
            described = {name: text for name, text in connection.execute(query) if name in files}
        folder = self._database.folder
        served = {name: tuple(files[name]) for name in files if name in described}
        frames = {name: _past(folder, name, each, described[name]) for name, each in served.items()}
        return Publication(row.id, row.domain, Source(row.source), row.published_at, row.as_of), frames

    def rolled_back(self) -> frozenset[str]:
        """The tables of which an earlier version is served than the last one that was loaded."""
        with self._database.reading() as connection:
            if not sa.inspect(connection).has_table(rolled_back_parts.name):
                return frozenset()
            return frozenset(connection.execute(sa.select(rolled_back_parts.c.table_name).distinct()).scalars())

    def publication(self, domain: str) -> Publication | None:
        """The newest publication of a pipeline; None before the first."""
        with self._database.reading() as connection:
            return self._publication(connection, domain)

    def published(
        self, domain: str, names: Sequence[str], doing: str, *, beside: Sequence[str] = ()
    ) -> tuple[Publication, dict[str, pd.DataFrame]]:
        """The newest publication of a pipeline and tables of it, all of one instant; `doing` is what needs them.

        Those of `beside` are left out where they are not published yet. Raises StorageError when a table of `names` is
        not, as before the first publication.
        """
        publication, _, tables = self.snapshot(domain, (*names, *beside), {})
        lacking = [name for name in names if name not in tables]
        if publication is None or lacking:
            what = "college football" if domain == "ncaa" else domain
            what = f"no {what}" if publication is None else f"no table {' and no table '.join(lacking)}"
            raise StorageError(doing, f"{what} is published in the {self.source.value} world", HOW_TO_PUBLISH)
        return publication, tables

    def _publication(self, connection: sa.Connection, domain: str) -> Publication | None:
        query = (
            sa.select(publications).where(publications.c.domain == domain).order_by(publications.c.id.desc()).limit(1)
        )
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Publication(row.id, row.domain, Source(row.source), row.published_at, row.as_of)


@lru_cache(maxsize=PAST_TABLES)
def _past(folder: Path, name: str, checksums: tuple[str, ...], described: str) -> pd.DataFrame:
    """A table of the past out of its files, which never change."""
    schema = stored_table(name, described, sa.MetaData())[1]
    return from_arrow(pa.concat_tables([archive.read_file(folder, checksum, schema) for checksum in checksums]))


def open_warehouse(settings: Settings, source: Source | None) -> Warehouse:
    """The database of a world. Raises StorageError when nothing was ever published there."""
    if source is None:
        raise StorageError("opening the warehouse", "nothing is published yet", HOW_TO_PUBLISH)
    return Warehouse(database_of(settings.folder, source), source)
