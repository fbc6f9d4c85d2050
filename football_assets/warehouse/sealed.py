"""Tables to which rows are only ever added: a publication may neither lose nor change what the database holds."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import sqlalchemy as sa

from football_assets.errors import StorageError
from football_assets.tables import Table


def stored_rows(connection: sa.Connection, relation: sa.Table, table: type[Table], file: Path) -> int:
    """How many rows of a sealed table the database holds; `file` has to begin with them, seal by seal.

    Raises StorageError naming the first row that the file lacks or has otherwise; nothing is then published.
    """
    if not sa.inspect(connection).has_table(relation.name):
        return 0
    names = [*table.about().key, str(table.about().sealed_by)]
    columns = [relation.c[name] for name in names]
    rows = connection.execute(sa.select(*columns).order_by(*columns[:-1])).all()
    offered = _offered(file, names)
    for number, row in enumerate(rows):
        if number >= len(offered) or tuple(row) != offered[number]:
            named = ", ".join(f"{name} {value}" for name, value in zip(names[:-1], row, strict=False))
            raise StorageError(
                f"publishing {relation.name}",
                f"{file} lacks or changes the published row of {named}",
                "The published rows stay; remove the file to begin from them, or put that of a backup back.",
            )
    return len(rows)


def _offered(file: Path, names: list[str]) -> list[tuple[object, ...]]:
    data: pa.Table = pq.read_table(file, columns=names)
    return list(zip(*(data[name].to_pylist() for name in names), strict=True)) if len(data) else []
