import pytest

from football_assets.soccer.environment import environment_columns, quantity
from football_assets.soccer.models import Environment, MatchDetail

RECORDED = {"weather": 1, "temperature": "16°C", "wind": "4.0m/s", "pressure": "759mmHg", "humidity": "62%"}


def test_the_recorded_weather_is_taken_apart_and_converted_beside_the_raw_text():
    found = environment_columns(Environment.model_validate(RECORDED))
    assert found == {
        "weather_code": 1,
        "weather": "partly cloudy",
        "temperature_text": "16°C",
        "temperature_c": 16.0,
        "temperature_f": 60.8,
        "wind_text": "4.0m/s",
        "wind_m_s": 4.0,
        "wind_mph": 8.9,
        "pressure_text": "759mmHg",
        "pressure_mmhg": 759.0,
        "humidity_text": "62%",
        "humidity_pct": 62.0,
    }


@pytest.mark.parametrize(
    ("text", "unit", "expected"),
    [
        ("11.m/s", "m/s", 11.0),  # as recorded
        ("-3°C", "°C", -3.0),
        ("\N{MINUS SIGN}3°C", "°C", -3.0),
        ("61°F", "°C", None),
        ("", "%", None),
        (None, "%", None),
        ("x", "%", None),
    ],
)
def test_a_number_counts_only_in_the_unit_expected(text, unit, expected):
    assert quantity(text, unit) == expected


def test_a_single_missing_value_leaves_only_its_own_columns_unknown():
    found = environment_columns(Environment.model_validate({"weather": 99, "humidity": "62%"}))
    assert found["weather"] == "unknown (99)"
    assert found["humidity_pct"] == 62.0
    assert found["temperature_c"] is None
    assert found["temperature_f"] is None


@pytest.mark.parametrize("nothing", [{}, {"environment": []}, {"environment": {}}])
def test_no_weather_is_no_columns(nothing):
    assert environment_columns(MatchDetail.model_validate({"id": "m1", **nothing}).environment) == {}
