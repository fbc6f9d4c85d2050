"""What the live cycle adds to the history, and the corrections that the kept days hold."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from football_assets.errors import StorageError
from football_assets.soccer.changelog import Appended, append
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.corrections import Row
from football_assets.soccer.day_files import history_folder
from football_assets.soccer.history import History
from football_assets.soccer.quotes_log import KEPT, SERIES, TEXTS
from football_assets.soccer.schemas import Corrections, OddsQuotes
from football_assets.tables import Table, from_rows
from football_assets.warehouse.lake import Lake


@dataclass(frozen=True)
class Kept:
    """What became of a cycle: the corrections of all kept days, figures, and why it was not kept, if so."""

    corrections: pd.DataFrame
    about: dict[str, Any]
    problem: str | None = None


def keep_cycle(lake: Lake, observed_at: datetime | None, run_id: str | None = None) -> Kept:
    """Append the cycle that the lake holds to its world's history.

    `observed_at` is the provider's clock of an empty live list; one with matches says it itself. A history that
    cannot be written is told, never raised: the board must not wait for it.
    """
    home = lake.root.parent.parent
    try:
        kept = _append(lake, observed_at, run_id)
        found = corrections_of(History(home, lake.source))
    except StorageError as error:
        return Kept(_last_corrections(lake), {}, str(error))
    about = {"cycle": kept.cycle, "rows_told": kept.rows, "new_quotes": kept.quotes}
    return Kept(found, {**about, "new_corrections": len(kept.corrections)})


def corrections_of(history: History) -> pd.DataFrame:
    """Corrections of all kept days, oldest first. A day that was played twice tells each once."""
    return corrections_frame(row for day in history.days() for log in history.logs(day) for row in log.corrections())


def corrections_frame(rows: Iterable[Row]) -> pd.DataFrame:
    """The frame of corrections as the log keeps them, those alike of one instant numbered."""
    unique = {tuple(row.items()): row for row in rows}.values()
    count: dict[tuple[Any, ...], int] = {}
    found = []
    for row in sorted(unique, key=lambda row: (row["observed_at"], row["match_id"])):
        key = (row["match_id"], row["kind"], row["observed_at"])
        count[key] = seq = count.get(key, -1) + 1
        found.append({**row, "seq": seq})
    return from_rows(Corrections, found)


def _append(lake: Lake, observed_at: datetime | None, run_id: str | None) -> Appended:
    tables = {name: _arrow(lake, table) for name, table in LOGGED.items()}
    quotes = _arrow(lake, OddsQuotes, columns=KEPT.names, read_dictionary=[*SERIES[::2], *TEXTS])
    stamps: list[datetime] = [at for at in tables["flattened_matches"]["fetched_at"].to_pylist() if at is not None]
    seen_at = max(stamps, default=observed_at)
    if seen_at is None:
        happened = "the live list is empty and does not say when it was given"
        raise StorageError("appending a cycle to the history", happened, "The next cycle is kept again.")
    return append(history_folder(lake.root.parent.parent, lake.source.value), tables, quotes, seen_at, run_id)


def _arrow(lake: Lake, table: type[Table], **how: Any) -> pa.Table:
    path = lake.path(table)
    try:
        return pq.read_table(path, **how)
    except (OSError, pa.ArrowInvalid) as error:
        raise StorageError(f"reading {path}", str(error), "Materialize the table again.") from error


def _last_corrections(lake: Lake) -> pd.DataFrame:
    try:
        return lake.read(Corrections)
    except StorageError:
        return from_rows(Corrections, [])
