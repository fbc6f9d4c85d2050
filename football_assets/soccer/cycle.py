"""One enrichment from end to end: ask, fall back on what is known, join, and tell how it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from football_assets.config import Settings
from football_assets.errors import StorageError
from football_assets.soccer.client import Reading, TheSports
from football_assets.soccer.enrichment import Answers, asking_order, read_cycle
from football_assets.soccer.flatten import rows_of
from football_assets.soccer.gaps import gaps
from football_assets.soccer.join import LastKnown, Tuning, enriched_rows, stale_odds
from football_assets.soccer.odds import QUOTES_SCHEMA, quotes_of
from football_assets.soccer.schemas import EnrichedMatches, LiveMatches, OddsQuotes
from football_assets.tables import from_arrow, from_rows
from football_assets.transport import Transport
from football_assets.warehouse.lake import Lake


@dataclass(frozen=True)
class Enrichment:
    """What one enrichment gave: both tables, unreadable quotes, and figures about the reading."""

    matches: pd.DataFrame
    quotes: pd.DataFrame
    unreadable_quotes: int
    about: Mapping[str, Any]


async def enrich(transport: Transport, live: pd.DataFrame, lake: Lake, settings: Settings) -> Enrichment:
    """Enrich the matches of LiveMatches. Whatever the provider fails to give is a gap, never an error."""
    rows = rows_of(LiveMatches, live)
    last = last_known(lake, settings.live.stale_limit_s)
    order = asking_order(
        {row["match_id"]: row["status_id"] for row in rows},
        {key: row["odds_fetched_at"] for key, row in last.rows.items() if row["odds_fetched_at"]},
    )
    api = TheSports(transport, names_fresh_s=settings.live.reference_ttl_s)
    answers = await read_cycle(api, order, connections=settings.thesports.connections)
    about = {"requests": dict(transport.stats.requests), "reading": transport.stats.as_dict()}
    return joined(rows, answers, last, lake, Tuning(settings.live.companies, settings.live.early_minutes), about)


def joined(
    live: list[dict[str, Any]],
    answers: Answers,
    last: LastKnown,
    lake: Lake,
    tuning: Tuning,
    about: Mapping[str, Any],
) -> Enrichment:
    """The tables of a cycle from its answers, and its figures."""
    now: datetime | None = live[0]["fetched_at"] if live else None
    found = enriched_rows([row["match_id"] for row in live], answers, last, tuning, now) if now else []
    fresh, unreadable = quote_batches(answers)
    for row in found:
        if row["match_id"] in fresh:
            row["odds_quotes"] = fresh[row["match_id"]].num_rows
    carried = _previous_quotes(lake, stale_odds(found))
    table = pa.Table.from_batches(list(fresh.values()), schema=QUOTES_SCHEMA)
    quotes = from_arrow(table)
    if len(carried):
        quotes = pd.concat([quotes, carried], ignore_index=True)
    matches = from_rows(EnrichedMatches, found)
    figures = {**about, "seconds": answers.seconds, "gaps": gaps(matches)}
    return Enrichment(matches, quotes, unreadable, figures)


def quote_batches(answers: Answers) -> tuple[dict[str, pa.RecordBatch], int]:
    """Every quote read in this cycle, by match; and how many quotes were unreadable."""
    found, unreadable = {}, 0
    for match_id, outcome in answers.odds.items():
        if isinstance(outcome, Reading):
            found[match_id], bad = quotes_of(match_id, outcome.value)
            unreadable += bad
    return found, unreadable


def last_known(lake: Lake, limit_s: float) -> LastKnown:
    """The previous cycle's matches; none before the first cycle or when the file is of an older form."""
    try:
        frame = lake.read(EnrichedMatches)
    except StorageError:
        return LastKnown(limit_s=limit_s)
    return LastKnown({row["match_id"]: row for row in rows_of(EnrichedMatches, frame)}, limit_s)


def _previous_quotes(lake: Lake, match_ids: list[str]) -> pd.DataFrame:
    if not match_ids:
        return pd.DataFrame()
    try:
        frame = lake.read(OddsQuotes)
    except StorageError:
        return pd.DataFrame()
    return frame[frame["match_id"].isin(match_ids)]
