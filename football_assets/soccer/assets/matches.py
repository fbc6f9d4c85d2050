"""The flattened matches, and what is counted and shown of them: one step, for a step costs more than its work."""

from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pandas as pd

from football_assets.config import load_settings, now_utc
from football_assets.soccer import rules, sanity
from football_assets.soccer.assets.outputs import rules_of
from football_assets.soccer.board import match_board
from football_assets.soccer.flatten import flatten
from football_assets.soccer.gaps import gaps, log_gaps
from football_assets.soccer.grades import graded
from football_assets.soccer.predicting import predict_cycle
from football_assets.soccer.prediction_schemas import MatchPredictions, TeamLinks
from football_assets.soccer.schemas import EnrichedMatches, FlattenedMatches, LiveMatches, MatchBoard, MatchSummary
from football_assets.soccer.summary import match_summary
from football_assets.tables import Table
from football_assets.timing import Phases
from football_assets.warehouse.assets.steps import Rules, checks_of, given, table_out
from football_assets.warehouse.assets.tables import reads, result
from football_assets.warehouse.storage import lake_of

QUALITY = graded(
    gaps=rules.no_gaps,
    names=rules.name_coverage,
    codes=rules.known_codes,
    odds=sanity.sane_odds,
    clocks=sanity.sane_clocks,
    freshness=given(sanity.fresh_parts, interval_s=load_settings().live.interval_s),
)
RULES: Mapping[type[Table], Rules] = {
    FlattenedMatches: rules_of(FlattenedMatches, quality=QUALITY),
    MatchBoard: rules_of(MatchBoard),
    MatchSummary: rules_of(MatchSummary),
    MatchPredictions: rules_of(MatchPredictions, given(rules.predictable, problem=None)),
    TeamLinks: rules_of(TeamLinks),
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
            "One row a match in play (statuses 2 to 7) or of a status nobody knows: by competition, status, kickoff.",
        ),
        "match_summary": table_out(
            MatchSummary, "One row a count of live matches: all of them, and by status, competition and weather."
        ),
        "match_predictions": table_out(MatchPredictions),
        "team_links": table_out(TeamLinks),
    },
    check_specs=checks_of(RULES),
)
def match_tables(live_matches: pd.DataFrame, enriched_matches: pd.DataFrame) -> Iterator[dg.MaterializeResult[Any]]:
    """Put the live list and what is known of each match side by side, then show and count them."""
    phases = Phases()
    with phases.measured("flatten_s"):
        frame = flatten(live_matches, enriched_matches)
    with phases.measured("predict_s"):
        said = predict_cycle(lake_of("soccer"), frame, now_utc())
    with phases.measured("board_s"):
        board, summary = match_board(frame, predictions=said.predictions), match_summary(frame)
    whole = rules_of(FlattenedMatches, given(rules.completeness, live=live_matches), quality=QUALITY)
    log_gaps(frame)
    yield result(FlattenedMatches, (frame, {"gaps": gaps(frame), **phases.only("flatten_s")}), whole)
    shown = {"competitions": int(board["competition_id"].nunique()), **phases.only("board_s")}
    yield result(MatchBoard, (board, shown), RULES[MatchBoard])
    yield result(MatchSummary, summary, RULES[MatchSummary])
    at_hand = rules_of(MatchPredictions, given(rules.predictable, problem=said.problem))
    yield result(MatchPredictions, (said.predictions, {**said.about, **phases.only("predict_s")}), at_hand)
    yield result(TeamLinks, said.links, RULES[TeamLinks])
