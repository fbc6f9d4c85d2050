"""The quotes that the history keeps, as they are read: what was seen by an instant, each once, newest first."""

from collections.abc import Iterable
from datetime import datetime

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from football_assets.soccer.changelog import CYCLE, HotDay
from football_assets.soccer.changes import microseconds
from football_assets.soccer.compaction import ColdPart
from football_assets.soccer.quotes_log import KEPT, SERIES

SEEN_US = "seen_us"
_EVER = np.iinfo(np.int64).max
# A day that is written is read with texts as they are, one that is compacted with places in a dictionary.
_PLAIN = pa.schema(
    [(f.name, f.type.value_type if pa.types.is_dictionary(f.type) else f.type) for f in KEPT] + [(SEEN_US, pa.int64())]
)


def quotes_seen(log: HotDay | ColdPart, until: datetime | None = None, match_id: str | None = None) -> pa.Table:
    """The quotes of a log, or those on one match, that cycles up to an instant brought, each with when (`seen_us`).

    The instant is held against the provider's clock of each cycle: one that went back is that of another run.
    """
    numbers, instants = (pa.array(each, pa.int64()) for each in zip(*[(0, None), *log.cycles()], strict=True))
    quotes = log.quotes(match_id)
    # A cycle that was appended between both readings has no instant yet, and its quotes wait for the next reading.
    seen_us = instants.take(pc.index_in(quotes[CYCLE.name].cast(pa.int64()), value_set=numbers))
    found = quotes.select(KEPT.names).append_column(SEEN_US, seen_us).cast(_PLAIN)
    return found.filter(pc.field(SEEN_US) <= (_EVER if until is None else microseconds(until)))


def newest_first(parts: Iterable[pa.Table]) -> pd.DataFrame:
    """Each quote once: the series beside one another, each newest first, as the provider gives them.

    Quotes of one second stand as the provider gave them, those of later cycles before those of earlier ones.
    """
    frame = pa.concat_tables([_PLAIN.empty_table(), *parts]).to_pandas()
    frame["place"] = np.arange(len(frame))
    newest = [*SERIES, "quoted_at", SEEN_US, "place"]
    ordered = frame.sort_values(newest, ascending=[True, True, True, False, False, True], kind="stable")
    return ordered.drop_duplicates(list(KEPT.names)).drop(columns="place").reset_index(drop=True)
