"""Plays that a box score does not count are estimated for the ratings, and nothing else is."""

import pandas as pd
import pytest

from football_assets.ncaa.box_estimates import with_plays

BOX = {"yards": 400.0, "yards_per_rush": 4.5, "third_down_pct": 40.0, "possession_s": 1800.0, "turnovers": 1.5}


def estimated(**changes):
    row = {**BOX, "points_for": 28, "plays": None, "yards_per_play": None, **changes}
    return with_plays(pd.DataFrame([row]).convert_dtypes()).iloc[0]


def test_a_usual_box_score_without_passes_has_the_usual_plays():
    row = estimated()
    assert 65 < row["plays"] < 75
    assert row["yards_per_play"] == pytest.approx(400.0 / row["plays"])


def test_counted_plays_stay_as_they_are():
    row = estimated(plays=50.0, yards_per_play=8.0)
    assert (row["plays"], row["yards_per_play"]) == (50.0, 8.0)


@pytest.mark.parametrize("name", [*BOX, "points_for"])
def test_with_another_number_missing_the_plays_stay_missing(name):
    row = estimated(**{name: None})
    assert pd.isna(row["plays"])
    assert pd.isna(row["yards_per_play"])
