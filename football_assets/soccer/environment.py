"""Weather at the ground: the provider's texts taken apart into number and unit, converted beside the raw value."""

import re
from collections.abc import Mapping
from typing import Any

from football_assets.soccer.codes import WEATHER, meaning
from football_assets.soccer.models import Environment

_QUANTITY = re.compile(r"\s*([-+\N{MINUS SIGN}]?\d+(?:[.,]\d*)?)\s*(\S*)\s*")
MPH_PER_M_S = 2.236936


def quantity(text: str | None, unit: str) -> float | None:
    """The number in `16°C`, `4.0m/s`, `759mmHg` or `62%`; None when it is absent or in another unit than `unit`."""
    found = _QUANTITY.fullmatch(text or "")
    if found is None or found[2].lower() != unit.lower():
        return None
    return float(found[1].replace("\N{MINUS SIGN}", "-").replace(",", "."))


def fahrenheit(celsius: float | None) -> float | None:
    """Degrees Fahrenheit, one decimal: 16 °C is 60.8 °F."""
    return None if celsius is None else round(celsius * 9 / 5 + 32, 1)


def miles_per_hour(metres_per_second: float | None) -> float | None:
    """Miles an hour, one decimal: 4.0 m/s is 8.9 mph."""
    return None if metres_per_second is None else round(metres_per_second * MPH_PER_M_S, 1)


def environment_columns(environment: Environment | None) -> Mapping[str, Any]:
    """The weather columns of a match: raw texts, numbers with their units, the meaning of the weather code."""
    if environment is None:
        return {}
    temperature_c = quantity(environment.temperature, "°C")
    wind_m_s = quantity(environment.wind, "m/s")
    return {
        "weather_code": environment.weather,
        "weather": meaning(WEATHER, environment.weather),
        "temperature_text": environment.temperature,
        "temperature_c": temperature_c,
        "temperature_f": fahrenheit(temperature_c),
        "wind_text": environment.wind,
        "wind_m_s": wind_m_s,
        "wind_mph": miles_per_hour(wind_m_s),
        "pressure_text": environment.pressure,
        "pressure_mmhg": quantity(environment.pressure, "mmHg"),
        "humidity_text": environment.humidity,
        "humidity_pct": quantity(environment.humidity, "%"),
    }
