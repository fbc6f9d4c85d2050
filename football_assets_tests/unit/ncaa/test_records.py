"""Records: by team id, over completed games, ties as half."""

from datetime import timedelta

import pytest

from football_assets.ncaa.records import team_records
from football_assets.ncaa.schemas import TeamRecords
from football_assets.ncaa.team_games import mark_duplicates, one_row_per_team
from football_assets.tables import judge


@pytest.fixture
def records(build):
    def make(*rows, lines=()):
        frame = team_records(one_row_per_team(build.games(*rows), build.lines(*lines), build.boxes()))
        assert judge(TeamRecords, frame).passed
        return frame.set_index("team_id")

    return make


def test_a_team_keeps_its_record_when_its_name_changes(records, build):
    later = build.START + timedelta(days=7)
    frame = records(
        build.game(1, 10, 20, (24, 17), home_team="Appalachian State"),
        build.game(2, 10, 30, (24, 17), home_team="App State", kickoff=later),
    )
    assert frame.loc[10, ["team", "wins"]].tolist() == ["App State", 2]


def test_ties_count_half_and_neutral_games_are_neither_home_nor_away(records, build):
    frame = records(
        build.game(1, 10, 20, (24, 17), is_conference_game=True),
        build.game(2, 10, 30, (10, 10), kickoff=build.START + timedelta(days=7), is_neutral_site=True),
        build.game(3, 40, 10, (21, 3), kickoff=build.START + timedelta(days=99), season_type="postseason"),
    )
    ours = frame.loc[10]
    assert ours[["games", "wins", "losses", "ties"]].tolist() == [3, 1, 1, 1]
    assert ours["win_pct"] == pytest.approx(0.5)
    assert ours[["home_wins", "neutral_ties", "away_losses", "conference_wins"]].tolist() == [1, 1, 1, 1]
    assert ours[["regular_wins", "regular_ties", "postseason_losses"]].tolist() == [1, 1, 1]
    assert ours[["points_for", "points_against"]].tolist() == [37, 48]


def test_a_team_that_has_not_played_has_no_percentage(records, build):
    frame = records(build.game(1, 10, 20, None))
    assert frame.loc[10, "games"] == 0
    assert frame["win_pct"].isna().all()
    assert frame["spread_win_pct"].isna().all()
    assert frame["last_kickoff_at"].isna().all()


def test_sides_outside_the_fbs_have_no_record(records, build):
    frame = records(build.game(1, 10, 20, (24, 17), away_classification="fcs"))
    assert frame.index.tolist() == [10]


def test_pushes_are_left_out_of_the_percentage_against_the_spread(records, build):
    rows = [build.game(n, 10, 20 + n, (24, 17), kickoff=build.START + timedelta(days=7 * n)) for n in (1, 2, 3)]
    frame = records(*rows, lines=[(1, "A", -7.0, None), (2, "A", -3.0, None), (3, "A", -10.0, None)])
    assert frame.loc[10, ["spread_wins", "spread_losses", "spread_pushes"]].tolist() == [1, 1, 1]
    assert frame.loc[10, "spread_win_pct"] == 0.5


def test_a_game_listed_twice_gives_one_win(records, build):
    games = mark_duplicates(build.games(build.game(1, 10, 20, (24, 17)), build.game(2, 10, 20, (24, 17))))
    assert games["duplicate_of"].notna().sum() == 1
    frame = records(*games.astype(object).where(games.notna(), None).to_dict("records"))
    assert frame.loc[10, "wins"] == 1
