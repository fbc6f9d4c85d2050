"""Tables as JSON: the typed row of a declaration for the documentation, and the rows of a frame as bytes."""

from datetime import datetime
from functools import cache
from typing import Any

import orjson
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, create_model

from football_assets.tables import Table, columns, instants_as_text, plain_rows

_TYPES: dict[str, type] = {
    "Int64": int,
    "float64": float,
    "str": str,
    "boolean": bool,
    "datetime64[us, UTC]": datetime,
}


class Row(BaseModel):
    """One row of a published table."""

    model_config = ConfigDict(extra="forbid")


@cache
def row_model(table: type[Table], *, name: str | None = None, only: tuple[str, ...] | None = None) -> type[Row]:
    """The documented shape of a table's rows, from its declaration.

    Args:
        table: The declaration.
        name: The schema's name; the table's own when None.
        only: The columns served, in this order; all when None.
    """
    declared = {c.name: c for c in columns(table)}
    fields: dict[str, Any] = {}
    for each in only or tuple(declared):
        c = declared[each]
        kind = _TYPES[c.type]
        words = f"{c.description} ({c.unit})" if c.unit else c.description
        fields[each] = (kind | None, Field(description=words)) if c.nullable else (kind, Field(description=words))
    return create_model(name or table.__name__, __base__=Row, __doc__=table.__doc__, **fields)


def records(frame: pd.DataFrame, only: tuple[str, ...] | None = None) -> list[dict[str, Any]]:
    """The rows as plain Python values: instants as ISO 8601 text ending in Z, unknown as None."""
    return plain_rows(instants_as_text(frame if only is None else frame[list(only)]))


def as_text(instant: datetime) -> str:
    """An instant as rows have it: all of one length, so that their order is that of time."""
    return f"{instant:%Y-%m-%dT%H:%M:%S.%f}Z"


def to_bytes(value: Any) -> bytes:
    """JSON, UTF-8; instants as ISO 8601 UTC. NaN and infinity become null."""
    return orjson.dumps(value, option=orjson.OPT_UTC_Z | orjson.OPT_NAIVE_UTC | orjson.OPT_SERIALIZE_NUMPY)
