from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from football_assets.soccer import odds
from football_assets.soccer.markets import MARKETS, MONEYLINE, TOTAL
from football_assets.soccer.odds import (
    american_from_decimal,
    american_from_hong_kong,
    choose_company,
    chosen_quotes,
    decimal_from_hong_kong,
    early_rows,
    hong_kong_from_decimal,
    market_state,
    price_columns_of,
    quotes_of,
)

NOW = datetime(2025, 5, 28, 17, 30, 17, tzinfo=UTC)
T = int(NOW.timestamp())


def quote(seconds_ago=10, minute="30", prices=(2.5, 3.2, 2.9), status=2, sealed=0, score="0-0"):
    return [T - seconds_ago, minute, *prices, status, sealed, score]


@pytest.mark.parametrize(
    ("decimal", "american"),
    [
        (2.75, 175),
        (3.75, 275),
        (2.2, 120),
        (2.0, 100),
        (1.4, -250),
        (1.99, -101),
        (1.01, -10000),
        (1.0, None),
        (0, None),
        (None, None),
    ],
)
def test_decimal_prices_become_american(decimal, american):
    assert american_from_decimal(decimal) == american


@pytest.mark.parametrize(
    ("hong_kong", "american"), [(0.8, -125), (1.02, 102), (1.0, 100), (0.77, -130), (0.0, None), (None, None)]
)
def test_hong_kong_prices_become_american(hong_kong, american):
    assert american_from_hong_kong(hong_kong) == american


@given(st.integers(min_value=1, max_value=50_000))
def test_hong_kong_and_decimal_round_trip_and_agree_in_american(cents):
    hong_kong = cents / 100
    decimal = decimal_from_hong_kong(hong_kong)
    assert hong_kong_from_decimal(decimal) == pytest.approx(hong_kong)
    assert abs(american_from_decimal(decimal) - american_from_hong_kong(hong_kong)) <= 1


@given(st.floats(min_value=1.01, max_value=501))
def test_an_american_price_gives_back_the_decimal_one_within_its_rounding(decimal):
    american = american_from_decimal(decimal)
    back = american / 100 + 1 if american > 0 else 100 / -american + 1
    assert back == pytest.approx(decimal, rel=0.006)
    assert (american > 0) == (decimal >= 2)


def test_one_bookmaker_is_chosen_for_all_markets_the_first_preferred_with_any_quote():
    quotes = {"3": {"eu": [quote()]}, "2": {"cr": [quote()], "eu": []}, "7": {"eu": [quote()]}}
    assert choose_company(quotes, (2, 3, 7)) == 3
    assert choose_company(quotes, (7, 3)) == 7
    assert choose_company(quotes, (22,)) is None
    assert choose_company({}, (2,)) is None


def test_the_early_rows_are_the_newest_of_each_whole_minute_in_the_window():
    rows = [
        quote(10, "midfield"),
        quote(20, "45+"),
        quote(30, "7"),
        quote(40, "6", (1, 1, 1)),
        quote(50, "6", (9, 9, 9)),
        quote(60, "3"),
        quote(70, "1"),
        quote(80, ""),
    ]
    assert [row[1] for row in early_rows(rows, (2, 6))] == ["3", "6"]
    assert early_rows(rows, (2, 6))[-1][2] == 1
    assert early_rows(rows, (10, 20)) == []


def columns_of(rows, status_id=2, score="0-0", code="eu", kickoff_at=None, now=NOW):
    chosen = chosen_quotes({"2": {code: rows}}, (2,), (2, 6))
    return price_columns_of(chosen, status_id, kickoff_at, now, score)


def test_an_open_quote_is_the_price_in_all_forms():
    found = columns_of([quote()])
    assert found["moneyline_state"] == "open"
    assert (found["moneyline_home_decimal"], found["moneyline_home_american"]) == (2.5, 150)
    assert found["moneyline_home_hong_kong"] == 1.5
    assert found["moneyline_quoted_at"] == NOW - timedelta(seconds=10)
    assert found["moneyline_at_other_score"] is False


def test_a_sealed_market_has_no_price_but_its_last_open_one_beside():
    found = columns_of([quote(5, prices=(0.0, 0.0, 0.0), sealed=1), quote(65, "29", (2.4, 3.1, 3.0))])
    assert (found["moneyline_state"], found["moneyline_suspended"]) == ("suspended", True)
    assert "moneyline_home_decimal" not in found
    assert found["last_moneyline_home_decimal"] == 2.4
    assert found["last_moneyline_quoted_at"] == NOW - timedelta(seconds=65)


def test_a_pre_match_price_is_not_the_price_of_a_running_match():
    found = columns_of([quote(3600, "", status=1)])
    assert found["moneyline_state"] == "closed"
    assert "moneyline_home_decimal" not in found
    assert found["last_moneyline_home_decimal"] == 2.5


def test_a_match_that_is_over_has_no_price():
    assert columns_of([quote(status=4)], status_id=8)["moneyline_state"] == "closed"


@pytest.mark.parametrize(
    ("status_id", "minutes_to_kickoff", "state"),
    [
        (1, 30, "open"),
        (9, -30, "open"),
        (13, 30, "open"),
        (13, -30, "closed"),
        (12, 30, "closed"),
        (None, 30, "closed"),
    ],
)
def test_before_kickoff_a_pre_match_price_stands(status_id, minutes_to_kickoff, state):
    kickoff_at = NOW + timedelta(minutes=minutes_to_kickoff)
    assert columns_of([quote(60, "", status=1)], status_id, kickoff_at=kickoff_at)["moneyline_state"] == state


def test_a_quote_made_at_another_score_says_so():
    assert columns_of([quote(score="1-0")], score="2-0")["moneyline_at_other_score"] is True
    assert columns_of([quote(score="")], score="2-0")["moneyline_at_other_score"] is None
    assert columns_of([quote()], score=None)["moneyline_at_other_score"] is None


def test_a_price_that_pays_nothing_is_none():
    found = columns_of([quote(prices=(1.0, 51.0, 101.0))])
    assert found["moneyline_home_decimal"] is found["moneyline_home_american"] is None
    assert found["moneyline_draw_american"] == 5000


def test_handicap_and_total_prices_are_hong_kong_and_keep_their_line():
    found = columns_of([quote(prices=(0.8, 2.5, 1.0))], code="bs")
    assert (found["total_line"], found["total_over_decimal"], found["total_over_american"]) == (2.5, 1.8, -125)
    assert columns_of([quote(prices=(0.9, 0.0, 0.9))], code="asia")["handicap_line"] == 0.0


def test_a_market_never_quoted_has_no_columns():
    assert market_state({}, TOTAL, 2, None, NOW) is None
    assert not any(name.startswith("total") for name in columns_of([quote()]))


def test_every_quote_is_a_row_newest_first_and_exact_repetitions_are_left_out():
    rows = [quote(1), quote(2), quote(2), quote(3, "", (0.0, 3.0, 2.0), sealed=1, score="")]
    batch, unreadable = quotes_of("m1", {"2": {"eu": rows}, "3": {"bs": [quote(prices=(0.8, 2.5, 1.0))]}})
    found = batch.to_pylist()
    assert unreadable == 0
    assert [(each["company_id"], each["market"], each["seq"]) for each in found] == [
        (2, "moneyline", 0),
        (2, "moneyline", 1),
        (2, "moneyline", 2),
        (3, "total", 0),
    ]
    sealed = found[2]
    assert (sealed["home_price"], sealed["minute_text"], sealed["score_text"], sealed["sealed"]) == (
        None,
        None,
        None,
        True,
    )
    assert (found[0]["draw_price"], found[0]["line"]) == (3.2, None)
    assert (found[3]["draw_price"], found[3]["line"]) == (None, 2.5)


@pytest.mark.parametrize(
    "bad",
    [
        ["x"],
        None,
        7,
        ["t", "1", 1, 1, 1, 1, 0, ""],
        [T, "1", {"value": 1}, 1, 1, 1, 0, ""],
        [T, "1", "2.5", 1, 1, 1, 0, ""],
    ],
)
def test_unreadable_quotes_are_counted_and_the_others_kept(bad):
    batch, unreadable = quotes_of("m1", {"2": {"eu": [quote(1), bad, quote(2)]}})
    assert (batch.num_rows, unreadable) == (2, 1)
    assert chosen_quotes({"2": {"eu": [bad, quote(2)]}}, (2,), (2, 6))["newest_moneyline_home"] == 2.5


def test_unknown_markets_and_companies_are_counted_and_empty_maps_are_not():
    batch, unreadable = quotes_of("m1", {"2": {"xx": [quote()], "eu": []}, "": {"eu": [quote()]}, "3": []})
    assert (batch.num_rows, unreadable) == (0, 2)
    assert quotes_of("m1", {})[0].schema == pa.schema(odds.QUOTES_SCHEMA)


def test_a_bookmaker_nobody_knows_keeps_its_number():
    assert quotes_of("m1", {"99": {"eu": [quote()]}})[0].to_pylist()[0]["company"] == "unknown (99)"


def test_the_markets_read_the_places_the_contract_names():
    assert MONEYLINE.selections == {"home": 2, "draw": 3, "away": 4}
    assert [market.line for market in MARKETS.values()] == [None, 3, 3, 3]
