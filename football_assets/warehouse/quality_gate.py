"""What is not good enough is not published: the scores that a pipeline keeps of its own tables.

A pipeline that declares a table `data_quality` has a score a table in it, with the checksum of the content that was
judged. One that declares none is not held back.
"""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from football_assets.errors import StorageError
from football_assets.tables import REGISTER
from football_assets.warehouse.lake import Lake
from football_assets.warehouse.versions import whole_version

SCORES = "data_quality"
PARTS = ("completeness", "validity", "consistency", "freshness")


def require_quality(lake: Lake, domain: str, minimum: float) -> None:
    """Raise StorageError when a table scores below `minimum`, or is not what was judged."""
    scores = next((table for (of, name), table in REGISTER.items() if (of, name) == (domain, SCORES)), None)
    if scores is None or minimum <= 0:
        return
    if not lake.exists(scores):
        raise _refused(domain, "the quality of its tables is not known", "Materialize its data_quality first.")
    last = lake.read(scores).sort_values("measured_at", kind="stable").groupby("judged_table").tail(1)
    low = last[last["score"] < minimum].to_dict("records")
    if low:
        told = "; ".join(f"{row['judged_table']} {row['score']:.2f} ({_parts(row)})" for row in low)
        raise _refused(
            domain,
            f"the data quality is below {minimum} in {told}",
            "The previous publication stays served; mend the source, or lower quality.min_data_quality_score.",
        )
    judged = dict(zip(last["judged_table"], last["content"], strict=True))
    tables = [table for (of, _), table in REGISTER.items() if of == domain and table.about().published]
    there = [table for table in tables if table is not scores and (lake.seasons(table) or lake.exists(table))]
    moved = [table.table_name() for table in there if judged.get(table.table_name()) != whole_version(lake, table)]
    if moved:
        happened = f"{', '.join(sorted(moved))} changed since the quality was judged"
        raise _refused(domain, happened, "The previous publication stays served; materialize data_quality again.")


def _refused(domain: str, happened: str, to_do: str) -> StorageError:
    return StorageError(f"publishing {domain}", happened, to_do)


def _parts(row: Mapping[Any, Any]) -> str:
    told = [f"{part} {row[part]:.2f}" for part in PARTS if not pd.isna(row[part])]
    return ", ".join([*told, *([str(row["broken_rules"])] if not pd.isna(row["broken_rules"]) else [])])
