"""The summary: live matches counted as a whole and by status, competition and weather."""

from collections.abc import Iterator
from typing import Any

import pandas as pd

from football_assets.soccer.gaps import gaps
from football_assets.soccer.schemas import MatchSummary
from football_assets.tables import from_rows

NAMES = ("home_team", "away_team", "competition")
PARTS = ("detail_state", "odds_state", "names_state")


def match_summary(flattened: pd.DataFrame) -> pd.DataFrame:
    """MatchSummary: the whole first, then each status, competition and weather with the most matches first."""
    return from_rows(MatchSummary, _rows(flattened))


def _rows(frame: pd.DataFrame) -> Iterator[dict[str, Any]]:
    marks = _marks(frame)
    fetched_at = frame["fetched_at"].max() if len(frame) else None
    told = "; ".join(gaps(frame)) or None
    yield {"grouping": "all", "name": "all", "fetched_at": fetched_at, "gaps": told, **_with_shares(marks.sum())}
    # Not by fillna: a cycle in which no country is known has no texts to fill.
    countries = frame["country"].map(lambda name: f" ({name})" if isinstance(name, str) else "")
    labels = (frame["competition"] + countries).groupby(frame["competition_id"]).first()
    for grouping, column in (("status", "status"), ("competition", "competition_id"), ("weather", "weather")):
        counted = marks.groupby(frame[column]).sum().sort_values("matches", ascending=False, kind="stable")
        for name, counts in counted.iterrows():
            label = labels.get(name) if grouping == "competition" else None
            label = label if isinstance(label, str) else None
            row = {"grouping": grouping, "name": str(name), "label": label, "fetched_at": fetched_at}
            yield row | _with_shares(counts)


def _marks(frame: pd.DataFrame) -> pd.DataFrame:
    """What each match adds to each count."""
    goals = frame[["home_score", "away_score"]].fillna(0).sum(axis=1)
    marks = {
        "matches": 1,
        "in_play": frame["is_in_play"].fillna(False),
        "with_names": frame[list(NAMES)].notna().all(axis=1),
        "with_odds": frame["odds_company_id"].notna(),
        "with_environment": frame["weather_code"].notna(),
        "with_stats": frame["stats"].gt(0).fillna(False),
        "suspended": frame["moneyline_suspended"].fillna(False),
        "not_live": frame[list(PARTS)].isin(["stale", "missing"]).any(axis=1),
        "goals": goals,
    }
    return pd.DataFrame(marks, index=frame.index).astype("int64")


def _with_shares(counts: "pd.Series[int]") -> dict[str, Any]:
    found: dict[str, Any] = {str(name): int(count) for name, count in counts.items()}
    for part in ("with_odds", "with_environment"):
        found[f"{part}_pct"] = round(100 * found[part] / found["matches"], 1) if found["matches"] else None
    return found
