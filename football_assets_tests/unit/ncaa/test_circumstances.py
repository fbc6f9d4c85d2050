"""What lists say beside a game: of this season before it, of the plays only last season's, and nothing guessed."""

from dataclasses import fields

import pandas as pd
import pytest

from football_assets.ncaa.circumstances import COLUMNS, circumstances
from football_assets.ncaa.preseason import SeasonLists

GAMES = pd.DataFrame({"game_id": [7, 8], "season": [2024, 2024], "home_team_id": [1, 2], "away_team_id": [2, 9]})
RETURNING = pd.DataFrame(
    [(2023, 1, 0.1, 0.2), (2024, 1, 0.6, 1.0), (2024, 2, 0.4, 0.0), (2024, None, 0.9, 0.9)],
    columns=["season", "team_id", "ppa_share", "passing_usage_share"],
).astype({"team_id": "Int64"})
ADVANCED = pd.DataFrame(
    [(2023, 1, "offense", 0.45), (2023, 1, "defense", 0.38), (2024, 1, "offense", 0.99), (2022, 2, "offense", 0.31)],
    columns=["season", "team_id", "side", "success_rate"],
)
WEATHER = pd.DataFrame(
    {
        "game_id": [8],
        "is_indoors": pd.array([False], dtype="boolean"),
        "temperature_f": [41.0],
        "wind_speed_mph": [17.0],
        "precipitation": [0.2],
    }
)


@pytest.fixture
def found():
    return circumstances(GAMES, SeasonLists(returning_production=RETURNING, advanced_stats=ADVANCED, weather=WEATHER))


def test_who_returns_is_of_this_season_and_a_team_that_is_not_named_has_none(found):
    assert found["home_returning_production"].tolist() == [0.6, 0.4]
    assert found["home_returning_passes"].tolist() == [1.0, 0.0]
    assert found["away_returning_passes"].iloc[0] == 0.0
    assert pd.isna(found["away_returning_production"].iloc[1])


def test_success_rates_are_those_of_the_season_before_and_never_of_the_running_one(found):
    assert found["home_last_success_rate"].iloc[0] == 0.45
    assert found["home_last_success_rate_allowed"].iloc[0] == 0.38
    assert pd.isna(found["home_last_success_rate"].iloc[1])
    later = ADVANCED.assign(success_rate=ADVANCED["success_rate"].where(ADVANCED["season"] < 2024, 0.01))
    lists = SeasonLists(returning_production=RETURNING, advanced_stats=later, weather=WEATHER)
    pd.testing.assert_frame_equal(circumstances(GAMES, lists), found)


def test_the_weather_is_that_of_the_game(found):
    assert found["temperature_f"].tolist()[1] == 41.0
    assert found["wind_speed_mph"].isna().tolist() == [True, False]
    assert found["is_indoors"].fillna(True).tolist() == [True, False]


def test_without_the_lists_all_of_it_is_missing():
    assert {"advanced_stats", "weather", "returning_production"} <= {each.name for each in fields(SeasonLists)}
    nothing = circumstances(GAMES, SeasonLists())
    assert list(nothing) == list(COLUMNS)
    assert nothing.isna().all(axis=None)
    empty = SeasonLists(
        returning_production=RETURNING.head(0), advanced_stats=ADVANCED.head(0), weather=WEATHER.head(0)
    )
    assert circumstances(GAMES, empty).isna().all(axis=None)
