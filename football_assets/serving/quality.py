"""How good the tables behind an answer are, as their pipeline measured and published it."""

from datetime import datetime
from typing import Any

import pandas as pd
from pydantic import BaseModel, Field

from football_assets.serving.published import View
from football_assets.serving.rows import records

PARTS = ("completeness", "validity", "consistency", "freshness")
_JUDGED = ("score", *PARTS, "broken_rules", "measured_at")
_COUNTED = {
    "named": "with_names",
    "quoted": "with_odds",
    "with_weather": "with_environment",
    "with_stats": "with_stats",
}


class TableQuality(BaseModel):
    """The newest row of a college table in `ncaa_data_quality`."""

    score: float | None = Field(
        description="Validity x consistency x fourth root of completeness x (0.9 + 0.1 freshness); null where no part "
        "applies",
        ge=0,
        le=1,
    )
    completeness: float | None = Field(description="Share of the values that are there, of the newest season")
    validity: float | None = Field(description="Share of rows that fit their declaration and make sense by themselves")
    consistency: float | None = Field(description="Share of rows that agree with other rows and tables")
    freshness: float | None = Field(description="1 while nothing is overdue; null where nothing can be due")
    broken_rules: str | None = Field(description="Rules that rows break: name failing/looked at")
    measured_at: datetime = Field(description="When it was judged, UTC")


class CycleQuality(BaseModel):
    """A live cycle as `soccer_match_summary` counts it; shares are of its matches, null without a match."""

    matches: int = Field(description="Matches on the live list")
    not_live: int = Field(description="Of them with a stale or missing part: detail, odds or names")
    named: float | None = Field(description="Share with both teams and the competition named")
    quoted: float | None = Field(description="Share quoted by a preferred bookmaker; that none quotes it is no fault")
    with_weather: float | None = Field(description="Share with weather")
    with_stats: float | None = Field(description="Share with statistics")
    gaps: str | None = Field(description="What could not be read, by part and reason; null: nothing")


class Quality(BaseModel):
    """The quality of the tables behind an answer."""

    score: float | None = Field(
        description="0 to 1. College: the lowest score among the tables behind the answer that have one. Soccer: the "
        "share of matches on the live list of which no part (detail, odds, names) is stale or missing. Null where "
        "nothing could be judged: no table has a score, no match is listed",
        ge=0,
        le=1,
    )
    tables: dict[str, TableQuality | None] | None = Field(
        None,
        description="College only: each table behind the answer; null for one that was never judged, or of which an "
        "earlier version is served than was judged last",
    )
    cycle: CycleQuality | None = Field(None, description="Soccer only: the live cycle behind the answer")


def quality_of(view: View) -> dict[str, Any] | None:
    """The quality of the tables of a view; None when its pipeline had published none."""
    if view.measures is None:
        return None
    found = _cycle(view.measures) if view.publication.domain == "soccer" else _tables(view, view.measures)
    return None if found is None else found.model_dump(exclude_none=False)


def _tables(view: View, judged: pd.DataFrame) -> Quality:
    from football_assets.ncaa.quality import newest

    rows = {row.pop("judged_table"): row for row in records(newest(judged), ("judged_table", *_JUDGED))}
    told: dict[str, TableQuality | None] = {}
    for name in view.frames:
        row = rows.get(name.removeprefix(f"{view.publication.domain}_"))
        told[name] = None if row is None or name in view.rolled_back else TableQuality(**row)
    scores = [each.score for each in told.values() if each is not None and each.score is not None]
    return Quality(score=min(scores, default=None), tables=told)


def _cycle(summary: pd.DataFrame) -> Quality | None:
    whole = records(summary[summary["grouping"] == "all"])
    if not whole:
        return None
    row, count = whole[0], whole[0]["matches"]
    shares = {name: round(row[counted] / count, 4) if count else None for name, counted in _COUNTED.items()}
    cycle = CycleQuality(matches=count, not_live=row["not_live"], gaps=row["gaps"], **shares)
    return Quality(score=round(1 - row["not_live"] / count, 4) if count else None, cycle=cycle)
