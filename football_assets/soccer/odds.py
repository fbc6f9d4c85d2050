"""Odds: one bookmaker a match, its prices now and early in the match, in three forms; and every quote as a table."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from football_assets.soccer.codes import (
    COMPANY,
    DELAYED,
    IN_PLAY,
    INTERRUPTED,
    NOT_STARTED,
    OVER,
    TO_BE_DETERMINED,
    meaning,
)
from football_assets.soccer.markets import EARLY, MARKETS, NEWEST, OPEN, Market

CHOICE_MARKETS = ("eu", "asia", "bs")

# A quote row: instant, minute text, home or over, draw or line, away or under, status, sealed, score.
AT, MINUTE, STATUS, SEALED, SCORE, PARTS = 0, 1, 5, 6, 7, 8
_PART_TYPES: tuple[set[type], ...] = ({int}, {str}, {int, float}, {int, float}, {int, float}, {int}, {int}, {str})
QuoteRow = Sequence[Any]
Odds = Mapping[str, Any]

_QUOTES: list[tuple[str, pa.DataType]] = [
    ("match_id", pa.string()),
    ("company_id", pa.int64()),
    ("company", pa.string()),
    ("market", pa.string()),
    ("seq", pa.int64()),
    ("quoted_at", pa.timestamp("us", tz="UTC")),
    ("minute_text", pa.string()),
    ("line", pa.float64()),
    ("home_price", pa.float64()),
    ("draw_price", pa.float64()),
    ("away_price", pa.float64()),
    ("status_id", pa.int64()),
    ("sealed", pa.bool_()),
    ("score_text", pa.string()),
]
QUOTES_SCHEMA = pa.schema(_QUOTES)


def decimal_from_hong_kong(price: float | None) -> float | None:
    """Hong Kong 0.95 is decimal 1.95; a price of 0 is none."""
    return None if price is None or price <= 0 else round(price + 1, 6)


def hong_kong_from_decimal(price: float | None) -> float | None:
    """Decimal 1.95 is Hong Kong 0.95; a decimal price of 1 or less pays nothing and is none."""
    return None if price is None or price <= 1 else round(price - 1, 6)


def american_from_decimal(price: float | None) -> int | None:
    """Decimal 2.75 is +175, 1.40 is -250; a decimal price of 1 or less is none."""
    if price is None or price <= 1:
        return None
    return round((price - 1) * 100) if price >= 2 else round(-100 / (price - 1))


def american_from_hong_kong(price: float | None) -> int | None:
    """Hong Kong 0.80 is -125, 1.02 is +102; a price of 0 is none."""
    if price is None or price <= 0:
        return None
    return round(price * 100) if price >= 1 else round(-100 / price)


def price_forms(market: Market, price: float | None) -> tuple[float | None, float | None, int | None]:
    """(decimal, Hong Kong, American) of a price as the provider quotes it in this market."""
    if market.is_decimal:
        decimal = price if price is not None and price > 1 else None
        return decimal, hong_kong_from_decimal(price), american_from_decimal(price)
    hong_kong = price if price is not None and price > 0 else None
    return decimal_from_hong_kong(price), hong_kong, american_from_hong_kong(price)


def well_formed(row: Any) -> bool:
    """Whether a quote row has its eight parts in their types."""
    return (
        isinstance(row, list | tuple)
        and len(row) >= PARTS
        and all(type(part) in kinds for part, kinds in zip(row, _PART_TYPES, strict=False))
    )


def market_rows(odds: Odds, company_id: int, code: str) -> list[QuoteRow]:
    """The well-formed rows of one company's market, newest first; [] when it has none."""
    markets = odds.get(str(company_id))
    rows = markets.get(code) if isinstance(markets, dict) else None
    return [row for row in rows if well_formed(row)] if isinstance(rows, list) else []


def choose_company(odds: Odds, preferred: Iterable[int]) -> int | None:
    """The first preferred bookmaker with any 1X2, handicap or goals quote, so that no match mixes bookmakers."""
    return next((c for c in preferred if any(market_rows(odds, c, code) for code in CHOICE_MARKETS)), None)


def early_rows(rows: Iterable[QuoteRow], window: tuple[int, int]) -> list[QuoteRow]:
    """The newest row of each minute in the window, both ends included, by minute.

    Only whole minutes count: pre-match rows, `45+` and `midfield` have none.
    """
    first, last = window
    newest: dict[int, QuoteRow] = {}
    for row in rows:
        minute = int(row[MINUTE]) if row[MINUTE].isdecimal() else 0
        if first <= minute <= last and (minute not in newest or row[AT] > newest[minute][AT]):
            newest[minute] = row
    return [newest[minute] for minute in sorted(newest)]


def chosen_quotes(odds: Odds, preferred: Iterable[int], window: tuple[int, int]) -> dict[str, Any]:
    """The quotes that a match's prices come from, as the provider gave them; {} when no preferred company has any.

    Columns: the company, then for each market the newest quote, the newest open one and the early one.
    """
    company_id = choose_company(odds, preferred)
    if company_id is None:
        return {}
    found: dict[str, Any] = {"odds_company_id": company_id, "odds_company": meaning(COMPANY, company_id)}
    for market in MARKETS.values():
        rows = market_rows(odds, company_id, market.code)
        if not rows:
            continue
        open_rows = [row for row in rows if not row[SEALED]]
        found |= _quote_columns(market, NEWEST, rows[0])
        found |= _quote_columns(market, OPEN, open_rows[0] if open_rows else None)
        found |= _quote_columns(market, EARLY, next(reversed(early_rows(open_rows, window)), None))
        found |= {
            f"{NEWEST}_{market.name}_status_id": rows[0][STATUS],
            f"{NEWEST}_{market.name}_sealed": bool(rows[0][SEALED]),
            f"{NEWEST}_{market.name}_score_text": rows[0][SCORE] or None,
        }
    return found


def _quote_columns(market: Market, moment: str, row: QuoteRow | None) -> dict[str, Any]:
    if row is None:
        return {}
    name = f"{moment}_{market.name}"
    found = {f"{name}_{selection}": float(row[place]) or None for selection, place in market.selections.items()}
    if market.line is not None:
        found[f"{name}_line"] = float(row[market.line])
    at, minute = datetime.fromtimestamp(row[AT], UTC), row[MINUTE] or None
    return {**found, f"{name}_quoted_at": at, f"{name}_minute_text": minute}


def market_state(
    match: Mapping[str, Any], market: Market, status_id: int | None, kickoff_at: datetime | None, now: datetime
) -> str | None:
    """`open`, `suspended` or `closed`; None when the market was never quoted.

    A quote counts for now only if it belongs to what happens now: a pre-match price says nothing about a match that
    is being played, and no price about one that is over.
    """
    sealed = match.get(f"{NEWEST}_{market.name}_sealed")
    if sealed is None:
        return None
    quoted_in_play = match.get(f"{NEWEST}_{market.name}_status_id") in IN_PLAY
    if status_id in IN_PLAY or status_id == INTERRUPTED:
        current = quoted_in_play
    elif status_id == TO_BE_DETERMINED:
        current = kickoff_at is not None and now < kickoff_at
    else:
        current = status_id in (NOT_STARTED, DELAYED) and status_id not in OVER
    if not current:
        return "closed"
    return "suspended" if sealed else "open"


def price_columns_of(
    match: Mapping[str, Any],
    status_id: int | None,
    kickoff_at: datetime | None,
    now: datetime,
    score_text: str | None,
) -> dict[str, Any]:
    """The price columns of a match from its chosen quotes: current, last known and early, in their forms.

    `match` holds the columns of `chosen_quotes`; `score_text` is the score shown, such as `1-0`.
    """
    found: dict[str, Any] = {}
    for market in MARKETS.values():
        state, name = market_state(match, market, status_id, kickoff_at, now), market.name
        if state is None:
            continue
        score = match.get(f"{NEWEST}_{name}_score_text")
        # A corner quote carries the corner count, not the score.
        comparable = market.code != "cr" and score is not None and score_text is not None
        found |= {
            f"{name}_state": state,
            f"{name}_suspended": state == "suspended",
            f"{name}_at_other_score": score != score_text if comparable else None,
        }
        if state == "open":
            found |= _converted(match, market, NEWEST, name, ("decimal", "hong_kong", "american"))
        found |= _converted(match, market, OPEN, f"last_{name}", ("decimal",))
        found |= _converted(match, market, EARLY, f"early_{name}", ("decimal", "american"))
    return found


def _converted(
    match: Mapping[str, Any], market: Market, moment: str, name: str, forms: Sequence[str]
) -> dict[str, Any]:
    quote = f"{moment}_{market.name}"
    found = {f"{name}_{part}": match.get(f"{quote}_{part}") for part in ("quoted_at", "minute_text")}
    if market.line is not None:
        found[f"{name}_line"] = match.get(f"{quote}_line")
    for selection in market.selections:
        decimal, hong_kong, american = price_forms(market, match.get(f"{quote}_{selection}"))
        by_form = {"decimal": decimal, "hong_kong": hong_kong, "american": american}
        found |= {f"{name}_{selection}_{form}": by_form[form] for form in forms}
    return found


def quotes_of(match_id: str, odds: Odds) -> tuple[pa.RecordBatch, int]:
    """Every quote of a match as Arrow columns, repetitions left out; and how many rows were unreadable."""
    columns: dict[str, list[Any]] = {name: [] for name in QUOTES_SCHEMA.names}
    unreadable = 0
    for company, markets in odds.items():
        if not company.isdecimal() or not isinstance(markets, dict):
            unreadable += bool(markets)
            continue
        for code, rows in markets.items():
            if code not in MARKETS or not isinstance(rows, list):
                unreadable += bool(rows)
                continue
            parts = _turned(rows)
            if parts is None:
                readable = [row for row in rows if well_formed(row)]
                unreadable += len(rows) - len(readable)
                parts = _turned(readable)
            if parts is not None:
                _extend(columns, match_id, int(company), MARKETS[code], parts)
    return _batch(columns), unreadable


def _turned(rows: list[QuoteRow]) -> list[tuple[Any, ...]] | None:
    """The parts of many rows as columns, exact repetitions left out; None when not every row is well formed.

    Turned and checked by column: asking each of 220,000 rows of a cycle by itself takes most of a second.
    """
    try:
        parts = list(zip(*dict.fromkeys(map(tuple, rows)), strict=True))
    except (TypeError, ValueError):
        return None
    if len(parts) < PARTS or any(not set(map(type, parts[n])) <= kinds for n, kinds in enumerate(_PART_TYPES)):
        return None
    return parts


def _extend(
    columns: dict[str, list[Any]], match_id: str, company_id: int, market: Market, parts: list[tuple[Any, ...]]
) -> None:
    count = len(parts[AT])
    nothing = [None] * count
    for name, value in (
        ("match_id", match_id),
        ("company_id", company_id),
        ("company", meaning(COMPANY, company_id)),
        ("market", market.name),
    ):
        columns[name].extend([value] * count)
    columns["seq"].extend(range(count))
    columns["quoted_at"].extend(parts[AT])
    columns["minute_text"].extend(parts[MINUTE])
    columns["home_price"].extend(parts[2])
    columns["draw_price"].extend(parts[3] if market.line is None else nothing)
    columns["line"].extend(nothing if market.line is None else parts[3])
    columns["away_price"].extend(parts[4])
    columns["status_id"].extend(parts[STATUS])
    columns["sealed"].extend(parts[SEALED])
    columns["score_text"].extend(parts[SCORE])


def _batch(columns: Mapping[str, list[Any]]) -> pa.RecordBatch:
    arrays: list[Any] = []
    for field in QUOTES_SCHEMA:
        values = columns[field.name]
        if field.name == "quoted_at":
            seconds = pa.array(values, pa.timestamp("s", tz="UTC"))
            arrays.append(seconds.cast(field.type))
        elif field.name == "sealed":
            arrays.append(pa.array(values, pa.int64()).cast(pa.bool_()))
        elif field.name.endswith("_price"):
            arrays.append(_without(0.0, pa.array(values, pa.float64())))
        elif field.name.endswith("_text"):
            arrays.append(_without("", pa.array(values, pa.string())))
        else:
            arrays.append(pa.array(values, field.type))
    return pa.RecordBatch.from_arrays(arrays, schema=QUOTES_SCHEMA)


def _without(blank: float | str, values: Any) -> Any:
    """The array with null where it holds the value that stands for `not known`."""
    return pc.if_else(pc.equal(values, pa.scalar(blank, values.type)), pa.scalar(None, values.type), values)
