"""Each rule about what a cycle shows is seen to hold and, on a planted defect, to fail with its row."""

from datetime import UTC, datetime, timedelta

import pytest

from football_assets.soccer.grades import grade_of, graded, measured
from football_assets.soccer.rules import known_codes, name_coverage, no_gaps
from football_assets.soccer.sanity import fresh_parts, same_clock, sane_clocks, sane_odds
from football_assets.soccer.schemas import FlattenedMatches
from football_assets.tables import Verdict, from_rows

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)
OPEN = {
    "moneyline_state": "open",
    "handicap_state": "open",
    "total_state": "open",
    "moneyline_home_decimal": 2.1,
    "moneyline_draw_decimal": 3.4,
    "moneyline_away_decimal": 3.6,
    "handicap_line": -0.25,
    "handicap_home_decimal": 1.95,
    "handicap_away_decimal": 1.85,
    "total_line": 2.75,
    "total_over_decimal": 1.9,
    "total_under_decimal": 1.9,
}
NAMED = {"home_team": "H", "away_team": "A", "competition": "League"}


def match(number=0, **changes):
    states = {"detail_state": "live", "odds_state": "live", "names_state": "cached"}
    row = {"match_id": f"m{number}", "status_id": 2, "status": "first half", "is_in_play": True, "fetched_at": NOW}
    return {**row, **NAMED, **states, "incidents": 0, "stats": 0, **OPEN, **changes}


def frame(*rows):
    return from_rows(FlattenedMatches, rows)


def hundred(*changed):
    """A hundred sound matches, the first of them changed."""
    return frame(*(match(n, **(changed[n] if n < len(changed) else {})) for n in range(100)))


def test_open_markets_in_play_are_counted_with_their_sums():
    verdict = sane_odds(frame(match(), match(1, moneyline_state="suspended"), match(2, is_in_play=False)))
    assert verdict.passed
    assert verdict.figures["open_markets"] == 5
    assert verdict.figures["overround_low"] == round(1 / 2.1 + 1 / 3.4 + 1 / 3.6, 4)
    assert verdict.figures["overround_high"] == round(1 / 1.95 + 1 / 1.85, 4)


@pytest.mark.parametrize(
    ("change", "market", "what"),
    [
        ({"moneyline_draw_decimal": 1.4}, "moneyline", "the prices add up to 1.4683"),
        ({"moneyline_home_decimal": 9.1}, "moneyline", "the prices add up to 0.6818"),
        ({"handicap_home_decimal": 1.0, "handicap_away_decimal": 4.0}, "handicap", "a price is 1"),
        ({"total_over_decimal": 1500.0, "total_under_decimal": 1.001}, "total", "a price is 1500"),
        ({"handicap_line": 12.25}, "handicap", "the line is 12.25"),
        ({"total_line": -0.5}, "total", "the line is -0.5"),
        ({"total_line": 2.6}, "total", "the line is 2.6"),
        (
            {"corners_state": "open", "corners_line": 9.5, "corners_over_decimal": 1.3, "corners_under_decimal": 1.3},
            "corners",
            "the prices add up to 1.5385",
        ),
    ],
)
def test_a_price_or_a_line_that_cannot_be_is_named(change, market, what):
    verdict = sane_odds(hundred(change))
    assert grade_of(verdict) == "WARN"
    assert {"match_id": "m0", "market": market, "what": what} in verdict.rows


def test_prices_of_a_market_that_is_not_open_or_not_known_are_not_judged():
    closed = {"moneyline_state": "closed", "moneyline_home_decimal": 1.0}
    unknown = {"moneyline_home_decimal": None, "moneyline_draw_decimal": 1.01, "moneyline_away_decimal": 1.01}
    assert sane_odds(frame(match(**closed), match(1, **unknown))).passed
    assert sane_odds(frame()).passed


def test_many_prices_that_cannot_be_are_an_error():
    assert grade_of(sane_odds(hundred(*[{"moneyline_draw_decimal": 1.4}] * 15))) == "WARN"
    assert grade_of(sane_odds(hundred(*[{"moneyline_draw_decimal": 1.4}] * 16))) == "ERROR"


@pytest.mark.parametrize(
    ("column", "ahead_s", "grade"),
    [
        ("last_moneyline_quoted_at", 120, "OK"),
        ("last_moneyline_quoted_at", 121, "WARN"),
        ("last_corners_quoted_at", 301, "ERROR"),
        ("updated_at", 121, "WARN"),
        ("updated_at", -86_400, "OK"),
        ("period_started_at", 60, "OK"),
        ("period_started_at", 61, "WARN"),
        ("period_started_at", -7200, "OK"),
        ("period_started_at", -7201, "WARN"),
    ],
)
def test_an_instant_that_cannot_be_is_named(column, ahead_s, grade):
    verdict = sane_clocks(frame(match(**{column: NOW + timedelta(seconds=ahead_s)}), match(1)))
    assert grade_of(verdict) == grade
    if grade != "OK":
        where = f"{abs(ahead_s)} s {'after' if ahead_s > 0 else 'before'} the live list"
        assert verdict.rows == ({"match_id": "m0", "column": column, "what": where},)


@pytest.mark.parametrize(
    ("age_s", "grade"), [(None, "OK"), (0, "OK"), (120, "OK"), (121, "WARN"), (300, "WARN"), (301, "ERROR")]
)
def test_parts_in_play_are_fresh_for_two_intervals_and_an_error_after_five(age_s, grade):
    verdict = fresh_parts(frame(match(odds_age_s=age_s), match(1)), interval_s=60)
    assert grade_of(verdict) == grade
    if grade != "OK":
        assert verdict.rows == ({"match_id": "m0", "what": "its odds are too old"},)


def test_old_parts_of_a_match_that_is_not_in_play_are_no_matter():
    assert fresh_parts(frame(match(odds_age_s=900.0, is_in_play=False)), interval_s=60).passed


@pytest.mark.parametrize(("skew_s", "grade"), [(None, "OK"), (4.9, "OK"), (-6, "WARN"), (61, "ERROR")])
def test_clocks_that_disagree_are_told(skew_s, grade):
    assert grade_of(same_clock(frame(), skew_s)) == grade


@pytest.mark.parametrize(("unnamed", "grade"), [(0, "OK"), (2, "WARN"), (3, "ERROR")])
def test_names_missing_from_more_than_two_in_a_hundred_are_an_error(unnamed, grade):
    verdict = name_coverage(hundred(*[{"home_team": None}] * unnamed))
    assert grade_of(verdict) == grade
    assert verdict.figures["with_names"] == 100 - unnamed


def test_an_unknown_status_is_kept_named_and_warned_about():
    verdict = known_codes(frame(match(status_id=37, status="unknown (37)"), match(1)))
    assert grade_of(verdict) == "WARN"
    assert verdict.says == "status unknown (37): 1"


@pytest.mark.parametrize(
    ("value", "grade"), [(0.9, "OK"), (1.0, "WARN"), (20.0, "WARN"), (20.1, "ERROR"), (None, "WARN")]
)
def test_a_figure_is_graded_by_its_two_thresholds(value, grade):
    assert grade_of(measured(value, 1.0, 20.0, "says")) == grade


def test_one_check_names_its_parts_the_bad_ones_first_and_blocks_nothing():
    check = graded(codes=known_codes, gaps=no_gaps, names=name_coverage)
    assert check.blocking is False
    verdict = check(hundred({"odds_state": "missing", "odds_gap": "timed out"}, *[{"home_team": None}] * 3))
    assert (verdict.passed, verdict.level) == (False, "error")
    assert verdict.says == (
        "gaps WARN: odds: 1 of 100 missing: timed out; names ERROR: 97 of 100 matches have all names (97.0 %); codes OK"
    )
    assert {
        "codes_grade": "OK",
        "gaps_grade": "WARN",
        "names_grade": "ERROR",
        "gaps": 1,
    }.items() <= verdict.figures.items()
    assert {"gap": "odds: 1 of 100 missing: timed out", "match_id": ""}.items() <= verdict.rows[0].items()


def test_a_check_without_a_finding_tells_every_figure():
    check = graded(a=lambda _: Verdict(True, "1 of 1"), b=lambda _: Verdict(True, "2 of 2"))
    assert check(frame()).says == "a OK: 1 of 1; b OK: 2 of 2"
