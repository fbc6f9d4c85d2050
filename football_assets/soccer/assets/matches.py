"""The flattened matches, and what is counted and shown of them: one step, for a step costs more than its work."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.soccer import rules
from football_assets.soccer.assets.outputs import rules_of
from football_assets.soccer.board import match_board
from football_assets.soccer.flatten import flatten
from football_assets.soccer.gaps import gaps
from football_assets.soccer.schemas import EnrichedMatches, FlattenedMatches, LiveMatches, MatchBoard, MatchSummary
from football_assets.soccer.summary import match_summary
from football_assets.tables import Table
from football_assets.warehouse.assets.steps import Rules, checks_of, given, table_out
from football_assets.warehouse.assets.tables import reads, result

GAPS = rules.together(rules.no_gaps, rules.name_coverage, rules.known_codes)
RULES: Mapping[type[Table], Rules] = {
    FlattenedMatches: rules_of(FlattenedMatches, gaps=GAPS),
    MatchBoard: rules_of(MatchBoard),
    MatchSummary: rules_of(MatchSummary),
}


@dg.multi_asset(
    name="match_tables",
    ins=reads(LiveMatches, EnrichedMatches),
    outs={
        "flattened_matches": table_out(
            FlattenedMatches, "One row a live match, everything about it: score, teams, weather, prices, states."
        ),
        "match_board": table_out(
            MatchBoard,
            "One row a match in play (statuses 2 to 7), in the order of the board: competition, status, kickoff.",
        ),
        "match_summary": table_out(
            MatchSummary, "One row a count of live matches: all of them, and by status, competition and weather."
        ),
    },
    check_specs=checks_of(RULES),
)
def match_tables(live_matches: pd.DataFrame, enriched_matches: pd.DataFrame) -> Iterator[dg.MaterializeResult[Any]]:
    """Put the live list and what is known of each match side by side, then show and count them."""
    frame = flatten(live_matches, enriched_matches)
    board, summary = match_board(frame), match_summary(frame)
    whole = rules_of(FlattenedMatches, given(rules.completeness, live=live_matches), gaps=GAPS)
    yield result(FlattenedMatches, (frame, {"gaps": gaps(frame)}), whole)
    yield result(MatchBoard, (board, {"competitions": int(board["competition_id"].nunique())}), RULES[MatchBoard])
    yield result(MatchSummary, summary, RULES[MatchSummary])
