"""What a past cycle knew of its matches beside the board: every quote, and the quotes that the prices came from.

The history keeps each quote once, from the cycle that brought it. Of a match the quotes are taken only if they are as
many as that cycle counted, and the prices only if they give the recorded row again; else the match says that they are
not known any more.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from football_assets.soccer.codes import COMPANY, meaning
from football_assets.soccer.flatten import flat_row, rows_of
from football_assets.soccer.history import History, Past
from football_assets.soccer.kept_quotes import newest_first, quotes_seen
from football_assets.soccer.odds import QUOTES_SCHEMA, chosen_quotes
from football_assets.soccer.quote_book import QuoteBook
from football_assets.soccer.quotes_log import SERIES
from football_assets.soccer.schemas import EnrichedMatches, FlattenedMatches, LiveMatches
from football_assets.states import DataState
from football_assets.tables import columns, from_rows

Row = dict[str, Any]

# A match ends on the day it begins or the next one, and what was not seen for a day is kept anew.
DAYS_BEFORE = timedelta(days=1)
NOT_TOLD = "restored from the history, which does not tell the quotes of this match again"


def past_quotes(history: History, past: Past) -> pa.Table:
    """Every quote that the cycle had, as rows of OddsQuotes. Raises StorageError when a day cannot be read."""
    counted = {row["match_id"]: row["odds_quotes"] for row in rows_of(FlattenedMatches, past.flattened)}
    wanted = pa.array([match_id for match_id, count in counted.items() if count], pa.string())
    found = _as_provided(newest_first(_seen(history, past.observed_at, wanted)))
    sizes = found.group_by("match_id").aggregate([("match_id", "count")])
    whole = [
        match_id
        for match_id, size in zip(sizes["match_id"].to_pylist(), sizes["match_id_count"].to_pylist(), strict=True)
        if size == counted[match_id]
    ]
    return found.filter(pc.is_in(found["match_id"], pa.array(whole, pa.string())))


def past_enriched(past: Past, quotes: pa.Table, early_minutes: tuple[int, int]) -> pd.DataFrame:
    """EnrichedMatches of the cycle, in the order of match ids; when each part was read is not known any more."""
    book = QuoteBook(quotes)
    rows = rows_of(FlattenedMatches, past.flattened)
    return from_rows(EnrichedMatches, [_enriched(row, book, early_minutes) for row in rows])


def _seen(history: History, instant: datetime, match_ids: "pa.Array[Any]") -> Iterator[pa.Table]:
    """The kept quotes of some matches that cycles up to an instant brought."""
    for day in (day for day in history.days() if timedelta() <= instant.date() - day <= DAYS_BEFORE):
        for log in reversed(history.logs(day)):
            quotes = quotes_seen(log, instant)
            yield quotes.filter(pc.is_in(quotes["match_id"], match_ids))


def _as_provided(frame: pd.DataFrame) -> pa.Table:
    """Rows of OddsQuotes."""
    frame["seq"] = frame.groupby(list(SERIES), sort=False).cumcount()
    frame["company"] = [meaning(COMPANY, each) for each in frame["company_id"]]
    return pa.Table.from_pandas(frame[QUOTES_SCHEMA.names], schema=QUOTES_SCHEMA, preserve_index=False)


def _enriched(flat: Mapping[str, Any], book: QuoteBook, early_minutes: tuple[int, int]) -> Row:
    """A row of EnrichedMatches that gives the row of FlattenedMatches again."""
    row = {each.name: flat[each.name] for each in columns(EnrichedMatches) if each.name in flat}
    company = flat["odds_company_id"]
    if company is None:
        return row
    priced = row | chosen_quotes(book.odds(flat["match_id"], (company,)), (company,), early_minutes)
    live = {each.name: flat[each.name] for each in columns(LiveMatches)}
    again = flat_row(live, priced)
    if all(again.get(name) == value for name, value in flat.items()):
        return priced
    unknown = dict.fromkeys(("odds_company_id", "odds_company", "odds_quotes", "odds_age_s"))
    return row | unknown | {"odds_state": DataState.MISSING, "odds_gap": NOT_TOLD}
