"""The corrections, found while the cycle is appended to the history."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import dagster as dg

from football_assets.config import now_utc
from football_assets.soccer import cycle_rules, rules
from football_assets.soccer.assets.outputs import rules_of
from football_assets.soccer.changes import LOGGED
from football_assets.soccer.grades import graded
from football_assets.soccer.keeping import Kept, keep_cycle
from football_assets.soccer.schemas import Corrections, EnrichedMatches, LiveMatches, OddsQuotes
from football_assets.tables import Rule, Table
from football_assets.timing import Phases, after_tick
from football_assets.warehouse.assets.steps import checks_of, given, table_out
from football_assets.warehouse.assets.tables import asset_key, result
from football_assets.warehouse.storage import lake_of

RULES = rules_of(
    Corrections,
    cycle=graded(
        history=given(rules.kept_in_history),
        statuses=given(cycle_rules.legal_statuses),
        requests=given(cycle_rules.request_errors),
        enrichment=given(cycle_rules.enrichment_time),
        time=given(cycle_rules.cycle_time),
    ),
)


@dg.multi_asset(
    name="corrections",
    deps=[*map(asset_key, LOGGED.values()), asset_key(OddsQuotes)],
    outs={"corrections": table_out(Corrections, "One row something the provider took back: before and after.")},
    check_specs=checks_of({Corrections: RULES}),
)
def corrections(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    """Append what changed in this cycle to the history; it is read as Arrow, which costs half of frames."""
    told = [_told(context.instance, table) for table in (LiveMatches, EnrichedMatches)]
    # The provider's clock of the newest live list, which an empty one cannot say itself.
    observed_at = datetime.fromisoformat(told[0]["fetched_at"]) if "fetched_at" in told[0] else None
    phases = Phases()
    with phases.measured("history_s"):
        kept = keep_cycle(lake_of("soccer"), observed_at, context.run.run_id)
    cycle = _cycle(kept, observed_at, told[1], _since_tick_s(context))
    yield result(Corrections, (kept.corrections, {**kept.about, **phases.seconds}), {**RULES, "cycle": cycle})


def _cycle(kept: Kept, observed_at: datetime | None, enriched: Mapping[str, Any], seconds: float) -> Rule:
    """The check of how the cycle went, with what it is judged by."""
    return graded(
        history=given(rules.kept_in_history, problem=kept.problem),
        statuses=given(cycle_rules.legal_statuses, observed_at=observed_at),
        requests=given(cycle_rules.request_errors, reading=enriched.get("reading")),
        enrichment=given(cycle_rules.enrichment_time, seconds=enriched.get("enrich_s")),
        time=given(cycle_rules.cycle_time, seconds=seconds),
    )


def _told(instance: dg.DagsterInstance, table: type[Table]) -> dict[str, Any]:
    """The metadata of a table's newest materialization, as plain values."""
    event = instance.get_latest_materialization_event(asset_key(table))
    made = event.asset_materialization if event else None
    return {name: value.value for name, value in made.metadata.items()} if made else {}


def _since_tick_s(context: dg.AssetExecutionContext) -> float:
    """Seconds since the tick that asked for this run, or since its creation when a person did."""
    since_tick = after_tick("cycle_s", context.run.tags, now_utc())
    if since_tick:
        return since_tick["cycle_s"]
    record = context.instance.get_run_record_by_id(context.run.run_id)
    return (now_utc() - record.create_timestamp).total_seconds() if record else 0.0
