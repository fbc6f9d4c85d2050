"""Reading what is published: the only way in for commands, pages and notebooks."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import sqlalchemy as sa

from football_assets.config import Settings
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import from_arrow
from football_assets.warehouse.publication import Publication
from football_assets.warehouse.relations import (
    database_path,
    open_engine,
    publications,
    published_parts,
    stored_table,
)

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

    def __init__(self, path: Path, source: Source) -> None:
        if not path.exists():
            happened = f"nothing is published in the {source.value} world"
            raise StorageError(f"opening {path}", happened, HOW_TO_PUBLISH)
        self.source = source
        self._path = path
        self._engine = open_engine(path, read_only=True)

    def tables(self) -> list[PublishedTable]:
        """Every published table by name, with its rows and when it was last replaced."""
        parts, news = published_parts.c, publications.c
        query = (
            sa.select(parts.table_name, sa.func.sum(parts.rows), sa.func.max(news.published_at))
            .join_from(published_parts, publications, parts.publication_id == news.id)
            .group_by(parts.table_name)
            .order_by(parts.table_name)
        )
        with self._engine.begin() as connection:
            return [PublishedTable(name, int(rows), self.source, at) for name, rows, at in connection.execute(query)]

    def read(self, name: str) -> pd.DataFrame:
        """A published table whole, with its declared types. Raises StorageError naming the tables there are."""
        with self._engine.begin() as connection:
            query = sa.select(published_parts.c.columns_json).where(published_parts.c.table_name == name).limit(1)
            described = connection.execute(query).scalar()
            if described is None:
                there = ", ".join(connection.execute(sa.select(published_parts.c.table_name).distinct()).scalars())
                happened = f"no such table is published in the {self.source.value} world"
                raise StorageError(f"reading {name}", happened, f"There are: {there or 'none'}.")
            relation, schema = stored_table(name, described, sa.MetaData())
            rows = connection.execute(sa.select(relation)).all()
        values = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
        arrays = [pa.array(column, field.type) for column, field in zip(values, schema, strict=True)]
        return from_arrow(pa.Table.from_arrays(arrays, schema=schema))

    def publication(self, domain: str) -> Publication | None:
        """The newest publication of a pipeline; None before the first."""
        query = (
            sa.select(publications).where(publications.c.domain == domain).order_by(publications.c.id.desc()).limit(1)
        )
        with self._engine.begin() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Publication(row.id, row.domain, Source(row.source), row.published_at, row.as_of)


def open_warehouse(settings: Settings, source: Source | None) -> Warehouse:
    """The database of a world. Raises StorageError when nothing was ever published there."""
    if source is None:
        raise StorageError("opening the warehouse", "nothing is published yet", HOW_TO_PUBLISH)
    return Warehouse(database_path(settings.folder, source), source)
