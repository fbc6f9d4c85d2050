"""Which games are shown when the settings name conferences."""

import pandas as pd
import pytest

from football_assets.errors import ConfigError
from football_assets.ncaa.conferences import of_conferences


@pytest.fixture
def games(build):
    rows = [build.game(1, 1, 3), build.game(2, 1, 2), build.game(3, 2, 4), build.game(4, 2, 6)]
    rows[3] |= {"home_conference": None, "away_conference": None}
    return build.games(*rows)


def test_a_side_in_one_of_them_is_enough_and_none_named_means_all(games):
    told = pd.DataFrame({"game_id": [1, 1, 2, 3, 4]})
    assert of_conferences(told, games, ("East",))["game_id"].tolist() == [1, 1, 2]
    assert of_conferences(told, games, ("East", "West"))["game_id"].tolist() == [1, 1, 2, 3]
    assert len(of_conferences(told, games, ())) == 5


def test_a_name_that_is_no_conference_is_refused_with_those_there_are(games):
    with pytest.raises(ConfigError, match=r"ncaa\.conferences\.1.*'S3C'.*East, West"):
        of_conferences(pd.DataFrame({"game_id": [1]}), games, ("East", "S3C"))
