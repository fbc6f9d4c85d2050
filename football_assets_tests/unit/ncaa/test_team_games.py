"""Each game once, from both benches."""

from datetime import timedelta

import pandas as pd
import pytest

from football_assets.ncaa.schemas import TeamGames
from football_assets.ncaa.team_games import counted, mark_duplicates, one_row_per_team
from football_assets.tables import judge

NO_LINES, NO_BOXES = (), ()


@pytest.fixture
def seen(build):
    def make(*rows, lines=NO_LINES, boxes=NO_BOXES):
        frame = one_row_per_team(build.games(*rows), build.lines(*lines), build.boxes(*boxes))
        assert judge(TeamGames, frame).passed
        return frame.set_index(["game_id", "team_id"])

    return make


def test_both_benches_see_one_result(seen, build):
    frame = seen(build.game(1, 10, 20, (24, 31)))
    assert frame.loc[(1, 10), ["points_for", "points_against", "margin", "result", "place"]].tolist() == [
        24,
        31,
        -7,
        "L",
        "home",
    ]
    assert frame.loc[(1, 20), ["points_for", "points_against", "margin", "result", "place"]].tolist() == [
        31,
        24,
        7,
        "W",
        "away",
    ]


def test_a_tie_is_a_tie_on_both_benches_and_neutral_ground_nobodys_home(seen, build):
    frame = seen(build.game(1, 10, 20, (24, 24), is_neutral_site=True))
    assert frame["result"].tolist() == ["T", "T"]
    assert frame["place"].tolist() == ["neutral", "neutral"]


def test_an_open_game_has_no_result_even_when_the_provider_fills_in_points(seen, build):
    frame = seen(build.game(1, 10, 20, None, home_points=0, away_points=0))
    assert frame[["points_for", "margin"]].isna().all().all()
    assert frame["result"].isna().all()


def test_the_spread_turns_with_the_bench_and_a_push_is_neither(seen, build):
    lines = [(1, "A", -7.0, 50.0), (1, "B", -7.0, 52.0), (2, "A", 3.0, None), (3, "A", -3.5, None)]
    frame = seen(
        build.game(1, 10, 20, (24, 17)),
        build.game(2, 10, 30, (24, 20), kickoff=build.START + timedelta(days=7)),
        build.game(3, 10, 40, (24, 21), kickoff=build.START + timedelta(days=14)),
        lines=lines,
    )
    assert frame["spread"].xs(10, level="team_id").tolist() == [-7.0, 3.0, -3.5]
    assert frame["spread_result"].xs(10, level="team_id").tolist() == ["P", "W", "L"]
    assert frame.loc[(3, 40), "spread_result"] == "W"
    assert frame.loc[(1, 20), "over_under"] == 51.0
    assert pd.isna(frame.loc[(2, 30), "over_under"])


def test_rates_come_from_counts_and_what_is_absent_stays_unknown(seen, build):
    box = build.box(1, 10, total_yards=400, passing_attempts=30, rushing_attempts=50, rushing_yards=200, turnovers=0)
    bare = build.box(1, 20, total_yards=300, third_down_attempts=0, third_down_conversions=0)
    frame = seen(build.game(1, 10, 20, (24, 17)), boxes=[box, bare])
    ours, theirs = frame.loc[(1, 10)], frame.loc[(1, 20)]
    assert (ours["plays"], ours["yards_per_play"], ours["yards_per_rush"], ours["turnovers"]) == (80, 5.0, 4.0, 0)
    assert theirs[["plays", "yards_per_play", "third_down_pct", "turnovers"]].isna().all()
    assert theirs["yards"] == 300


def test_a_bench_without_a_box_score_says_so(seen, build):
    frame = seen(build.game(1, 10, 20, (24, 17)), boxes=[build.box(1, 10, total_yards=1)])
    assert frame["has_box_score"].tolist() == [True, False]


def test_a_game_listed_twice_counts_once(build):
    day_alone = build.START.replace(hour=4)
    games = mark_duplicates(
        build.games(build.game(7, 10, 20, (24, 17), kickoff=day_alone), build.game(9, 10, 20, (24, 17)))
    )
    assert games.loc[games["game_id"] == 7, "duplicate_of"].tolist() == [9]
    assert games.loc[games["game_id"] == 9, "duplicate_of"].isna().all()
    assert counted(games)["game_id"].tolist() == [9]


def test_of_equal_copies_the_lowest_id_stands_even_with_the_sides_swapped(build):
    games = mark_duplicates(build.games(build.game(9, 20, 10, (17, 24)), build.game(7, 10, 20, (24, 17))))
    assert counted(games)["game_id"].tolist() == [7]


@pytest.mark.parametrize(
    "change", [{"score": (24, 18)}, {"days": 2}, {"teams": (10, 30)}], ids=["score", "day", "opponent"]
)
def test_games_that_differ_are_two_games(build, change):
    teams, days = change.get("teams", (10, 20)), change.get("days", 0)
    other = build.game(9, *teams, change.get("score", (24, 17)), kickoff=build.START + timedelta(days=days))
    assert len(counted(mark_duplicates(build.games(build.game(7, 10, 20, (24, 17)), other)))) == 2
