"""The provider's two feeds of odds changes, `odds/live` and `odds/update`, read without trusting their layout.

Nobody has published a recording of `odds/live`, and what is written about it disagrees with itself. So every layout
that was described is understood, and whatever is not names its match as unclear instead of being guessed at.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from football_assets.soccer.markets import MARKETS
from football_assets.soccer.odds import QuoteRow, well_formed

ODDS_LIVE, ODDS_UPDATE = "odds/live", "odds/update"
# Where parts stand in the inner row of `odds/live`: as written out, and with the prices packed into one text.
_PLAIN_PARTS, _PACKED_PARTS = 7, 4
_PACKED = 2


@dataclass
class OddsChanges:
    """Quotes of the last 60 s: match -> company -> market code -> rows of 8 as in `odds/history`, in no order.

    `unclear` are matches of which something could not be read; `unnamed` counts entries that name no match at all.
    """

    rows: dict[str, dict[str, dict[str, list[QuoteRow]]]] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)
    unnamed: int = 0

    def companies(self, match_id: str) -> set[str]:
        """The companies with a readable change on a match."""
        return set(self.rows.get(match_id, {}))

    def add(self, other: "OddsChanges") -> None:
        """Enter what another answer told."""
        self.unclear |= other.unclear
        self.unnamed += other.unnamed
        for match_id, companies in other.rows.items():
            for company, markets in companies.items():
                for market, rows in markets.items():
                    self.rows.setdefault(match_id, {}).setdefault(company, {}).setdefault(market, []).extend(rows)


@dataclass(frozen=True, slots=True)
class OddsUpdate:
    """Which match has odds of which company that were changed or repaired, and when (Unix seconds)."""

    match_id: str
    company_id: str
    update_time: int


def odds_changes(results: Mapping[str, Any]) -> OddsChanges:
    """The changes in the results of `odds/live`: company -> entries, with or without markets in between."""
    found = OddsChanges()
    for company, entries in results.items():
        for code, entry in _entries(entries):
            match_id, row, market = _entry(entry, code)
            if match_id is None:
                found.unnamed += 1
            elif row is None or market is None or not company.isdecimal():
                found.unclear.add(match_id)
            else:
                found.rows.setdefault(match_id, {}).setdefault(company, {}).setdefault(market, []).append(row)
    return found


def odds_updates(results: Any) -> list[OddsUpdate] | None:
    """The rows of `odds/update`, a list of objects or a map of them by match; None when they are anything else."""
    if isinstance(results, dict):
        listed = [
            {"id": key, **row}
            for key, value in results.items()
            for row in (value if isinstance(value, list) else [value])
            if isinstance(row, dict)
        ]
        whole = all(isinstance(value, dict | list) for value in results.values())
    elif isinstance(results, list):
        listed, whole = [row for row in results if isinstance(row, dict)], all(isinstance(r, dict) for r in results)
    else:
        return None
    found = [_update(row) for row in listed]
    readable = [update for update in found if update is not None]
    return readable if whole and len(readable) == len(found) else None


def _entries(entries: Any) -> Iterator[tuple[str | None, Any]]:
    """(market named around it, entry) of one company."""
    if isinstance(entries, dict):
        for code, inner in entries.items():
            for entry in inner if isinstance(inner, list) else [inner]:
                yield code, entry
    elif isinstance(entries, list):
        for entry in entries:
            yield None, entry
    else:
        yield None, entries


def _entry(entry: Any, code: str | None) -> tuple[str | None, QuoteRow | None, str | None]:
    """(match, row of 8, market) of `[match, market, [...], score]`; the market may stand around it instead."""
    if not isinstance(entry, list) or not entry or not isinstance(entry[0], str) or not entry[0]:
        return None, None, None
    match_id, rest = entry[0], entry[1:]
    if rest and isinstance(rest[0], str) and rest[0] in MARKETS:
        if code not in (None, rest[0]):
            return match_id, None, None
        code, rest = rest[0], rest[1:]
    if code not in MARKETS or len(rest) != 2 or not isinstance(rest[0], list) or not isinstance(rest[1], str):
        return match_id, None, None
    return match_id, _row(rest[0], rest[1]), code


def _row(inner: list[Any], score: str) -> QuoteRow | None:
    """A row of 8 from `[ts, minute, v1, v2, v3, status, sealed]` or `[ts, minute, "v1,v2,v3,sealed", status]`."""
    if len(inner) == _PACKED_PARTS and isinstance(inner[_PACKED], str):
        packed = inner[_PACKED].split(",")
        if len(packed) != _PACKED_PARTS:
            return None
        inner = [*inner[:_PACKED], *packed[:3], inner[3], packed[3]]
    if len(inner) != _PLAIN_PARTS:
        return None
    try:
        row = [
            _whole(inner[0]),
            str(inner[1]),
            *(_real(part) for part in inner[2:5]),
            _whole(inner[5]),
            _whole(inner[6]),
            score,
        ]
    except (TypeError, ValueError):
        return None
    return row if well_formed(row) and row[6] in (0, 1) else None


def _update(row: Mapping[str, Any]) -> OddsUpdate | None:
    match_id = row.get("id")
    try:
        return OddsUpdate(match_id, str(_whole(row["company_id"])), _whole(row["update_time"])) if match_id else None
    except (KeyError, TypeError, ValueError):
        return None


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError
    return int(value)


def _real(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise TypeError
    return float(value)
