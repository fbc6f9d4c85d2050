"""Whether a frame fits its declaration, told in a fiftieth of the time that naming every fault takes.

pandera names each fault of each column, and takes as long when there is none: half a second of a live cycle. What this
module lets pass, pandera passes; whatever it is not sure of, pandera judges.
"""

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd
import pandera.pandas as pan

Broken = Callable[[Any, Mapping[str, Any]], Any]


def _known_text(values: Any) -> pd.Series:
    return pd.Series(values).dropna()


# By pandera's name of a check: where values break it. Nulls break none. A check of another kind is left to pandera.
BROKEN: dict[str, Broken] = {
    "greater_than_or_equal_to": lambda values, given: values < given["min_value"],
    "greater_than": lambda values, given: values <= given["min_value"],
    "less_than_or_equal_to": lambda values, given: values > given["max_value"],
    "less_than": lambda values, given: values >= given["max_value"],
    "isin": lambda values, given: ~_known_text(values).isin(given["allowed_values"]),
    "str_matches": lambda values, given: ~_known_text(values).str.match(given["pattern"]),
}


def surely_fits(schema: pan.DataFrameSchema, empty: pd.DataFrame, frame: pd.DataFrame) -> bool:
    """Whether a frame fits for certain; False says nothing.

    Args:
        schema: The declaration.
        empty: The declaration's columns and types without rows.
        frame: What is to be judged.
    """
    if schema.checks or schema.unique or not frame.dtypes.equals(empty.dtypes):
        return False
    nulls = frame.isna().any().to_dict()
    for name, declared in schema.columns.items():
        if nulls[name] and not declared.nullable:
            return False
        if (declared.unique or declared.checks) and not _fits(declared, frame[name]):
            return False
    return True


def _fits(declared: pan.Column, series: pd.Series) -> bool:
    if declared.unique and not series.is_unique:
        return False
    values = series.to_numpy() if series.dtype == "float64" else series.array
    for check in declared.checks:
        broken = BROKEN.get(check.name or "")
        if broken is None or not check.ignore_na or broken(values, check.statistics or {}).any():
            return False
    return True
