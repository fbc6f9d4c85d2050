"""Days for tests of the history: small ones made by hand, and a simulated evening."""

import functools
from datetime import UTC, datetime, timedelta

import pyarrow as pa

from benchmarks.soccer_days import DAY, Day
from football_assets.soccer.changelog import append
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.odds import QUOTES_SCHEMA, quotes_of
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.tables import arrow_schema

NOW = datetime(2025, 5, 28, 23, 58, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
STATES = {"detail_state": "live", "odds_state": "live", "names_state": "live"}


def cycle(folder, at, *rows, quotes=()):
    """Append a cycle with these match rows, and quotes of the match m1."""
    rows = [{"match_id": "m1", "incidents": 0, "stats": 0, "fetched_at": at, **STATES, **row} for row in rows]
    tables = {name: arrow_schema(table).empty_table() for name, table in LOGGED.items()}
    tables["flattened_matches"] = pa.Table.from_pylist(rows, schema=arrow_schema(FlattenedMatches))
    given = [quotes_of("m1", {"2": {"eu": list(quotes)}})[0]] if quotes else []
    return append(folder, tables, pa.Table.from_batches(given, schema=QUOTES_SCHEMA), at, "run")


def quote(at, price):
    """A 1X2 quote, `at` seconds into the evening."""
    return [1_748_450_000 + at, "37", price, 3.4, 5.5, 4, 0, "1-0"]


@functools.cache
def evening(count=80, matches_a_day=20):
    """(instant, tables, quotes) of simulated cycles over midnight, in irregular steps."""
    day = Day(matches_a_day)
    start = DAY + timedelta(hours=23, minutes=20)
    instants = [start + n * MINUTE + timedelta(seconds=n * n % 17) for n in range(count)]
    cycles = [(at, day.cycle(at)) for at in instants]
    return [(at, shown.tables, shown.quotes) for at, shown in cycles]
