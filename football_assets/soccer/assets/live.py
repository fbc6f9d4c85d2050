"""The live list: one request, three tables."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg

from football_assets.config import now_utc
from football_assets.soccer.assets.outages import read_live, skew_s
from football_assets.soccer.assets.outputs import rules_of
from football_assets.soccer.grades import graded
from football_assets.soccer.live import incident_rows, live_rows, stat_rows
from football_assets.soccer.rules import known_codes, known_events, named_rows
from football_assets.soccer.sanity import same_clock
from football_assets.soccer.schemas import Incidents, LiveMatches, MatchStats
from football_assets.tables import Table, from_rows
from football_assets.timing import Phases, after_tick
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.steps import Rules, checks_of, given, table_out
from football_assets.warehouse.assets.tables import result

THESPORTS = frozenset({"thesports"})
READING = graded(codes=known_codes, events=given(known_events), rows=given(named_rows), clock=given(same_clock))
RULES: Mapping[type[Table], Rules] = {
    LiveMatches: rules_of(LiveMatches, reading=READING),
    Incidents: rules_of(Incidents),
    MatchStats: rules_of(MatchStats),
}


@dg.multi_asset(
    name="live_list",
    outs={
        "live_matches": table_out(LiveMatches, "One row a match of the live list: score, minute.", kinds=THESPORTS),
        "incidents": table_out(Incidents, "One row an event of a live match.", kinds=THESPORTS),
        "match_stats": table_out(MatchStats, "One row a running statistic of a live match.", kinds=THESPORTS),
    },
    check_specs=checks_of(RULES),
)
def live_list(context: dg.AssetExecutionContext, thesports: ProviderConnection) -> Iterator[dg.MaterializeResult[Any]]:
    """Read the live list once; when it cannot be read the cycle ends here and what is published stays."""
    launched, phases = after_tick("launch_s", context.run.tags, now_utc()), Phases()
    with phases.measured("list_s"):
        reading = read_live(context, thesports)
        matches, unnamed = reading.value
        frames = {
            LiveMatches: from_rows(LiveMatches, live_rows(matches, reading.served_at)),
            Incidents: from_rows(Incidents, incident_rows(matches, reading.served_at)),
            MatchStats: from_rows(MatchStats, stat_rows(matches, reading.served_at)),
        }
    about = {"source": thesports.source.value, "fetched_at": reading.served_at.isoformat(), "unnamed_rows": unnamed}
    events = given(known_events, incidents=frames[Incidents], stats=frames[MatchStats])
    clock = given(same_clock, skew_s=skew_s(thesports.source, reading))
    whole = graded(codes=known_codes, events=events, rows=given(named_rows, unnamed=unnamed), clock=clock)
    made = (frames[LiveMatches], {**about, **launched, **phases.seconds})
    yield result(LiveMatches, made, {**RULES[LiveMatches], "reading": whole})
    for table in (Incidents, MatchStats):
        yield result(table, frames[table], RULES[table])
