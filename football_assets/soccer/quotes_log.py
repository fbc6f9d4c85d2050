"""Which quotes are new: the provider sends a match's whole history each time, only what it adds is kept.

The quotes of one bookmaker on one market of one match are a series, newest first. Of each series its length and a
sum over its rows are remembered. A series that grew at its front by some rows, the rest summing up as before, adds
exactly those rows; one whose past was rewritten is compared quote by quote with what is kept.
"""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from football_assets.soccer.schemas import OddsQuotes
from football_assets.tables import arrow_schema

Series = tuple[str, int, str]
Numbers = npt.NDArray[np.uint64]
Places = npt.NDArray[np.int64]
SERIES = ("match_id", "company_id", "market")
NUMBERS = ("line", "home_price", "draw_price", "away_price", "status_id")
TEXTS = ("minute_text", "score_text")
VALUES = ("quoted_at", *TEXTS, *NUMBERS, "sealed")
KEPT = pa.schema([arrow_schema(OddsQuotes).field(name) for name in (*SERIES, *VALUES)])
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


# The natural keys of the quotes kept of a series so far.
Kept = Callable[[Series], set[tuple[Any, ...]]]
SEEN = pa.schema([("series", pa.uint64()), ("quotes", pa.int64()), ("total", pa.uint64()), ("seen_us", pa.int64())])
FORGOTTEN_AFTER_US = 24 * 3600 * 1_000_000
_BLOCK = 16_384


def new_quotes(quotes: pa.Table, seen: pa.Table, kept: Kept, now_us: int) -> tuple[pa.Table, pa.Table]:
    """(the quotes not seen before, in the columns of KEPT; what to remember). `seen` is what is remembered so far."""
    if not quotes.num_rows:
        return quotes.select(KEPT.names), seen
    quotes = quotes.select(KEPT.names).unify_dictionaries().combine_chunks()
    starts, series = _series(quotes)
    ends = np.append(starts[1:], quotes.num_rows)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(row_sums(quotes))])
    counts, totals = ends - starts, sums[ends] - sums[starts]
    known_counts, known_totals = _known(seen, series)
    changed = (counts != known_counts) | (totals != known_totals)
    fresh = starts + np.maximum(counts - known_counts, 0)
    grown = changed & (sums[ends] - sums[fresh] == known_totals)
    wanted = [_ranges(starts[grown], fresh[grown])]
    for n in np.flatnonzero(changed & ~grown).tolist():
        (head,) = quotes.select(SERIES).slice(starts[n], 1).to_pylist()
        known = kept((head["match_id"], head["company_id"], head["market"]))
        rewritten = starts[n] + _unkept(quotes.slice(starts[n], counts[n]), known)
        if not len(rewritten):
            # An older answer, or quotes withdrawn: what is remembered covers it.
            counts[n], totals[n] = known_counts[n], known_totals[n]
        wanted.append(rewritten)
    remembered = _remembered(seen, series, counts, totals, now_us)
    return quotes.take(np.sort(np.concatenate(wanted))), remembered


def row_sums(quotes: pa.Table) -> Numbers:
    """A number for each quote that depends on all its values, the same in every process.

    Worked out in blocks that stay in the processor's cache: a cycle has hundreds of thousands of quotes.
    """
    columns: list[tuple[Any, Numbers | None]] = [
        (np.asarray(_values(quotes["quoted_at"].cast(pa.int64())), np.int64).view(np.uint64), None),
        *((np.asarray(_values(quotes[name]), np.float64).view(np.uint64), None) for name in NUMBERS),
        (np.asarray(_values(quotes["sealed"].cast(pa.uint8())), np.uint8), None),
        *(_coded(quotes[name]) for name in TEXTS),
    ]
    found = np.zeros(quotes.num_rows, np.uint64)
    scratch = np.empty(_BLOCK, np.uint64)
    for start in range(0, len(found), _BLOCK):
        part = found[start : start + _BLOCK]
        spare = scratch[: len(part)]
        for values, words in columns:
            block = values[start : start + _BLOCK]
            if words is not None:
                block = np.take(words, block, out=spare, mode="clip")
            np.bitwise_xor(part, block, out=part)
            np.multiply(part, _ODD, out=part)
            np.right_shift(part, _SHIFT, out=spare)
            np.bitwise_xor(part, spare, out=part)
    return found


def natural_keys(quotes: pa.Table) -> list[tuple[Any, ...]]:
    """The values of each quote that make it the one it is."""
    return list(zip(*(quotes[name].to_pylist() for name in VALUES), strict=True))


def of_series(quotes: pa.Table, series: Series) -> pa.Table:
    """The quotes of one bookmaker on one market of one match."""
    match_id, company_id, market = series
    return quotes.filter(
        (pc.field("match_id") == match_id) & (pc.field("company_id") == company_id) & (pc.field("market") == market)
    )


def _series(quotes: pa.Table) -> tuple[Places, Numbers]:
    """Where each series begins, and its number; texts are told apart by their places in a dictionary."""
    (matches, match_words), (markets, market_words) = (_coded(quotes[name]) for name in ("match_id", "market"))
    companies = np.asarray(_values(quotes["company_id"]), np.int64)
    begins = np.ones(len(companies), bool)
    begins[1:] = companies[1:] != companies[:-1]
    for codes in (matches, markets):
        begins[1:] |= codes[1:] != codes[:-1]
    starts = np.flatnonzero(begins)
    numbers = _mixed(match_words[matches[starts]] ^ companies[starts].view(np.uint64))
    return starts, _mixed(numbers ^ market_words[markets[starts]])


def _ranges(starts: Places, ends: Places) -> Places:
    """Every place from each start up to its end."""
    sizes = ends - starts
    before = np.cumsum(sizes) - sizes
    return np.repeat(starts - before, sizes) + np.arange(sizes.sum())


def _known(seen: pa.Table, series: Numbers) -> tuple[Places, Numbers]:
    """Length and sum of each series as remembered; zeros for one not seen before. `seen` is sorted by series."""
    if not seen.num_rows:
        return np.zeros(len(series), np.int64), np.zeros(len(series), np.uint64)
    numbers = np.asarray(seen["series"], np.uint64)
    places = np.minimum(np.searchsorted(numbers, series), len(numbers) - 1)
    found = numbers[places] == series
    counts = np.where(found, np.asarray(seen["quotes"], np.int64)[places], 0)
    return counts, np.where(found, np.asarray(seen["total"], np.uint64)[places], np.uint64(0))


def _remembered(seen: pa.Table, series: Numbers, counts: Places, totals: Numbers, now_us: int) -> pa.Table:
    old = [np.asarray(seen[name]) for name in SEEN.names]
    recent = old[SEEN.get_field_index("seen_us")] > now_us - FORGOTTEN_AFTER_US
    others = recent & ~np.isin(old[0], series)
    now = (series, counts, totals, np.full(len(series), now_us))
    columns = [np.concatenate([before[others], values]) for before, values in zip(old, now, strict=True)]
    order = np.argsort(columns[0])
    return pa.table([pa.array(values[order]) for values in columns], schema=SEEN)


def _unkept(quotes: pa.Table, kept: set[tuple[Any, ...]]) -> Places:
    return np.array([place for place, key in enumerate(natural_keys(quotes)) if key not in kept], np.int64)


def _values(column: Any) -> Any:
    """The values of a column of one chunk, not a number where one is not known."""
    return column.combine_chunks().to_numpy(zero_copy_only=False)


def _coded(column: Any) -> tuple[Any, Numbers]:
    """(for each text of a column of one chunk the place of its number, the numbers); the last one is that of null."""
    coded = column.combine_chunks()
    coded = coded if pa.types.is_dictionary(coded.type) else coded.dictionary_encode()
    words = [_text_number(word) for word in coded.dictionary.to_pylist()]
    places = (
        pc.fill_null(coded.indices, pa.scalar(len(words), coded.indices.type)) if coded.null_count else coded.indices
    )
    return np.asarray(places), np.array([*words, 0], np.uint64)


def _text_number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mixed(values: Numbers) -> Numbers:
    spread = values * _ODD
    return np.asarray(spread ^ (spread >> _SHIFT), np.uint64)
