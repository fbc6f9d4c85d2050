"""What a stored table is made of: a checksum of its content, and the inputs and code that it was computed from.

The content is every declared column but `fetched_at`, whatever the order of the rows: reading the same again is no
change. A table's file carries its checksum. A computed table has a note beside it (`.made/<table>.json`) with the
versions of its inputs and of the code; while they are the same, computing it again would give the same.
"""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

import football_assets
from football_assets.tables import Table, to_arrow
from football_assets.warehouse.lake import Lake
from football_assets.whole_files import write_whole

# The live pipeline's rows say when they were read, and an unchanged one is news there: only these are compared.
COMPARED = frozenset({"ncaa"})
READING = "fetched_at"
CONTENT = b"football_content"
LIBRARIES = ("numpy", "pandas", "pyarrow", "scikit-learn")


def is_compared(table: type[Table]) -> bool:
    """Whether a table is left as it is when its content has not changed."""
    return table.about().domain in COMPARED


def content_version(table: type[Table], frame: pd.DataFrame) -> str:
    """The checksum of a frame's content. Raises DataError when the frame does not fit its table."""
    return _checksum(table, to_arrow(table, frame))


def stored_version(lake: Lake, table: type[Table], season: str | None = None) -> str | None:
    """The checksum of a stored table, or of one season of it; None when it is not there."""
    if not lake.exists(table, season):
        return None
    return _written(lake, table, season) or content_version(table, lake.read(table, season))


def _written(lake: Lake, table: type[Table], season: str | None) -> str | None:
    """The checksum that the file carries; None without one, or when it cannot be read."""
    try:
        known = (pq.read_schema(lake.path(table, season)).metadata or {}).get(CONTENT)
    except (OSError, pa.ArrowInvalid):
        return None
    return known.decode() if known else None


def whole_version(lake: Lake, table: type[Table]) -> str | None:
    """The version of a whole table, all its seasons together; None when it is not there."""
    if not table.about().by_season:
        return stored_version(lake, table)
    return _digest({season: stored_version(lake, table, season) for season in lake.seasons(table)})


def write_if_changed(lake: Lake, table: type[Table], frame: pd.DataFrame, season: str | None = None) -> bool:
    """Write a table whole, unless what is stored holds the same; tells whether it was written."""
    data = to_arrow(table, frame)
    found = _checksum(table, data)
    if _written(lake, table, season) == found:
        return False
    lake.write_arrow(data.replace_schema_metadata({CONTENT: found.encode()}), table, season)
    return True


@dataclass(frozen=True)
class Making:
    """How a table came about: versions of inputs and code, of its content, and what was said about it."""

    made_of: dict[str, str | None]
    content: str
    about: str
    checks: str


def recipe(lake: Lake, domain: str, inputs: Iterable[type[Table]]) -> dict[str, str | None]:
    """The versions that decide what comes out: of each input as stored now, and of the code."""
    return {table.sql_name(): whole_version(lake, table) for table in inputs} | {"code": code_version(domain)}


def remembered(lake: Lake, table: type[Table], made_of: dict[str, str | None]) -> Making | None:
    """How the stored table came about, if from exactly this; None when it has to be computed."""
    try:
        making = Making(**json.loads(_note(lake, table).read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    same = making.made_of == made_of and stored_version(lake, table) == making.content
    return making if same else None


def remember(lake: Lake, table: type[Table], making: Making) -> None:
    """Keep how a table came about; it holds only while the stored content is the same."""
    write_whole(_note(lake, table), json.dumps(asdict(making)), durable=False)


@cache
def code_version(domain: str) -> str:
    """The checksum of a pipeline's sources and of the libraries that calculate."""
    package = Path(football_assets.__file__).parent
    sources = sorted([package / "tables.py", *(package / domain).rglob("*.py")])
    files = {str(path.relative_to(package)): hashlib.sha256(path.read_bytes()).hexdigest() for path in sources}
    return _digest(files | {name: version(name) for name in LIBRARIES})


def _note(lake: Lake, table: type[Table]) -> Path:
    return lake.root / table.about().domain / ".made" / f"{table.table_name()}.json"


def _digest(about: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(about, sort_keys=True).encode()).hexdigest()


def _checksum(table: type[Table], data: pa.Table) -> str:
    """Of the bytes of a plain Parquet file, which holds nothing but the values that are not null."""
    content = data.drop_columns([READING]) if READING in data.column_names else data
    content = content.sort_by([(name, "ascending") for name in table.about().key if name != READING])
    sink = pa.BufferOutputStream()
    pq.write_table(content.combine_chunks(), sink, compression="none", use_dictionary=False, write_statistics=False)
    return hashlib.sha256(sink.getvalue()).hexdigest()
