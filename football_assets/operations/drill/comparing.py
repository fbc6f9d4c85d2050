"""A table that is served held against the same table of an undisturbed platform, row by row and value by value."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

SHOWN_COLUMNS = 3
# Numbers that were reckoned in another order may differ in their last digits.
NEAR = 1e-9


@dataclass(frozen=True)
class Compared:
    """How a table differs from what is due.

    Attributes:
        table: Its name.
        lost: Rows that are due and not there.
        invented: Rows that are there and not due.
        twice: Rows whose key an earlier row has.
        changed: Column -> rows of both with another value in it.
    """

    table: str
    lost: int = 0
    invented: int = 0
    twice: int = 0
    changed: Mapping[str, int] = field(default_factory=dict)

    def says(self) -> list[str]:
        """What is wrong, in words; nothing when it is as it should be."""
        counts = {"are lost": self.lost, "nobody told": self.invented, "occur more than once": self.twice}
        found = [f"{count} rows of {self.table} {what}" for what, count in counts.items() if count]
        shown = [f"{column} of {count} rows of {self.table} differs" for column, count in self.changed.items()]
        more = len(shown) - SHOWN_COLUMNS
        return [*found, *shown[:SHOWN_COLUMNS], *([f"and {more} further columns of {self.table}"] if more > 0 else [])]


def compared(table: str, served: pd.DataFrame | None, due: pd.DataFrame, key: Sequence[str]) -> Compared:
    """Hold a table against what is due, by its key; a table that is not served lost all of it."""
    if served is None:
        return Compared(table, lost=len(due))
    ours = served.drop_duplicates(list(key)).set_index(list(key))
    theirs = due.set_index(list(key))
    both = theirs.index.intersection(ours.index)
    changed = _changed(ours.loc[both], theirs.loc[both])
    lost, invented = len(theirs) - len(both), len(ours) - len(both)
    return Compared(table, lost, invented, len(served) - len(ours), changed)


def counted(found: Iterable[Compared]) -> dict[str, float]:
    """All differences as numbers."""
    each = list(found)
    return {
        "rows_lost": sum(one.lost for one in each),
        "rows_invented": sum(one.invented for one in each),
        "rows_twice": sum(one.twice for one in each),
        "values_changed": sum(sum(one.changed.values()) for one in each),
    }


def _changed(ours: pd.DataFrame, theirs: pd.DataFrame) -> dict[str, int]:
    counts = {str(name): _differing(ours.get(name), theirs[name]) for name in theirs.columns}
    return {name: count for name, count in counts.items() if count}


def _differing(ours: "pd.Series[Any] | None", theirs: "pd.Series[Any]") -> int:
    """How many values differ; two unknown ones do not."""
    if ours is None:
        return len(theirs)
    unknown = ours.isna() & theirs.isna()
    if pd.api.types.is_float_dtype(theirs.dtype) and pd.api.types.is_float_dtype(ours.dtype):
        one, other = ours.astype("float64"), theirs.astype("float64")
        alike = (one - other).abs() <= NEAR * other.abs().clip(lower=1.0)
    else:
        alike = (ours == theirs).fillna(value=False)
    return int((~(alike.astype(bool) | unknown)).sum())
