"""Game logs: who did what in which game; what a box score does not say stays unknown."""

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.player_games import STATS, open_rows, player_games, value_of
from football_assets.ncaa.schemas import PlayerStats
from football_assets.tables import from_rows


def line(build, game_id, player_id, home_away="home", **stats):
    about = {"season": 2024, "team": "Team 1", "player": f"Player {player_id}", "fetched_at": build.READ_AT}
    return {"game_id": game_id, "player_id": player_id, "home_away": home_away, **about, **stats}


def logs_of(build, games, *lines):
    return player_games(build.games(*games), from_rows(PlayerStats, lines))


def test_a_listed_player_without_a_line_in_a_known_category_made_nothing_there(build):
    logs = logs_of(
        build,
        [build.game(1, 1, 2, (10, 3))],
        line(build, 1, "a", passing_attempts=30.0, passing_yards=200.0),
        line(build, 1, "b", "away", receptions=4.0, receiving_yards=44.0),
    ).set_index("player_id")
    assert logs.loc["b", "passing_yards"] == 0.0
    assert logs.loc["a", "receptions"] == 0.0
    assert np.isnan(logs.loc["a", "tackles"])
    assert logs.loc[["a", "b"], "team_id"].tolist() == [1, 2]
    assert logs.loc[["a", "b"], "place"].tolist() == [1.0, -1.0]


def test_shares_are_of_what_the_own_team_did(build):
    logs = logs_of(
        build,
        [build.game(1, 1, 2, (10, 3))],
        line(build, 1, "a", rushing_carries=15.0),
        line(build, 1, "b", rushing_carries=5.0),
        line(build, 1, "c", "away", rushing_carries=40.0),
    ).set_index("player_id")
    assert logs["carry_share"].to_dict() == {"a": 0.75, "b": 0.25, "c": 1.0}


def test_plays_credited_to_nobody_are_no_player(build):
    team = line(build, 1, "-7", rushing_carries=2.0)
    named = {**line(build, 1, "x", rushing_carries=2.0), "player": " Team"}
    logs = logs_of(build, [build.game(1, 1, 2, (10, 3))], team, named, line(build, 1, "a", rushing_carries=9.0))
    assert logs["player_id"].tolist() == ["a"]


def test_a_game_listed_twice_and_an_open_one_have_no_rows(build):
    games = [
        build.game(1, 1, 2, (10, 3), duplicate_of=2),
        build.game(2, 1, 2, (10, 3)),
        build.game(3, 1, 2, kickoff=build.START + pd.Timedelta(days=400)),
    ]
    logs = logs_of(build, games, *(line(build, game_id, "a", rushing_carries=3.0) for game_id in (1, 2, 3)))
    assert logs["game_id"].tolist() == [2]


def test_a_game_that_begins_before_the_last_one_is_over_is_left_out(build):
    games = [build.game(1, 1, 2, (10, 3)), build.game(2, 3, 1, (7, 3), kickoff=build.START + pd.Timedelta(hours=2))]
    logs = logs_of(
        build, games, line(build, 1, "a", rushing_carries=3.0), line(build, 2, "a", "away", rushing_carries=5.0)
    )
    assert logs["game_id"].tolist() == [1]


def test_the_squad_of_an_open_game_is_who_played_in_the_latest_two(build):
    week = pd.Timedelta(days=7)
    later = {"fetched_at": build.START + 3 * week}
    games = [build.game(n + 1, 1, 2, (10, 3), kickoff=build.START + n * week, **later) for n in range(3)]
    games.append(build.game(4, 2, 1, kickoff=build.START + 4 * week, **later))
    logs = logs_of(
        build,
        games,
        line(build, 1, "gone", rushing_carries=3.0),
        line(build, 2, "a", rushing_carries=3.0),
        line(build, 3, "b", rushing_carries=3.0),
    )
    rows = open_rows(build.games(*games), logs, pd.DataFrame({"game_id": [4]}))
    assert sorted(rows["player_id"]) == ["a", "b"]
    assert rows["is_open"].all()
    assert rows["rushing_carries"].isna().all()
    assert rows["place"].tolist() == [-1.0, -1.0]


@pytest.mark.parametrize(("stat", "expected"), [("anytime_td", 3.0), ("rush_rec_yards", 60.0)])
def test_a_sum_of_stats_is_null_when_a_part_is_not_known(stat, expected):
    row = {"rushing_tds": 1.0, "receiving_tds": 2.0, "rushing_yards": 50.0, "receiving_yards": 10.0}
    logs = pd.DataFrame([row, {**row, "receiving_tds": np.nan, "receiving_yards": np.nan}])
    found = value_of(logs, STATS[stat])
    assert found[0] == expected
    assert np.isnan(found[1])
