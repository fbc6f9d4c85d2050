"""Pages of a list: the rows after a cursor, which names the last row seen, so pages survive a new publication."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeVar

import orjson
import pandas as pd
from fastapi import Depends, Query

from football_assets.serving.problems import Problem
from football_assets.serving.times import AsOf, aware

Item = TypeVar("Item")
LARGEST = 200
FOREIGN = "not one of this list. Begin without a cursor."
Limit = Annotated[int, Query(ge=1, le=LARGEST, description="How many rows at most")]
Cursor = Annotated[
    str | None, Query(max_length=400, description="Where to go on: `meta.next_cursor` of the page before")
]


@dataclass(frozen=True)
class Listing:
    """Which page of a list is asked for, and as of when; None: now."""

    limit: int
    cursor: str | None
    as_of: datetime | None


def listing(limit: int) -> Any:
    """A dependency that reads `limit` (this one when left out), `cursor` and `as_of` of a request."""

    async def asked(as_of: AsOf = None, limit: Limit = limit, cursor: Cursor = None) -> Listing:
        return Listing(limit, cursor, None if as_of is None else aware(as_of))

    return Depends(asked)


@dataclass(frozen=True)
class Page:
    """Rows of a list. `total` counts the whole list; `next_cursor` is None on the last page."""

    rows: pd.DataFrame
    total: int
    next_cursor: str | None


def page(frame: pd.DataFrame, order: tuple[str, ...], limit: int, cursor: str | None) -> Page:
    """The next rows in the order of `order`, columns that name a row together. Raises Problem on a foreign cursor."""
    ordered = frame.sort_values(list(order), ignore_index=True, na_position="last")
    begin = 0 if cursor is None else _after(ordered, order, _read(cursor, order))
    rows = ordered.iloc[begin : begin + limit]
    more = begin + len(rows) < len(ordered)
    return Page(rows, len(ordered), _cursor(rows.iloc[-1], order) if more and len(rows) else None)


def part(
    items: Sequence[Item], name: Callable[[Item], str], limit: int, cursor: str | None
) -> tuple[Sequence[Item], str | None]:
    """The next items of a short list that has its own order, and the cursor of those after them.

    Raises Problem on a cursor whose item, by its name, is not in the list.
    """
    names = [name(each) for each in items]
    begin = 0
    if cursor is not None:
        (last,) = _read(cursor, ("name",))
        if last not in names:
            raise Problem("invalid_parameter", f"cursor: {FOREIGN}", parameter="cursor")
        begin = names.index(last) + 1
    shown = items[begin : begin + limit]
    more = begin + len(shown) < len(items)
    return shown, _written([["name", names[begin + len(shown) - 1]]]) if more and shown else None


def _plain(value: Any) -> Any:
    if pd.isna(value):
        return None
    return value.isoformat() if isinstance(value, pd.Timestamp) else value.item() if hasattr(value, "item") else value


def _cursor(row: "pd.Series[Any]", order: tuple[str, ...]) -> str:
    return _written([[name, _plain(row[name])] for name in order])


def _written(told: list[list[Any]]) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(told)).decode().rstrip("=")


def _read(cursor: str, order: tuple[str, ...]) -> list[Any]:
    try:
        told = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        names, values = [each[0] for each in told], [each[1] for each in told]
    except (binascii.Error, orjson.JSONDecodeError, TypeError, IndexError, ValueError, KeyError):
        names, values = [], []
    if names != list(order) or not all(value is None or isinstance(value, str | int | float) for value in values):
        raise Problem("invalid_parameter", f"cursor: {FOREIGN}", parameter="cursor")
    return values


def _after(ordered: pd.DataFrame, order: tuple[str, ...], last: list[Any]) -> int:
    """How many rows come before or at the last one seen."""
    behind = pd.Series(False, index=ordered.index)
    same = pd.Series(True, index=ordered.index)
    for name, value in zip(order, last, strict=True):
        column = ordered[name]
        if value is None:
            equal, smaller = column.isna(), column.notna()
        else:
            try:
                wanted = pd.Timestamp(value) if isinstance(column.dtype, pd.DatetimeTZDtype) else value
                equal = (column == wanted).fillna(False).astype(bool)
                smaller = (column < wanted).fillna(False).astype(bool)
            except (TypeError, ValueError):
                raise Problem("invalid_parameter", f"cursor: {FOREIGN}", parameter="cursor") from None
        behind |= same & smaller
        same &= equal
    return int((behind | same).sum())
