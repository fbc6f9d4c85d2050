"""What changed from one cycle to the next, value by value, so that a cycle is kept as its changes.

A state is what a cycle shows: for each logged table the rows by key. Values are plain: instants are whole
microseconds since 1970 UTC, and a column that is not known is absent from its row.

Two things of a row move with the clock alone and are told by a rule, which is part of the form in which days are
kept: `fetched_at` is the instant of the cycle, and the age of a part that is not read live grows with it. Where the
rule does not give exactly the value seen, that value is a change like any other, so what is rebuilt is what was shown.
"""

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from football_assets.soccer.derived_chances import DERIVED, with_derived
from football_assets.soccer.prediction_schemas import MatchPredictions
from football_assets.soccer.schemas import FlattenedMatches, Incidents, MatchStats
from football_assets.tables import Table, arrow_schema, from_arrow

Values = dict[str, Any]
Rows = dict[str, Values]
State = dict[str, Rows]
Tables = Mapping[str, pa.Table]
# Table -> key -> changed values (null: no longer known), or None for a row that is gone.
Delta = dict[str, dict[str, Values | None]]

LOGGED: Mapping[str, type[Table]] = {
    each.table_name(): each for each in (FlattenedMatches, Incidents, MatchStats, MatchPredictions)
}
CLOCK = "fetched_at"
AGES = {f"{part}_age_s": f"{part}_state" for part in ("detail", "odds", "names")}
READ_NOW = "live"
_SECOND_US = 1_000_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def microseconds(instant: datetime) -> int:
    """An instant as whole microseconds since 1970 UTC."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def instant_of(count_us: int) -> datetime:
    """The instant of whole microseconds since 1970 UTC."""
    return _EPOCH + timedelta(microseconds=count_us)


def plain(data: pa.Table) -> pa.Table:
    """The table with instants as whole microseconds, without what follows from its other columns."""
    data = data.drop_columns([name for name in data.column_names if name in DERIVED])
    return data.cast(
        pa.schema([(f.name, pa.int64() if pa.types.is_timestamp(f.type) else f.type) for f in data.schema])
    )


def rows_of(data: pa.Table) -> list[Values]:
    """The rows of a plain table, what is not known left out."""
    return [{name: value for name, value in row.items() if value is not None} for row in data.to_pylist()]


def keys_of(table: type[Table], data: pa.Table) -> list[str]:
    """The key of each row, written as one text: `<match id>` or `<match id>/<its place>`."""
    return [_key_text(key) for key in zip(*(data[name].to_pylist() for name in table.about().key), strict=True)]


def state_of(tables: Tables, match_ids: Container[str]) -> State:
    """The rows of some matches in plain tables; tables may lack columns that are no part of the key."""
    found: State = {}
    for name, data in tables.items():
        places = [n for n, match_id in enumerate(data["match_id"].to_pylist()) if match_id in match_ids]
        chosen = _taken(data, places)
        found[name] = dict(zip(keys_of(LOGGED[name], chosen), rows_of(chosen), strict=True))
    return found


def whole_state(tables: Tables) -> State:
    """Every row in plain tables."""
    return {name: dict(zip(keys_of(LOGGED[name], data), rows_of(data), strict=True)) for name, data in tables.items()}


def frame_of(table: type[Table], rows: Mapping[str, Values]) -> pd.DataFrame:
    """The frame of a table from plain rows, in the order of its key; columns no longer declared are left out."""
    key = table.about().key
    ordered = sorted(rows.values(), key=lambda row: tuple(row[name] for name in key))
    if table is MatchPredictions:
        ordered = [with_derived(row) for row in ordered]
    return from_arrow(pa.Table.from_pylist(ordered, schema=arrow_schema(table)))


def advanced(row: Values, now_us: int) -> Values:
    """The row as it reads at a later cycle when nothing about it was told since."""
    moved = {**row, CLOCK: now_us}
    for age, state in AGES.items():
        if age in row:
            moved[age] = aged(row[age], row.get(state), now_us - row[CLOCK])
    return moved


def aged(age_s: float, state: str | None, passed_us: int) -> float:
    """The rule for ages: what is not read live grows older with the clock."""
    if state == READ_NOW or not passed_us:
        return age_s
    return round(age_s + passed_us / _SECOND_US, 6)


def difference(told: Tables, now: Tables, now_us: int) -> tuple[Delta, dict[str, pa.Table]]:
    """What must be told at `now_us` so that `now` is known, and every row as it was told last.

    Both are plain tables by name. Columns that are equal as a whole are passed over in one comparison: of the 190
    columns of a hundred matches few change in a minute.
    """
    delta: Delta = {}
    after: dict[str, pa.Table] = {}
    for name, data in now.items():
        before = told.get(name)
        if before is None or before.schema != data.schema:
            before = data.schema.empty_table()
        changes, after[name] = _table_difference(LOGGED[name], before, data, now_us)
        if changes:
            delta[name] = changes
    return delta, after


def _table_difference(
    table: type[Table], before: pa.Table, now: pa.Table, now_us: int
) -> tuple[dict[str, Values | None], pa.Table]:
    names = table.about().key
    old_keys, keys = (list(zip(*(data[name].to_pylist() for name in names), strict=True)) for data in (before, now))
    old = {key: place for place, key in enumerate(old_keys)}
    new = [place for place, key in enumerate(keys) if key not in old]
    both = [place for place, key in enumerate(keys) if key in old]
    changes: dict[str, Values | None] = dict.fromkeys(map(_key_text, old.keys() - set(keys)))
    changes |= dict(zip([_key_text(keys[place]) for place in new], rows_of(_taken(now, new)), strict=True))
    ours = [old[keys[place]] for place in both]
    changed: dict[int, Values] = {}
    for place, column, value in _changed_values(_taken(before, ours), _taken(now, both), now_us):
        changed.setdefault(both[place], {})[column] = value
    changes |= {_key_text(keys[place]): values for place, values in changed.items()}
    # Of each row its last telling: from now where something of it changed, else from before.
    told = [old.get(key, -1) if place not in changed else -1 for place, key in enumerate(keys)]
    if all(place < 0 for place in told):
        return changes, now
    kept = [place if place >= 0 else before.num_rows + n for n, place in enumerate(told)]
    return changes, before if kept == list(range(before.num_rows)) else _taken(pa.concat_tables([before, now]), kept)


def _changed_values(before: pa.Table, now: pa.Table, now_us: int) -> Iterator[tuple[int, str, Any]]:
    for column in now.column_names:
        if column == CLOCK:
            continue
        expected = _aged_column(before, column, now_us) if column in AGES else before[column]
        if isinstance(expected, list) or not expected.equals(now[column]):
            old = expected if isinstance(expected, list) else expected.to_pylist()
            for place, (was, value) in enumerate(zip(old, now[column].to_pylist(), strict=True)):
                if was != value:
                    yield place, column, value


def _aged_column(before: pa.Table, column: str, now_us: int) -> list[float | None]:
    values = zip(*(before[name].to_pylist() for name in (column, AGES[column], CLOCK)), strict=True)
    return [None if age is None else aged(age, state, now_us - told_us) for age, state, told_us in values]


def applied(state: State, delta: Delta, now_us: int) -> State:
    """The same state after a delta, changed in place: rows that it names are brought to `now_us`, others stay."""
    for name, changes in delta.items():
        rows = state.setdefault(name, {})
        for key, values in changes.items():
            if values is None:
                rows.pop(key, None)
            else:
                rows[key] = merged(rows.get(key), values, now_us)
    for name in LOGGED:
        state.setdefault(name, {})
    return state


def merged(row: Values | None, values: Values, now_us: int) -> Values:
    """The same row at `now_us` after its changed values, in place; a null among them is no longer known."""
    row = {} if row is None else row
    passed_us = now_us - row.get(CLOCK, now_us)
    for age, state in AGES.items():
        if age in row:
            row[age] = aged(row[age], row.get(state), passed_us)
    row.update(values)
    row[CLOCK] = now_us
    if None in values.values():
        for name in [name for name, value in values.items() if value is None]:
            row.pop(name, None)
    return row


def shown(state: State, now_us: int) -> State:
    """The state as it reads at a cycle: every row brought to its instant."""
    return {name: {key: advanced(row, now_us) for key, row in rows.items()} for name, rows in state.items()}


@dataclass(frozen=True, slots=True)
class Change:
    """One value that became another. `row` names the row within its match, None for the match itself."""

    table: str
    row: str | None
    column: str
    before: Any
    after: Any


def changes_between(table: str, key: str, before: Values, after: Values) -> Iterator[Change]:
    """Every value that differs between two versions of a row, clock aside; {} is a row that is not there."""
    row = key.partition("/")[2] or None
    for column in (*after, *(name for name in before if name not in after)):
        old, new = before.get(column), after.get(column)
        if old != new and column != CLOCK and column not in LOGGED[table].about().key:
            yield Change(table, row, column, old, new)


def _key_text(key: tuple[Any, ...]) -> str:
    return "/".join(map(str, key))


def _taken(data: pa.Table, places: list[int]) -> pa.Table:
    """Some rows, in an order; all of them in their own order are the table itself."""
    return data if places == list(range(data.num_rows)) else data.take(np.array(places, np.int64))
