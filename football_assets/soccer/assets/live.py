"""The live list: one request, three tables."""

from collections.abc import Iterator
from typing import Any

import dagster as dg

from football_assets.soccer import rules
from football_assets.soccer.assets.outputs import checks_of, given, rules_of, table_out
from football_assets.soccer.client import TheSports
from football_assets.soccer.live import incident_rows, live_rows, stat_rows
from football_assets.soccer.schemas import Incidents, LiveMatches, MatchStats
from football_assets.tables import from_rows
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.tables import result

THESPORTS = frozenset({"thesports"})
RULES = {
    LiveMatches: rules_of(LiveMatches, codes=rules.known_codes, named_rows=given(rules.named_rows, unnamed=0)),
    Incidents: rules_of(Incidents, codes=rules.known_codes),
    MatchStats: rules_of(MatchStats, codes=rules.known_codes),
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
def live_list(thesports: ProviderConnection) -> Iterator[dg.MaterializeResult[Any]]:
    """Read the live list once; when it cannot be read the cycle ends here and what is published stays."""
    reading = thesports.run(lambda transport: TheSports(transport).live())
    matches, unnamed = reading.value
    about = {"source": thesports.source.value, "fetched_at": reading.served_at.isoformat(), "unnamed_rows": unnamed}
    named = {**RULES[LiveMatches], "named_rows": given(rules.named_rows, unnamed=unnamed)}
    yield result(LiveMatches, (from_rows(LiveMatches, live_rows(matches, reading.served_at)), about), named)
    for table, rows in ((Incidents, incident_rows), (MatchStats, stat_rows)):
        yield result(table, from_rows(table, rows(matches, reading.served_at)), RULES[table])
