"""One enrichment from end to end: ask, fall back on what is known, join, and tell how it went."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.config import Settings
from football_assets.errors import SourceChanged, StorageError
from football_assets.soccer.client import Reading, TheSports
from football_assets.soccer.delta import Delta
from football_assets.soccer.enrichment import Answers, Full, Strategy, asking_order
from football_assets.soccer.flatten import rows_of
from football_assets.soccer.gaps import gaps
from football_assets.soccer.join import LastKnown, Tuning, enriched_rows, stale_odds
from football_assets.soccer.odds import QUOTES_SCHEMA, quotes_of
from football_assets.soccer.odds_between import kept_looks
from football_assets.soccer.plan import Plan
from football_assets.soccer.quote_book import QuoteBook
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
    strategy = chosen_strategy(settings, lake, last, rows[0]["fetched_at"] if rows else None)
    answers = await strategy.read(api, order, connections=settings.thesports.connections)
    about = {"strategy": strategy.name, **answers.about, "reading": transport.stats.as_dict()}
    return joined(rows, answers, last, lake, Tuning(settings.live.companies, settings.live.early_minutes), about)


def chosen_strategy(settings: Settings, lake: Lake, last: LastKnown, now: datetime | None) -> Strategy:
    """Changes alone when there is a previous cycle to go on from, young enough by the setting; else everything.

    `now` is the provider's clock of the live list, None for an empty one. A previous cycle from after `now` belongs to
    another run of that clock.
    """
    wanted, limit_s = settings.live.strategy, settings.live.delta_limit_s
    if wanted == "full" or now is None or not last.rows:
        return Full()
    age_s = (now - max(row["fetched_at"] for row in last.rows.values())).total_seconds()
    if age_s < 0 or (wanted == "auto" and age_s > limit_s):
        return Full()
    cache = settings.folder / lake.source.value / "cache" / "soccer"
    plan = Plan(cache / "plan.json", settings.thesports_url)
    looks = kept_looks(cache, settings.thesports_url)
    book = QuoteBook.kept(lake)
    return Delta(last, book, plan, companies=settings.live.companies, limit_s=limit_s, now=now, looks=looks)


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
    fresh, unreadable = quote_batches(answers)
    found = enriched_rows([row["match_id"] for row in live], answers, last, tuning, now) if now else []
    for row in found:
        if row["match_id"] in fresh:
            row["odds_quotes"] = fresh[row["match_id"]].num_rows
    fresh_rows = pa.Table.from_batches(list(fresh.values()), schema=QUOTES_SCHEMA)
    kept = [answers.quotes] if answers.quotes is not None else []
    quotes = from_arrow(pa.concat_tables([*kept, fresh_rows, *_previous_quotes(lake, stale_odds(found))]))
    matches = from_rows(EnrichedMatches, found)
    figures = {**about, "seconds": answers.seconds, "gaps": gaps(matches)}
    return Enrichment(matches, quotes, unreadable, figures)


def quote_batches(answers: Answers) -> tuple[dict[str, pa.RecordBatch], int]:
    """Every quote read in this cycle, by match; and how many quotes were unreadable.

    A match of which none could be read has no answer: it must not look like one that nobody quotes.
    """
    found, unreadable = {}, 0
    for match_id, outcome in answers.odds.items():
        if isinstance(outcome, Reading) and isinstance(outcome.value, dict):
            batch, bad = quotes_of(match_id, outcome.value)
            unreadable += bad
            if bad and not batch.num_rows:
                answers.odds[match_id] = _changed(match_id, bad)
            else:
                found[match_id] = batch
    return found, unreadable


def _changed(match_id: str, unreadable: int) -> SourceChanged:
    doing = f"reading the odds of match {match_id}"
    return SourceChanged("TheSports", doing, field="results", expected="quotes", got=f"{unreadable} unreadable rows")


def last_known(lake: Lake, limit_s: float) -> LastKnown:
    """The previous cycle's matches; none before the first cycle or when the file is of an older form."""
    try:
        frame = lake.read(EnrichedMatches)
    except StorageError:
        return LastKnown(limit_s=limit_s)
    return LastKnown({row["match_id"]: row for row in rows_of(EnrichedMatches, frame)}, limit_s)


def _previous_quotes(lake: Lake, match_ids: list[str]) -> list[pa.Table]:
    """The previous cycle's quotes of these matches; none when there are none that can be read."""
    if not match_ids:
        return []
    try:
        return [pq.read_table(lake.path(OddsQuotes), schema=QUOTES_SCHEMA, filters=[("match_id", "in", match_ids)])]
    except (OSError, pa.ArrowInvalid):
        return []
