"""The quotes of one match: of each bookmaker and market the price now, the early one, the first one and all between."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa

from football_assets.soccer.changes import frame_of
from football_assets.soccer.codes import COMPANY, meaning
from football_assets.soccer.history import History
from football_assets.soccer.kept_quotes import newest_first, quotes_seen
from football_assets.soccer.markets import MARKETS, NEWEST, Market
from football_assets.soccer.odds import early_rows, market_state, price_forms
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.tables import plain_rows

FORMS = ("decimal", "hong_kong", "american")
Row = Mapping[str, Any]


@dataclass(frozen=True)
class Quote:
    """One quote: its line as our tables give it, its prices in each form by selection; `age_s` at the last reading."""

    quoted_at: datetime
    age_s: float
    minute_text: str | None
    score_text: str | None
    is_suspended: bool
    line: float | None
    prices: Mapping[str, Mapping[str, float | int | None]]


@dataclass(frozen=True)
class Series:
    """What one bookmaker quotes on one market, newest first; `state` is open, suspended or closed."""

    company_id: int
    company: str
    market: Market
    state: str
    at_other_score: bool | None
    early: Quote | None
    quotes: tuple[Quote, ...]

    @property
    def newest(self) -> Quote:
        """The newest quote, open for bets or not."""
        return self.quotes[0]

    @property
    def first(self) -> Quote:
        """The opening quote: the oldest one known."""
        return self.quotes[-1]

    @property
    def last_open(self) -> Quote | None:
        """The newest quote that was open for bets."""
        return next((quote for quote in self.quotes if not quote.is_suspended), None)


def quotes_of(history: History, match_id: str, until: datetime | None = None) -> pd.DataFrame:
    """Every kept quote of a match, or those seen by an instant: series beside one another, each newest first.

    A match ends on the day it begins or the next one.
    """
    found: list[pa.Table] = []
    days = history.days() if until is None else [day for day in history.days() if day <= until.date()]
    for day in reversed(days):
        parts = [quotes_seen(log, until, match_id) for log in history.logs(day)]
        here = [part for part in parts if part.num_rows]
        if found and not here:
            break
        found += here
    return newest_first(found)


def last_seen(history: History, match_id: str) -> Row | None:
    """The row of FlattenedMatches of a match as it changed last; None when no kept day has it."""
    for day in reversed(history.days()):
        versions = [version for log in history.logs(day) for version in log.versions(match_id)]
        rows = [(at, row) for table, _, (_, at, row) in versions if table == FlattenedMatches.table_name() and row]
        if rows:
            _, newest = max(rows, key=lambda each: each[0])
            (found,) = plain_rows(frame_of(FlattenedMatches, {match_id: newest}))
            return found
    return None


def series_of(
    quotes: pd.DataFrame, match: Row, preferred: Sequence[int], window: tuple[int, int], *, is_listed: bool
) -> list[Series]:
    """What each bookmaker quotes on each market: by market, preferred bookmakers first.

    `match` is the match's row of FlattenedMatches. Of a match that is not listed any more every market is closed.
    """
    home, away = match["home_score"], match["away_score"]
    score = None if home is None or away is None else f"{home}-{away}"
    found = []
    keys = dict.fromkeys(zip(quotes["company_id"].tolist(), quotes["market"].tolist(), strict=True))
    for company_id, name in keys:
        market = next(each for each in MARKETS.values() if each.name == name)
        part = quotes[(quotes["company_id"] == company_id) & (quotes["market"] == name)]
        rows = [_provided(row, market) for row in plain_rows(part)]
        told = tuple(_quote(row, market, match["fetched_at"]) for row in rows)
        open_rows = [row for row in rows if not row[6]]
        early = next(reversed(early_rows(open_rows, window)), None)
        newest = {f"{NEWEST}_{market.name}_sealed": rows[0][6], f"{NEWEST}_{market.name}_status_id": rows[0][5]}
        state = market_state(newest, market, match["status_id"], match["kickoff_at"], match["fetched_at"])
        comparable = market.code != "cr" and score is not None and bool(rows[0][7])
        found.append(
            Series(
                company_id=company_id,
                company=meaning(COMPANY, company_id) or "?",
                market=market,
                state=state if is_listed and state else "closed",
                at_other_score=rows[0][7] != score if comparable else None,
                early=None if early is None else _quote(early, market, match["fetched_at"]),
                quotes=told,
            )
        )
    places = {company: place for place, company in enumerate(preferred)}
    markets = [market.name for market in MARKETS.values()]
    return sorted(
        found,
        key=lambda each: (markets.index(each.market.name), places.get(each.company_id, len(places)), each.company_id),
    )


def series_json(series: Collection[Series], *, history: bool) -> Iterator[dict[str, Any]]:
    """The series for JSON: current prices only while a market is open; all quotes with `history`."""
    for each in series:
        told: dict[str, Any] = {
            "company_id": each.company_id,
            "company": each.company,
            "market": each.market.name,
            "state": each.state,
            "is_suspended": each.state == "suspended",
            "at_other_score": each.at_other_score,
            "now": _plain(each.newest) if each.state == "open" else None,
            "last_open": _plain(each.last_open),
            "early": _plain(each.early),
            "first": _plain(each.first),
            "quotes": len(each.quotes),
        }
        yield told | ({"history": [_plain(quote) for quote in each.quotes]} if history else {})


def _plain(quote: Quote | None) -> dict[str, Any] | None:
    if quote is None:
        return None
    return {
        "quoted_at": quote.quoted_at.isoformat(),
        "age_s": quote.age_s,
        "minute_text": quote.minute_text,
        "score_text": quote.score_text,
        "is_suspended": quote.is_suspended,
        "line": quote.line,
        "prices": {selection: dict(forms) for selection, forms in quote.prices.items()},
    }


def _provided(row: Row, market: Market) -> list[Any]:
    """A quote in the provider's form."""
    middle = row["draw_price"] if market.line is None else row["line"]
    at = row["quoted_at"].to_pydatetime()
    parts = [at, row["minute_text"] or "", row["home_price"], middle, row["away_price"]]
    return [*parts, row["status_id"], bool(row["sealed"]), row["score_text"]]


def _quote(row: Sequence[Any], market: Market, seen_at: datetime) -> Quote:
    line = None if market.line is None else row[market.line]
    if market.name == "handicap" and line is not None:
        line = 0.0 - line  # the provider's is positive when the home side gives the start
    prices = {
        selection: dict(zip(FORMS, price_forms(market, row[place]), strict=True))
        for selection, place in market.selections.items()
    }
    age_s = (seen_at - row[0]).total_seconds()
    return Quote(row[0], age_s, row[1] or None, row[7], row[6], line, prices)
