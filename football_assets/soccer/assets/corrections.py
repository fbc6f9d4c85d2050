"""The corrections, found while the cycle is appended to the history."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import dagster as dg

from football_assets.soccer import rules
from football_assets.soccer.assets.outputs import rules_of
from football_assets.soccer.keeping import keep_cycle
from football_assets.soccer.schemas import (
    Corrections,
    FlattenedMatches,
    Incidents,
    LiveMatches,
    MatchStats,
    OddsQuotes,
)
from football_assets.warehouse.assets.steps import checks_of, given, table_out
from football_assets.warehouse.assets.tables import asset_key, result
from football_assets.warehouse.storage import lake_of

RULES = rules_of(Corrections, kept=given(rules.kept_in_history, problem=None))


@dg.multi_asset(
    name="corrections",
    deps=[asset_key(table) for table in (FlattenedMatches, Incidents, MatchStats, OddsQuotes)],
    outs={"corrections": table_out(Corrections, "One row something the provider took back: before and after.")},
    check_specs=checks_of({Corrections: RULES}),
)
def corrections(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """Append what changed in this cycle to the history; it is read as Arrow, which costs half of frames."""
    kept = keep_cycle(lake_of("soccer"), _clock(context.instance), context.run.run_id)
    holds = given(rules.kept_in_history, problem=kept.problem)
    yield result(Corrections, (kept.corrections, kept.about), {**RULES, "kept": holds})


def _clock(instance: dg.DagsterInstance) -> datetime | None:
    """The provider's clock of the newest live list, which an empty one cannot say itself."""
    event = instance.get_latest_materialization_event(asset_key(LiveMatches))
    told = event.asset_materialization.metadata.get("fetched_at") if event and event.asset_materialization else None
    return datetime.fromisoformat(str(told.value)) if told else None
