"""The ledger of what was said before kickoff, and how it turned out."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.config import load_settings, now_utc
from football_assets.ncaa import ledger as book
from football_assets.ncaa import ledger_grades
from football_assets.ncaa.assets.seasons import provider_clock
from football_assets.ncaa.ledger_schemas import GamePredictions, Ledger, LedgerGrades
from football_assets.ncaa.schemas import Games, Lines
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.assets.remembering import unless_unchanged
from football_assets.warehouse.assets.steps import checks_of, rules_of, table_out
from football_assets.warehouse.assets.tables import BESIDE_LIVE, reads, result
from football_assets.warehouse.engine import Database, database_of
from football_assets.warehouse.reader import Warehouse
from football_assets.warehouse.storage import lake_of
from football_assets.warehouse.versions import code_version

RULES = {Ledger: rules_of(Ledger, chain=book.chain_whole), LedgerGrades: rules_of(LedgerGrades)}


@dg.multi_asset(
    pool=BESIDE_LIVE,
    name="ncaa__ledger",
    ins=reads(Games, Lines, GamePredictions),
    outs={"ledger": table_out(Ledger), "ledger_grades": table_out(LedgerGrades)},
    check_specs=checks_of(RULES),
)
@unless_unchanged(Ledger, LedgerGrades, made_of=(Games, Lines, GamePredictions))
def ledger(
    games: pd.DataFrame, lines: pd.DataFrame, game_predictions: pd.DataFrame
) -> Iterator[dg.MaterializeResult[Any]]:
    """Enter what is said of the games ahead, and grade what was said of those that are over."""
    said_at = now_utc() if lake_of("ncaa").source is Source.REAL else provider_clock(games)
    ahead = book.ahead(game_predictions, lines, said_at, code_version("ncaa"))
    before = kept()
    whole = book.append(before, ahead, said_at)
    about = {"new_entries": len(whole) - len(before), "head": str(whole["hash"].iloc[-1]) if len(whole) else "none"}
    yield result(Ledger, (whole, about), RULES[Ledger])
    graded = ledger_grades.grades(whole, games, lines)
    yield result(LedgerGrades, (graded, ledger_grades.metadata(graded)), RULES[LedgerGrades])


def kept() -> pd.DataFrame:
    """Every entry so far: of the file and the database the one that holds more."""
    lake = lake_of("ncaa")
    stored = lake.read(Ledger) if lake.exists(Ledger) else from_rows(Ledger, [])
    return book.longest(stored, published_entries(database_of(load_settings().folder, lake.source), lake.source))


def published_entries(database: Database, source: Source) -> pd.DataFrame:
    """The entries that the database of a world holds, in their order; none before the first publication."""
    warehouse = Warehouse(database, source) if database.exists() else None
    if warehouse is None or Ledger.sql_name() not in {each.name for each in warehouse.tables()}:
        return from_rows(Ledger, [])
    return warehouse.read(Ledger.sql_name()).sort_values("sequence", ignore_index=True)
