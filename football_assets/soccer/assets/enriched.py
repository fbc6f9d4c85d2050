"""Enrichment: details, odds and names in one step, for they are asked together."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.soccer import rules
from football_assets.soccer.assets.outputs import rules_of
from football_assets.soccer.cycle import enrich
from football_assets.soccer.schemas import EnrichedMatches, LiveMatches, OddsQuotes
from football_assets.tables import Table
from football_assets.timing import Phases
from football_assets.warehouse.assets.connection import ProviderConnection
from football_assets.warehouse.assets.steps import Rules, checks_of, given, table_out
from football_assets.warehouse.assets.tables import reads, result
from football_assets.warehouse.storage import lake_of

THESPORTS = frozenset({"thesports"})
RULES: Mapping[type[Table], Rules] = {EnrichedMatches: rules_of(EnrichedMatches), OddsQuotes: rules_of(OddsQuotes)}


@dg.multi_asset(
    name="enrichment",
    ins=reads(LiveMatches),
    outs={
        "enriched_matches": table_out(
            EnrichedMatches, "One row a live match: teams, competition, weather, chosen quotes.", kinds=THESPORTS
        ),
        "odds_quotes": table_out(
            OddsQuotes, "One row a quote of any bookmaker on a live match; stays in the lake.", kinds=THESPORTS
        ),
    },
    check_specs=checks_of(RULES),
)
def enrichment(live_matches: pd.DataFrame, thesports: ProviderConnection) -> Iterator[dg.MaterializeResult[Any]]:
    """Ask for everything about the live matches at once; what fails is a gap with its reason."""
    lake, phases = lake_of("soccer"), Phases()
    with phases.measured("enrich_s"):
        found = thesports.run(lambda transport: enrich(transport, live_matches, lake, thesports.settings))
    # What is missing is told once, with the flattened matches.
    about = {name: value for name, value in found.about.items() if name != "gaps"} | phases.seconds
    readable = given(rules.readable_quotes, unreadable=found.unreadable_quotes)
    yield result(EnrichedMatches, (found.matches, about), RULES[EnrichedMatches])
    yield result(OddsQuotes, found.quotes, rules_of(OddsQuotes, readable))
