"""What the quick check lets pass, pandera passes; what it should let pass, it does."""

from datetime import UTC, datetime

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from football_assets.quick_check import surely_fits
from football_assets.tables import arrow_schema, from_arrow, from_rows
from football_assets_tests.unit.declared import Everything, Rare

EMPTY = from_arrow(arrow_schema(Everything).empty_table())
AT = datetime(2026, 5, 16, tzinfo=UTC)
ROW = {"name": "a", "side": "home", "goals": 2, "price": 1.9, "share": 0.5, "live": True, "at": AT}

VALUES = {
    "name": ["c", "a", "A", None],
    "side": ["away", "both", None],
    "goals": [-1, 0, 3, 4, None],
    "price": [1.0, 1.01, 3.99, 4.0, float("inf"), None],
    "share": [0.5, None],
    "live": [False, None],
    "at": [AT, None],
}


def quick(frame):
    return surely_fits(Everything.to_schema(), EMPTY, frame)


def pandera_passes(frame):
    try:
        Everything.validate(frame, lazy=True)
    except SchemaErrors:
        return False
    return True


@pytest.mark.parametrize(("name", "value"), [(name, value) for name, values in VALUES.items() for value in values])
def test_it_says_the_same_as_pandera_of_each_value(name, value):
    frame = from_rows(Everything, [ROW, {**ROW, "name": "b", name: value}])
    assert quick(frame) == pandera_passes(frame)


def test_a_table_without_rows_fits():
    assert quick(EMPTY)


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(share="x"),
        lambda frame: frame.assign(extra=1),
        lambda frame: frame.drop(columns="side"),
        lambda frame: frame.assign(goals=frame["goals"].astype(float)),
    ],
)
def test_a_frame_of_another_form_is_left_to_pandera(change):
    assert quick(from_rows(Everything, [ROW]))
    assert not quick(change(from_rows(Everything, [ROW])))


def test_a_check_it_does_not_know_is_left_to_pandera():
    frame = pd.DataFrame({"word": pd.array(["ab"], "str")})
    assert not surely_fits(Rare.to_schema(), from_arrow(arrow_schema(Rare).empty_table()), frame)
