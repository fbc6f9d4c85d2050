"""How good each table is, from 0 to 1: complete, valid, consistent and fresh, and the four as one score.

What is wrong misleads, so the shares of valid and of consistent rows count in full. What is missing is seen to be
missing, so completeness counts by its fourth root. What is late costs a tenth at most: without the publication what is
served is older still. A part that does not apply is null and takes nothing away.
"""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from football_assets.ncaa.consistency import Finding, findings
from football_assets.ncaa.quality_inputs import Stored
from football_assets.ncaa.quality_parts import freshness, null_limits, null_shares, unfit_share
from football_assets.ncaa.quality_schemas import DataQuality
from football_assets.sections import Quality
from football_assets.tables import Table, conform

WEIGHTS: Mapping[str, Callable[[float], float]] = {
    "completeness": lambda share: share**0.25,
    "validity": lambda share: share,
    "consistency": lambda share: share,
    "freshness": lambda share: 0.9 + 0.1 * share,
}
SHOWN = 5


@dataclass(frozen=True)
class Measured:
    """What was found out about one table; a part that cannot be told is None."""

    table: str
    season: int | None
    rows: int
    completeness: float | None
    validity: float | None
    consistency: float | None
    freshness: float | None
    null_columns: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()

    @property
    def parts(self) -> dict[str, float | None]:
        """The parts by name."""
        return {name: getattr(self, name) for name in WEIGHTS}

    @property
    def score(self) -> float | None:
        """The parts as one; None where no part can be told."""
        known = {name: value for name, value in self.parts.items() if value is not None}
        score = 1.0
        for name, value in known.items():
            score *= WEIGHTS[name](value)
        return score if known else None

    @property
    def broken(self) -> dict[str, str]:
        """Rule -> failing/looked at, of the rules that rows break."""
        return {each.rule.name: f"{each.failing}/{each.looked_at}" for each in self.findings if each.failing}


def measure(tables: Mapping[type[Table], Stored], now: datetime, quality: Quality, every: timedelta) -> list[Measured]:
    """The quality of each table. `now` is the provider's clock, `every` how far apart two runs are."""
    moment, limits = pd.Timestamp(now), null_limits(quality)
    frames = {table.table_name(): each.needed for table, each in tables.items() if len(each.needed.columns)}
    found = findings(frames, moment)
    measured = []
    for table, each in tables.items():
        name = table.table_name()
        shares = null_shares(table, each.newest)
        allowed = {
            column: limits.get(f"{name}.{column}", limits.get(name, quality.max_null_fraction)) for column in shares
        }
        measured.append(
            Measured(
                name,
                each.season,
                each.rows,
                *_parts(table, each, shares, allowed, [one for one in found if one.rule.table == name]),
                freshness(name, frames, moment, every),
                {column: share for column, share in shares.items() if share > allowed[column]},
                tuple(one for one in found if one.rule.table == name),
            )
        )
    return measured


def _parts(
    table: type[Table],
    stored: Stored,
    shares: Mapping[str, float],
    allowed: Mapping[str, float],
    found: list[Finding],
) -> tuple[float | None, float | None, float | None]:
    """Completeness, validity and consistency."""
    if not stored.newest.num_rows:
        return None, None, None
    marks = [min(1.0, (1 - share) / (1 - allowed[name])) for name, share in shares.items() if allowed[name] < 1]
    valid = [1.0 - unfit_share(table, stored.newest), *(each.share for each in found if each.rule.part == "validity")]
    agreed = [each.share for each in found if each.rule.part == "consistency"]
    return sum(marks) / len(marks) if marks else None, min(valid), min(agreed) if agreed else None


def history(
    measured: list[Measured], kept: pd.DataFrame, contents: Mapping[str, str], run_id: str | None, at: datetime
) -> pd.DataFrame:
    """`data_quality`: what is `kept`, and a row for each table whose content or quality is not that of its last row."""
    last = {str(row["judged_table"]): row for row in newest(kept).to_dict("records")}
    rows = []
    for each in measured:
        row = {
            "judged_table": each.table,
            "measured_at": at,
            "run_id": run_id,
            "season": each.season,
            "rows": each.rows,
            "score": None if each.score is None else round(each.score, 6),
            **{part: None if value is None else round(value, 6) for part, value in each.parts.items()},
            "null_columns": _told({column: f"{share:.2f}" for column, share in each.null_columns.items()}),
            "broken_rules": _told(each.broken),
            "content": contents[each.table],
        }
        if each.table not in last or _moved(row, last[each.table]):
            rows.append(row)
    if not rows:
        return kept
    added = conform(DataQuality, pd.DataFrame(rows))
    return conform(DataQuality, pd.concat([kept, added], ignore_index=True)) if len(kept) else added


def metadata(measured: list[Measured]) -> dict[str, Any]:
    """The figures that the asset shows: each table's score, and the rows that break a rule."""
    about: dict[str, Any] = {f"score_{each.table}": round(each.score, 4) for each in measured if each.score is not None}
    rows = {
        f"{each.table}: {found.rule.name}": [_plain(row) for row in found.rows[:SHOWN]]
        for each in measured
        for found in each.findings
        if found.failing
    }
    return about | {"tables": len(measured), "broken_rows": rows}


def _plain(row: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in row.items()}


def newest(frame: pd.DataFrame) -> pd.DataFrame:
    """The newest row of each table."""
    return frame.sort_values("measured_at", kind="stable").groupby("judged_table").tail(1)


def _told(named: Mapping[str, str]) -> str | None:
    return ", ".join(f"{name} {value}" for name, value in named.items()) or None


def _moved(row: Mapping[str, object], last: Mapping[Hashable, Any]) -> bool:
    def same(one: Any, other: Any) -> bool:
        return bool(pd.isna(one) and pd.isna(other)) or bool(one == other)

    return not all(
        same(row[name], last[name]) for name in ("score", "content", *WEIGHTS, "null_columns", "broken_rules")
    )
