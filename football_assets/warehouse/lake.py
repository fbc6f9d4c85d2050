"""The lake: each table one Parquet file, or one a season, under the world it belongs to.

`<home>/<source>/lake/<domain>/<table>.parquet` or `.../<table>/<season>.parquet`. Files are written whole (a
temporary file, then a rename), so a reader meets the old table or the new one, never half of one.
"""

import os
import tempfile
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import Table, arrow_schema, from_arrow, to_arrow


class Lake:
    """The files of one world."""

    def __init__(self, home: Path, source: Source) -> None:
        self.source = source
        self.root = home / source.value / "lake"

    def path(self, table: type[Table], season: str | None = None) -> Path:
        """Where a table, or one season of it, lies."""
        folder = self.root / table.about().domain
        if table.about().by_season:
            return folder / table.table_name() / f"{season}.parquet"
        return folder / f"{table.table_name()}.parquet"

    def seasons(self, table: type[Table]) -> list[str]:
        """The seasons present, ascending; empty for a table not kept by season."""
        return sorted(p.stem for p in (self.root / table.about().domain / table.table_name()).glob("*.parquet"))

    def exists(self, table: type[Table], season: str | None = None) -> bool:
        """Whether the table, or one season of it, has been written."""
        return self.path(table, season).exists()

    def write(self, table: type[Table], frame: pd.DataFrame, season: str | None = None) -> Path:
        """Write a table whole; returns the path. Raises DataError when it does not fit, StorageError when it cannot."""
        return write_parquet(to_arrow(table, frame), self.path(table, season))

    def write_arrow(self, data: pa.Table, table: type[Table], season: str | None = None) -> Path:
        """The same for a table that has its declared columns already, metadata of the schema included."""
        return write_parquet(data, self.path(table, season))

    def read(self, table: type[Table], season: str | None = None) -> pd.DataFrame:
        """Read a table; all its seasons one after another when it is kept by season and none is named."""
        if table.about().by_season and season is None:
            parts = [_read(table, self.path(table, each)) for each in self.seasons(table)]
            return from_arrow(pa.concat_tables(parts) if parts else arrow_schema(table).empty_table())
        return from_arrow(self.read_arrow(table, season))

    def read_arrow(self, table: type[Table], season: str | None = None) -> pa.Table:
        """The file of a table, or of one season of it, in its declared columns."""
        return _read(table, self.path(table, season))


def write_parquet(data: pa.Table, path: Path) -> Path:
    """Write a file whole: into a temporary file beside it, flushed, then renamed over it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            pq.write_table(data, file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        raise StorageError(
            f"writing {path}", str(error), "The previous file is kept; free or mend the disk."
        ) from error
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return path


def _read(table: type[Table], path: Path) -> pa.Table:
    if not path.exists():
        raise StorageError(f"reading {table.sql_name()}", f"{path} does not exist", "Materialize the table first.")
    try:
        return pq.read_table(path, schema=arrow_schema(table))
    except (OSError, pa.ArrowInvalid) as error:
        raise StorageError(f"reading {path}", str(error), "Materialize the table again.") from error
