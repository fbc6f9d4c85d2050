"""Rows as JSON are what the documentation says they are."""

import json
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from football_assets.serving.rows import records, row_model, to_bytes
from football_assets.tables import from_rows
from football_assets_tests.unit.warehouse.declared import ToyMatches

AT = datetime(2025, 5, 28, 17, 30, 17, 250_000, tzinfo=UTC)


def test_unknown_is_null_and_an_instant_ends_in_z():
    frame = from_rows(ToyMatches, [{"match_id": "m", "home_score": None, "fetched_at": AT}])
    told = json.loads(to_bytes(records(frame)))
    assert told[0]["home_score"] is None
    assert told[0]["fetched_at"] == "2025-05-28T17:30:17.250000Z"


def test_the_documented_row_holds_every_column_and_refuses_another():
    model = row_model(ToyMatches)
    assert set(model.model_fields) == set(ToyMatches.to_schema().columns)
    row = records(from_rows(ToyMatches, [{"match_id": "m", "home_score": 1, "fetched_at": AT}]))[0]
    assert model.model_validate(row)
    with pytest.raises(ValidationError):
        model.model_validate({**row, "surprise": 1})


def test_every_column_is_described():
    properties = row_model(ToyMatches).model_json_schema()["properties"]
    assert all(each.get("description") for each in properties.values())


def test_not_a_number_is_null():
    assert to_bytes({"a": float("nan"), "b": float("inf")}) == b'{"a":null,"b":null}'
