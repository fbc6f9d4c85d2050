from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from football_assets.soccer.board import match_board
from football_assets.soccer.flatten import flatten
from football_assets.soccer.gaps import gaps
from football_assets.soccer.rules import completeness, known_codes, name_coverage, no_gaps
from football_assets.soccer.schemas import EnrichedMatches, FlattenedMatches, LiveMatches, MatchBoard, MatchSummary
from football_assets.soccer.summary import match_summary
from football_assets.tables import from_rows, judge, plain_rows

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)
KICKOFF = datetime(2025, 5, 28, 17, 0, tzinfo=UTC)
STATES = {"detail_state": "live", "odds_state": "live", "names_state": "cached"}


def live(match_id="m1", status_id=2, **changes):
    row = {"match_id": match_id, "status_id": status_id, "status": f"status {status_id}", "fetched_at": NOW}
    return {**row, "incidents": 0, "stats": 9, "home_score": 1, "away_score": 0, **changes}


def known(match_id="m1", **changes):
    row = {"match_id": match_id, "fetched_at": NOW, "home_team": "H", "away_team": "A", "competition": "League"}
    return {**row, "competition_id": "c1", "kickoff_at": KICKOFF, **STATES, **changes}


def flat(lives, knowns):
    frame = flatten(from_rows(LiveMatches, lives), from_rows(EnrichedMatches, knowns))
    verdict = judge(FlattenedMatches, frame)
    assert verdict.passed, verdict.says
    return frame


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.tuples(st.integers(0, 60).map("m{}".format), st.none() | st.integers(0, 40)),
        unique_by=lambda pair: pair[0],
        max_size=12,
    ),
    st.sets(st.integers(0, 60).map("m{}".format)),
)
def test_flattening_loses_no_match_and_adds_none(lives, enriched):
    frame = flat([live(*pair) for pair in lives], [known(each) for each in enriched])
    assert list(frame["match_id"]) == [match_id for match_id, _ in lives]
    assert list(frame["detail_state"].eq("missing")) == [match_id not in enriched for match_id, _ in lives]


def test_the_home_spread_is_the_handicap_with_the_sign_of_the_home_side():
    quoted = {
        "newest_handicap_home": 0.9,
        "newest_handicap_away": 0.9,
        "newest_handicap_status_id": 2,
        "newest_handicap_sealed": False,
        "newest_handicap_quoted_at": NOW,
    }
    frame = flat([live()], [known(newest_handicap_line=0.25, **quoted)])
    assert frame.loc[0, ["handicap_line", "home_spread"]].tolist() == [0.25, -0.25]
    assert str(flat([live()], [known(newest_handicap_line=0.0, **quoted)]).loc[0, "home_spread"]) == "0.0"


@pytest.mark.parametrize(("status_id", "in_play"), [(1, False), (2, True), (7, True), (8, False), (37, None)])
def test_in_play_are_the_statuses_2_to_7_and_of_one_in_no_table_nobody_knows(status_id, in_play):
    (found,) = plain_rows(flat([live(status_id=status_id)], [known()]))
    assert found["is_in_play"] is in_play


def test_a_match_without_a_readable_status_is_neither_in_play_nor_not():
    assert pd.isna(flat([live(status_id=None)], [known()]).loc[0, "is_in_play"])


def test_the_board_holds_matches_that_may_be_in_play_by_competition_status_and_kickoff():
    later = KICKOFF.replace(hour=18)
    frame = flat(
        [live("m1", 4), live("m2", 2), live("m3", 2), live("m4", 8), live("m5", 2), live("m6", None)],
        [
            known("m1", competition="Beta"),
            known("m2", competition="Beta", kickoff_at=later),
            known("m3", competition="Beta"),
            known("m4", competition="Alpha"),
            known("m6"),
        ],
    )
    board = match_board(frame)
    assert judge(MatchBoard, board).passed
    assert list(board["match_id"]) == ["m3", "m2", "m1", "m6", "m5"]  # a match without names comes last
    assert list(board["position"]) == [1, 2, 3, 4, 5]
    assert list(match_board(frame, {8})["match_id"]) == ["m4"]
    assert match_board(frame, {12}).empty


def test_two_competitions_of_one_name_are_not_mixed():
    frame = flat(
        [live(f"m{n}") for n in range(4)],
        [known(f"m{n}", competition_id=f"c{n % 2}", country=f"Land {n % 2}") for n in range(4)],
    )
    assert list(match_board(frame)["competition_id"]) == ["c0", "c0", "c1", "c1"]


def test_the_summary_counts_the_whole_and_each_group():
    frame = flat(
        [live("m1", 2), live("m2", 2, stats=0), live("m3", 8)],
        [known("m1", odds_company_id=2, country="Finland"), known("m2", weather_code=1, weather="partly cloudy")],
    )
    summary = match_summary(frame)
    assert judge(MatchSummary, summary).passed
    rows = summary.set_index(["grouping", "name"])
    whole = rows.loc[("all", "all")]
    counts = ["matches", "in_play", "with_names", "with_odds", "with_environment", "with_stats", "not_live", "goals"]
    assert whole[counts].tolist() == [3, 2, 2, 1, 1, 2, 1, 3]
    assert whole["with_odds_pct"] == 33.3
    assert rows.loc[("status", "status 2"), "matches"] == 2
    assert rows.loc[("competition", "c1"), "label"] == "League (Finland)"
    assert rows.loc[("weather", "partly cloudy"), "matches"] == 1


def test_a_quiet_hour_has_an_empty_board_and_a_summary_of_nothing():
    frame = flat([], [])
    assert match_board(frame).empty
    (whole,) = match_summary(frame).to_dict("records")
    assert whole["matches"] == 0
    assert judge(MatchSummary, match_summary(frame)).passed


def test_gaps_are_counted_by_part_state_and_reason():
    frame = flat(
        [live(f"m{n}", live_gap="1 of 3 stats unreadable" if n == 0 else None) for n in range(4)],
        [
            known("m0", odds_state="missing", odds_gap="timed out"),
            known("m1", odds_state="missing", odds_gap="timed out"),
            known("m2", odds_state="stale", odds_gap="timed out"),
            known("m3"),
        ],
    )
    assert gaps(frame) == [
        "odds: 2 of 4 missing: timed out",
        "odds: 1 of 4 stale: timed out",
        "live list: 1 of 3 stats unreadable",
    ]
    verdict = no_gaps(frame)
    assert (verdict.passed, verdict.level, verdict.figures["gaps"]) == (False, "warn", 3)
    assert no_gaps(flat([live()], [known()])).passed


def test_a_lost_match_blocks_and_names_that_most_matches_lack_are_an_error():
    lives, frame = from_rows(LiveMatches, [live("m1"), live("m2")]), flat([live("m1")], [known("m1", home_team=None)])
    lost = completeness(frame, lives)
    assert (lost.passed, lost.level, lost.rows) == (False, "error", ({"match_id": "m2", "what": "lost"},))
    assert not completeness(flat([live("m1"), live("m2"), live("m3")], []), lives).passed
    assert completeness(flat([live("m1"), live("m2")], []), lives).passed
    names = name_coverage(frame)
    assert (names.passed, names.level) == (False, "error")
    assert "0 of 1 matches have all names (0.0 %)" in names.says
    assert name_coverage(flat([live()], [known()])).passed


def test_a_code_in_no_table_is_named():
    verdict = known_codes(flat([live(status_id=37, status="unknown (37)")], [known()]))
    assert (verdict.passed, verdict.level) == (False, "warn")
    assert verdict.rows == ({"column": "status", "value": "unknown (37)", "rows": 1},)
