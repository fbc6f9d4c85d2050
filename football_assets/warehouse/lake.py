"""The lake: each table one Parquet file, or one a season, under the world it belongs to.

`<home>/<source>/lake/<domain>/<table>.parquet` or `.../<table>/<season>.parquet`. Files are written whole (a
temporary file, then a rename), so a reader meets the old table or the new one, never half of one. With
`FOOTBALL_LAKE_URL` the files of the configured home lie on an object store and these are this machine's copy of them.
"""

from functools import cached_property
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.config import load_settings
from football_assets.errors import StorageError
from football_assets.states import Source
from football_assets.tables import Table, arrow_schema, from_arrow, to_arrow
from football_assets.warehouse.lake_store import LakeStore
from football_assets.whole_files import whole


class Lake:
    """The files of one world."""

    def __init__(self, home: Path, source: Source) -> None:
        self.source = source
        self.home = home
        self.world = home / source.value
        self.root = self.world / "lake"

    @cached_property
    def store(self) -> LakeStore | None:
        """The object store; None when there is none, and for a home that is not the running one, as in a restore."""
        settings = load_settings()
        is_running = settings.lake_url is not None and self.home == settings.folder
        return LakeStore(settings.lake_url or "", self.world) if is_running else None

    def path(self, table: type[Table], season: str | None = None) -> Path:
        """Where a table, or one season of it, lies, brought up to date for reading. Raises StorageError."""
        path = self._place(table, season)
        if self.store is not None:
            self.store.fetch(path)
        return path

    def file(self, name: str, *, changes: bool = False) -> Path:
        """Another file of the world that all workers need, such as a model; fetched when it is not here yet.

        One that `changes` is brought up to date. Raises StorageError.
        """
        path = self.world / name
        if self.store is not None and (changes or not path.exists()):
            self.store.fetch(path)
        return path

    def share(self, name: str, *, kind: str | None = None, kept: int = 1) -> None:
        """Give a file that was written below `world` to all workers; of those that begin with `kind` the newest stay.

        Raises StorageError.
        """
        if self.store is None:
            return
        self.store.put(self.world / name, self.world / name)
        if kind is None:
            return
        alike = [(at, each) for each, at in self.store.all().items() if each.startswith(kind)]
        for _, old in sorted(alike)[:-kept]:
            self.store.remove(self.world / old)

    def _place(self, table: type[Table], season: str | None) -> Path:
        folder = self.root / table.about().domain
        if table.about().by_season:
            return folder / table.table_name() / f"{season}.parquet"
        return folder / f"{table.table_name()}.parquet"

    def seasons(self, table: type[Table]) -> list[str]:
        """The seasons present, ascending; empty for a table not kept by season."""
        folder = self.root / table.about().domain / table.table_name()
        if self.store is not None:
            return self.store.names(folder, ".parquet")
        return sorted(p.stem for p in folder.glob("*.parquet"))

    def exists(self, table: type[Table], season: str | None = None) -> bool:
        """Whether the table, or one season of it, has been written."""
        return self.path(table, season).exists()

    def write(self, table: type[Table], frame: pd.DataFrame, season: str | None = None) -> Path:
        """Write a table whole; returns the path. Raises DataError when it does not fit, StorageError when it cannot."""
        return self.write_arrow(to_arrow(table, frame), table, season)

    def write_arrow(self, data: pa.Table, table: type[Table], season: str | None = None) -> Path:
        """The same for a table that has its declared columns already, metadata of the schema included."""
        return write_parquet(data, self._place(table, season), self.store)

    def read(self, table: type[Table], season: str | None = None) -> pd.DataFrame:
        """Read a table; all its seasons one after another when it is kept by season and none is named."""
        if table.about().by_season and season is None:
            parts = [_read(table, self.path(table, each)) for each in self.seasons(table)]
            return from_arrow(pa.concat_tables(parts) if parts else arrow_schema(table).empty_table())
        return from_arrow(self.read_arrow(table, season))

    def read_arrow(self, table: type[Table], season: str | None = None) -> pa.Table:
        """The file of a table, or of one season of it, in its declared columns."""
        return _read(table, self.path(table, season))


def write_parquet(data: pa.Table, path: Path, store: LakeStore | None = None) -> Path:
    """Write a Parquet file whole, into the store first where there is one. Raises StorageError."""
    try:
        with whole(path) as beside:
            pq.write_table(data, beside, compression="zstd")
            if store is not None:
                store.put(beside, path)
    except OSError as error:
        to_do = "The previous file is kept; free or mend the disk."
        raise StorageError(f"writing {path}", str(error), to_do) from error
    return path


def _read(table: type[Table], path: Path) -> pa.Table:
    if not path.exists():
        raise StorageError(f"reading {table.sql_name()}", f"{path} does not exist", "Materialize the table first.")
    try:
        return pq.read_table(path, schema=arrow_schema(table))
    except (OSError, pa.ArrowInvalid) as error:
        raise StorageError(f"reading {path}", str(error), "Materialize the table again.") from error
