"""Whole tables in and out of the database, fast: prepared rows for SQLite, COPY for PostgreSQL."""

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pcsv
import sqlalchemy as sa

from football_assets.warehouse.engine import ROW_ORDER

# On SQLite an instant is text that sorts like the instant.
AS_TEXT = "%Y-%m-%dT%H:%M:%SZ"
AS_STORED: dict[Any, Any] = {pa.timestamp("us", tz="UTC"): pa.string(), pa.bool_(): pa.int64()}
MANY_ROWS = 10_000


def load(connection: sa.Connection, relation: sa.Table, data: pa.Table, batch_size: int) -> None:
    """Add the rows of `data` to a table with the same columns, `batch_size` rows at once, in their order."""
    if connection.dialect.name == "postgresql":
        _copy_in(connection, relation, data, batch_size)
        return
    marks = ", ".join("?" * data.num_columns)
    insert = f"INSERT INTO {_quoted(connection, relation)} ({_names(connection, data.schema)}) VALUES ({marks})"  # noqa: S608
    plain = pa.table([_as_text(column) for column in data.columns], names=data.column_names)
    for batch in plain.to_batches(max_chunksize=batch_size):
        if batch.num_rows:
            rows = list(zip(*(column.to_pylist() for column in batch.columns), strict=True))
            connection.exec_driver_sql(insert, rows)


def whole(connection: sa.Connection, relation: sa.Table, schema: pa.Schema) -> pa.Table:
    """Every row of a table, in the order in which they were loaded."""
    if connection.dialect.name == "postgresql":
        return _copy_out(connection, relation, schema)
    select = f"SELECT {_names(connection, schema)} FROM {_quoted(connection, relation)} ORDER BY rowid"  # noqa: S608
    driver: Any = connection.connection.driver_connection
    rows = driver.execute(select).fetchall()
    values = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [
        pa.array(column, AS_STORED.get(field.type, field.type)).cast(field.type)
        for column, field in zip(values, schema, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=schema)


def gather_statistics(connection: sa.Connection, names: Iterable[str]) -> None:
    """Let a server plan by what was just loaded; SQLite plans well without."""
    if connection.dialect.name == "postgresql":
        for name in names:
            connection.execute(sa.text(f"ANALYZE {connection.dialect.identifier_preparer.quote(name)}"))


def _copy_in(connection: sa.Connection, relation: sa.Table, data: pa.Table, batch_size: int) -> None:
    into = f"COPY {_quoted(connection, relation)} ({_names(connection, data.schema)}) FROM STDIN (FORMAT csv)"
    driver: Any = connection.connection.driver_connection
    options = pcsv.WriteOptions(include_header=False, batch_size=batch_size)
    with _refusals(), driver.cursor() as cursor, cursor.copy(into) as copy:
        for batch in data.to_batches(max_chunksize=batch_size):
            sink = io.BytesIO()
            pcsv.write_csv(batch, sink, options)
            copy.write(sink.getvalue())


def _copy_out(connection: sa.Connection, relation: sa.Table, schema: pa.Schema) -> pa.Table:
    select = f"SELECT {_names(connection, schema)} FROM {_quoted(connection, relation)} ORDER BY {ROW_ORDER}"  # noqa: S608
    driver: Any = connection.connection.driver_connection
    found = io.BytesIO()
    with _refusals(), driver.cursor() as cursor, cursor.copy(f"COPY ({select}) TO STDOUT (FORMAT csv)") as copy:
        for block in copy:
            found.write(block)
    if not found.tell():
        return schema.empty_table()
    found.seek(0)
    # Unknown is an empty field, and an empty text a quoted one.
    convert = pcsv.ConvertOptions(
        column_types=schema,
        null_values=[""],
        strings_can_be_null=True,
        quoted_strings_can_be_null=False,
        true_values=["t"],
        false_values=["f"],
    )
    reading = pcsv.ReadOptions(column_names=schema.names)
    data = pcsv.read_csv(found, reading, pcsv.ParseOptions(newlines_in_values=True), convert)
    return data.select(schema.names).cast(schema)


@contextmanager
def _refusals() -> Iterator[None]:
    """What the driver refuses while rows are copied, as the same error that SQLAlchemy makes of other statements."""
    import psycopg

    try:
        yield
    except psycopg.Error as error:
        wrapped = sa.exc.OperationalError if isinstance(error, psycopg.OperationalError) else sa.exc.DBAPIError
        raise wrapped("COPY", None, error) from error


def _as_text(column: Any) -> Any:
    return pc.strftime(column, AS_TEXT) if pa.types.is_timestamp(column.type) else column


def _quoted(connection: sa.Connection, relation: sa.Table) -> str:
    return connection.dialect.identifier_preparer.format_table(relation)


def _names(connection: sa.Connection, schema: pa.Schema) -> str:
    return ", ".join(connection.dialect.identifier_preparer.quote(name) for name in schema.names)
