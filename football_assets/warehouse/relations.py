"""SQL tables derived from the declarations, the catalogue of publications, and the database engine.

The database of a world is one SQLite file in WAL mode: readers are never blocked by a publication and see the
last whole one.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import sqlalchemy as sa
from sqlalchemy.engine import Dialect

from football_assets.states import Source
from football_assets.tables import Column, Table, columns

DATABASE = "warehouse.sqlite"
# What rows are looked up by beside their key: every table that has the columns has the index.
INDEXED = (("season", "week"), ("game_id",), ("player_id",), ("team_id",))


class UtcInstant(sa.types.TypeDecorator[datetime]):
    """An aware UTC datetime: `timestamptz` on PostgreSQL, ISO 8601 text ending in Z on SQLite."""

    impl = sa.String(27)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> sa.types.TypeEngine[Any]:
        """The column type of the database in use."""
        if dialect.name == "sqlite":
            return dialect.type_descriptor(sa.String(27))
        return dialect.type_descriptor(sa.DateTime(timezone=True))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | datetime | None:
        """Towards the database."""
        if value is None or dialect.name != "sqlite":
            return value
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None or isinstance(value, datetime):
            return value
        return datetime.fromisoformat(value)


_SQL: dict[str, type[sa.types.TypeEngine[Any]]] = {
    "Int64": sa.BigInteger,
    "float64": sa.Double,
    "str": sa.Text,
    "boolean": sa.Boolean,
    "datetime64[us, UTC]": UtcInstant,
}
ARROW: dict[str, pa.DataType] = {
    "Int64": pa.int64(),
    "float64": pa.float64(),
    "str": pa.string(),
    "boolean": pa.bool_(),
    "datetime64[us, UTC]": pa.timestamp("us", tz="UTC"),
}

catalogue = sa.MetaData()

publications = sa.Table(
    "publications",
    catalogue,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("published_at", UtcInstant, nullable=False),
    sa.Column("as_of", UtcInstant, nullable=True, comment="Newest provider clock among the rows"),
    sa.Column("run_id", sa.Text, nullable=True),
    sa.Index("ix_publications_domain", "domain", "id"),
)

published_parts = sa.Table(
    "published_parts",
    catalogue,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("season", sa.Text, primary_key=True, comment="Empty for a table not kept by season"),
    sa.Column("domain", sa.Text, nullable=False),
    sa.Column("publication_id", sa.Integer, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False, comment="SHA-256 of the lake's file"),
    sa.Column("columns_json", sa.Text, nullable=False, comment="Names and types of the columns"),
)

publication_parts = sa.Table(
    "publication_parts",
    catalogue,
    sa.Column("publication_id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("season", sa.Text, primary_key=True, comment="Empty for a table not kept by season"),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("checksum", sa.Text, nullable=False, comment="SHA-256 of the file, which is its name in the archive"),
)

rolled_back_parts = sa.Table(
    "rolled_back_parts",
    catalogue,
    sa.Column("table_name", sa.Text, primary_key=True),
    sa.Column("season", sa.Text, primary_key=True, comment="Empty for a table not kept by season"),
    sa.Column("refused_checksum", sa.Text, nullable=False, comment="The lake's file that is not to be published"),
)


def sql_table(table: type[Table], metadata: sa.MetaData) -> sa.Table:
    """The SQL table of a declaration; key columns are its primary key, and what rows are looked up by is indexed."""
    about = table.about()
    built = [
        sa.Column(c.name, _SQL[c.type], primary_key=c.name in about.key, nullable=c.nullable, comment=c.description)
        for c in columns(table)
    ]
    name, names = table.sql_name(), {c.name for c in columns(table)}
    extra = [sa.Index(f"ix_{name}_season", "season")] if about.by_season else []
    extra += [
        sa.Index(f"ix_{name}_{'_'.join(indexed)}", *indexed)
        for indexed in INDEXED
        if names.issuperset(indexed) and about.key[: len(indexed)] != indexed
    ]
    return sa.Table(name, metadata, *built, *extra)


def columns_json(table: type[Table]) -> str:
    """Names and types of a table's columns, as the catalogue keeps them."""
    return json.dumps([{"name": c.name, "type": c.type} for c in columns(table)])


def stored_table(name: str, described: str, metadata: sa.MetaData) -> tuple[sa.Table, pa.Schema]:
    """The SQL table and Arrow schema that a catalogue entry describes."""
    fields = json.loads(described)
    built = [sa.Column(f["name"], _SQL[f["type"]]) for f in fields]
    return sa.Table(name, metadata, *built), pa.schema([(f["name"], ARROW[f["type"]]) for f in fields])


def database_path(home: Path, source: Source) -> Path:
    """Where the database of a world lies."""
    return home / source.value / DATABASE


def open_engine(path: Path, *, read_only: bool = False) -> sa.Engine:
    """An engine on a SQLite file with the pragmas that let one writer and many readers work side by side."""
    mode = "ro" if read_only else "rwc"
    engine = sa.create_engine(
        f"sqlite:///file:{path}?mode={mode}&uri=true", connect_args={"check_same_thread": False}, poolclass=sa.NullPool
    )

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # transactions are begun below, so that DDL takes part in them
        cursor = connection.cursor()
        # The other pipeline may just be loading all its seasons.
        pragmas = ["busy_timeout=30000", "foreign_keys=ON"]
        if not read_only:
            pragmas += ["journal_mode=WAL", "synchronous=NORMAL"]
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _begin(connection: sa.Connection) -> None:
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def declared_differs(found: Iterable[Column], described: str) -> bool:
    """Whether a declaration has other columns than the catalogue says are stored."""
    stored: list[dict[str, str]] = json.loads(described)
    return [{"name": c.name, "type": c.type} for c in found] != stored
