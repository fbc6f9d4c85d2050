"""Declarations: everything derived from one agrees with it, and each kind of defect is found and named."""

from datetime import UTC, datetime

import pandas as pd
import pyarrow as pa
import pytest

from football_assets.errors import DataError
from football_assets.tables import arrow_schema, columns, conform, from_rows, judge
from football_assets_tests.unit.declared import SampleFixtures

KICKOFF = datetime(2024, 10, 5, 14, 30, tzinfo=UTC)
ROW = {"match_id": "a", "home_score": 2, "price_home": 1.9, "is_neutral": False, "kickoff_at": KICKOFF}


def test_types_docs_and_names_come_from_the_declaration():
    assert SampleFixtures.sql_name() == "soccer_sample_fixtures"
    assert [(c.name, c.type, c.nullable) for c in columns(SampleFixtures)] == [
        ("match_id", "str", False),
        ("home_score", "Int64", True),
        ("price_home", "float64", True),
        ("is_neutral", "boolean", True),
        ("kickoff_at", "datetime64[us, UTC]", False),
    ]
    assert columns(SampleFixtures)[0].source == "id"
    assert columns(SampleFixtures)[4].known == "before kickoff"
    assert arrow_schema(SampleFixtures).field("kickoff_at").type == pa.timestamp("us", tz="UTC")


def test_rows_become_a_frame_that_fits_and_unknown_stays_null():
    frame = from_rows(SampleFixtures, [ROW, {"match_id": "b", "kickoff_at": KICKOFF}])
    assert judge(SampleFixtures, frame).passed
    assert frame.iloc[1][["home_score", "price_home", "is_neutral"]].isna().all()
    assert frame["kickoff_at"].iloc[0] == KICKOFF


def test_an_empty_table_fits():
    assert judge(SampleFixtures, from_rows(SampleFixtures, [])).passed


@pytest.mark.parametrize(
    ("change", "column_named", "rule"),
    [
        ({"home_score": -1}, "home_score", "greater_than_or_equal_to(0)"),
        ({"home_score": 31}, "home_score", "less_than_or_equal_to(30)"),
        ({"price_home": 1.0}, "price_home", "greater_than(1)"),
        ({"match_id": None}, "match_id", "not_nullable"),
        ({"kickoff_at": None}, "kickoff_at", "not_nullable"),
        ({"match_id": "a"}, "match_id", "unique key"),
    ],
)
def test_each_planted_defect_is_found_and_its_row_shown(change, column_named, rule):
    frame = from_rows(SampleFixtures, [ROW, {**ROW, "match_id": "b", **change}])
    verdict = judge(SampleFixtures, frame)
    assert not verdict.passed
    assert any(row["column"] == column_named and rule in row["rule"] for row in verdict.rows)
    assert any(row["row"].startswith("match_id=") for row in verdict.rows) or rule == "unique key"
    assert verdict.figures["failing"] >= 1
    assert column_named in verdict.says


def test_a_column_of_another_type_or_an_extra_one_is_found():
    frame = from_rows(SampleFixtures, [ROW])
    assert not judge(SampleFixtures, frame.assign(price_home="x")).passed
    assert not judge(SampleFixtures, frame.assign(surprise=1)).passed
    assert not judge(SampleFixtures, frame.drop(columns="home_score")).passed


def test_values_that_cannot_be_converted_are_an_error_that_names_the_table():
    with pytest.raises(DataError, match="soccer_sample_fixtures"):
        from_rows(SampleFixtures, [{**ROW, "home_score": "two"}])
    with pytest.raises(DataError, match="home_score"):
        conform(SampleFixtures, pd.DataFrame({"match_id": ["a"]}))


def test_conform_orders_columns_and_drops_undeclared_ones():
    frame = from_rows(SampleFixtures, [ROW])[["kickoff_at", "is_neutral", "price_home", "home_score", "match_id"]]
    fitted = conform(SampleFixtures, frame.assign(extra=1))
    assert list(fitted.columns) == arrow_schema(SampleFixtures).names
    assert judge(SampleFixtures, fitted).passed
