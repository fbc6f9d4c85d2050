"""What the checks of `data_quality` say, out of its newest rows. Both warn; the publication is what refuses."""

from typing import Any

import pandas as pd

from football_assets.config import load_settings
from football_assets.ncaa.quality import newest
from football_assets.tables import SHOWN_ROWS, Verdict


def few_nulls(frame: pd.DataFrame) -> Verdict:
    """Warns about columns of the newest season that are null more often than `quality.max_null_fraction` allows."""
    rows = [
        {"table": row["judged_table"], "column": column, "null": share}
        for row in newest(frame).dropna(subset=["null_columns"]).to_dict("records")
        for column, share in (each.split(" ") for each in str(row["null_columns"]).split(", "))
    ]
    tables = sorted({str(row["table"]) for row in rows})
    says = f"{len(rows)} columns have more nulls than allowed ({', '.join(tables)})" if rows else "nulls are few"
    return Verdict(not rows, says, "warn", {"columns": len(rows)}, tuple(rows[:SHOWN_ROWS]))


def sound(frame: pd.DataFrame) -> Verdict:
    """Warns about tables below `quality.good_data_quality_score`, late ones, and rows that break a rule."""
    good, last = load_settings().quality.good_data_quality_score, newest(frame)
    rows: list[dict[str, Any]] = [
        {name: row[name] for name in ("judged_table", "score", "freshness", "broken_rules")}
        for row in last.to_dict("records")
        if row["score"] < good or row["freshness"] < 1 or not pd.isna(row["broken_rules"])
    ]
    low = [f"{row['judged_table']} {row['score']:.2f}" for row in rows if row["score"] < good]
    late = [f"{row['judged_table']} {row['freshness']:.2f}" for row in rows if row["freshness"] < 1]
    broken = [f"{row['judged_table']} {row['broken_rules']}" for row in rows if not pd.isna(row["broken_rules"])]
    found = {f"below {good}: ": low, "late: ": late, "rows that break a rule: ": broken}
    told = [title + "; ".join(named) for title, named in found.items() if named]
    says = "; ".join(told) or f"{len(last)} tables score {good} and more, none is late, and no row breaks a rule"
    figures = {"tables": len(last), "below_good": len(low)}
    return Verdict(not rows, says, "warn", figures, tuple(rows[:SHOWN_ROWS]))
