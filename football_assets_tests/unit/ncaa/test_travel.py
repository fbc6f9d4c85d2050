"""How far the away side travels, and when that is not known."""

import pandas as pd
import pytest

from football_assets.ncaa.travel import travel_km

TEAMS = pd.DataFrame(
    [(2023, 1, 0.0, 0.0), (2024, 1, 40.0, -75.0), (2024, 2, 40.0, -120.0), (2024, 3, None, None)],
    columns=["season", "team_id", "latitude", "longitude"],
)


def travelled(home, away, teams=TEAMS, is_neutral_site=False):
    game = {"home_team_id": [home], "away_team_id": [away], "is_neutral_site": [is_neutral_site]}
    return travel_km(pd.DataFrame(game), teams).iloc[0]


def test_the_distance_is_along_the_surface_between_the_newest_venues():
    assert travelled(1, 2) == pytest.approx(3792, abs=3)
    assert travelled(2, 1) == pytest.approx(3792, abs=3)
    assert travelled(1, 1) == 0.0


@pytest.mark.parametrize(
    "unknown",
    [{"away": 3}, {"away": 99}, {"away": 2, "teams": None}, {"away": 2, "is_neutral_site": True}],
)
def test_without_a_place_or_on_neutral_ground_it_is_not_known(unknown):
    assert pd.isna(travelled(1, **unknown))
