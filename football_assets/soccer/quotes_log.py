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
_IPC = pa.ipc.IpcWriteOptions(compression="zstd")
_ODD = np.uint64(0x9E3779B97F4A7C15)
_SHIFT = np.uint64(29)


def new_quotes(quotes: pa.Table, seen: pa.Table, kept: Kept, now_us: int) -> tuple[pa.Table, pa.Table]:
    """(the quotes not seen before, in the columns of KEPT; what to remember). `seen` is what is remembered so far."""
    if not quotes.num_rows:
        return quotes.select(KEPT.names), seen
    starts, series = _series(quotes)
    ends = np.append(starts[1:], quotes.num_rows)
    sums = np.concatenate([np.zeros(1, np.uint64), np.cumsum(row_sums(quotes))])
    counts, totals = ends - starts, sums[ends] - sums[starts]
    known_counts, known_totals = _known(seen, series)
    wanted: list[Places] = [np.empty(0, np.int64)]
    for n in np.flatnonzero((counts != known_counts) | (totals != known_totals)).tolist():
        start, end = starts[n], ends[n]
        fresh = start + max(counts[n] - known_counts[n], 0)
        # Subtracted as arrays: a difference of single numbers would warn where it wraps around.
        if (sums[end : end + 1] - sums[fresh : fresh + 1])[0] == known_totals[n]:
            wanted.append(np.arange(start, fresh))
            continue
        (head,) = quotes.select(SERIES).slice(start, 1).to_pylist()
        known = kept((head["match_id"], head["company_id"], head["market"]))
        rewritten = start + _unkept(quotes.slice(start, counts[n]), known)
        if not len(rewritten):
            # An older answer, or quotes withdrawn: what is remembered covers it.
            counts[n], totals[n] = known_counts[n], known_totals[n]
        wanted.append(rewritten)
    remembered = _remembered(seen, series, counts, totals, now_us)
    return quotes.select(KEPT.names).take(np.concatenate(wanted)), remembered


def row_sums(quotes: pa.Table) -> Numbers:
    """A number for each quote that depends on all its values, the same in every process."""
    found = _mixed(np.asarray(quotes["quoted_at"].cast(pa.int64()), np.int64).view(np.uint64))
    for name in NUMBERS:
        values = np.asarray(pc.fill_null(quotes[name].cast(pa.float64()), pa.scalar(-1.0)), np.float64)
        found = _mixed(found ^ values.view(np.uint64))
    found = _mixed(found ^ np.asarray(quotes["sealed"].cast(pa.uint8()), np.uint64))
    for name in TEXTS:
        found = _mixed(found ^ _text_numbers(quotes[name]))
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


def packed_table(data: pa.Table) -> bytes:
    """A table as one compressed Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, data.schema, options=_IPC) as writer:
        writer.write_table(data.combine_chunks())
    return bytes(sink.getvalue())


def unpacked_table(blob: bytes) -> pa.Table:
    """The table of an Arrow stream."""
    return pa.ipc.open_stream(blob).read_all()


def _series(quotes: pa.Table) -> tuple[Places, Numbers]:
    """Where each series begins, and its number."""
    numbers = _text_numbers(quotes["match_id"])
    numbers = _mixed(numbers ^ np.asarray(quotes["company_id"], np.int64).view(np.uint64))
    numbers = _mixed(numbers ^ _text_numbers(quotes["market"]))
    starts = np.flatnonzero(np.append(True, numbers[1:] != numbers[:-1]))
    return starts, numbers[starts]


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
    columns = (series, counts, totals, np.full(len(series), now_us))
    now = pa.table([pa.array(values) for values in columns], schema=SEEN)
    recent = np.asarray(seen["seen_us"], np.int64) > now_us - FORGOTTEN_AFTER_US
    others = recent & ~np.isin(np.asarray(seen["series"], np.uint64), series)
    return pa.concat_tables([seen.filter(pa.array(others)), now]).sort_by("series").combine_chunks()


def _unkept(quotes: pa.Table, kept: set[tuple[Any, ...]]) -> Places:
    return np.array([place for place, key in enumerate(natural_keys(quotes)) if key not in kept], np.int64)


def _text_numbers(column: Any) -> Numbers:
    """A number for each text of a column, 0 for null."""
    coded: Any = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    coded = coded.unify_dictionaries().combine_chunks() if isinstance(coded, pa.ChunkedArray) else coded
    words = [_text_number(word) for word in coded.dictionary.to_pylist()]
    places = np.asarray(pc.fill_null(coded.indices, pa.scalar(len(words), coded.indices.type)))
    return np.asarray(np.array([*words, 0], np.uint64)[places], np.uint64)


def _text_number(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "little")


def _mixed(values: Numbers) -> Numbers:
    spread = values * _ODD
    return np.asarray(spread ^ (spread >> _SHIFT), np.uint64)
