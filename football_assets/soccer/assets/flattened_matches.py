"""The flattened matches."""

from collections.abc import Iterator
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.soccer import rules
from football_assets.soccer.assets.outputs import checks_of, given, rules_of, table_out
from football_assets.soccer.flatten import flatten
from football_assets.soccer.gaps import gaps
from football_assets.soccer.schemas import EnrichedMatches, FlattenedMatches, LiveMatches
from football_assets.warehouse.assets.tables import reads, result

RULES = rules_of(FlattenedMatches, completeness=given(rules.completeness), gaps=rules.no_gaps, codes=rules.known_codes)


@dg.multi_asset(
    name="flattened_matches",
    ins=reads(LiveMatches, EnrichedMatches),
    outs={
        "flattened_matches": table_out(
            FlattenedMatches, "One row a live match, everything about it: score, teams, weather, prices, states."
        )
    },
    check_specs=checks_of({FlattenedMatches: RULES}),
)
def flattened_matches(
    live_matches: pd.DataFrame, enriched_matches: pd.DataFrame
) -> Iterator[dg.MaterializeResult[Any]]:
    """Put the live list and what is known of each match side by side, prices in each form."""
    frame = flatten(live_matches, enriched_matches)
    whole = given(rules.completeness, live=live_matches)
    about = {"gaps": gaps(frame), "in_play": int(frame["is_in_play"].fillna(False).sum())}
    yield result(FlattenedMatches, (frame, about), {**RULES, "completeness": whole})
