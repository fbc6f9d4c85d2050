"""Provider answers as rows: every text parsed, everything that does not fit named."""

from datetime import UTC, datetime

import pytest

from football_assets.errors import SourceChanged
from football_assets.ncaa import models
from football_assets.ncaa.schemas import PlayerStats, TeamStats
from football_assets.tables import from_rows, judge

AT = datetime(2024, 10, 5, tzinfo=UTC)
GAME = {
    "id": 401628319,
    "season": 2024,
    "week": 5,
    "seasonType": "regular",
    "startDate": "2024-09-28T23:30:00.000Z",
    "startTimeTBD": False,
    "completed": True,
    "neutralSite": False,
    "conferenceGame": True,
    "attendance": 105017,
    "homeId": 194,
    "homeTeam": "Ohio State",
    "homePoints": 38,
    "homeLineScores": [7, 14, 10, 7],
    "homePregameElo": 2050,
    "awayId": 127,
    "awayTeam": "Michigan State",
    "awayPoints": 7,
    "awayLineScores": [],
}


def box(*stats):
    team = {"teamId": 194, "team": "Ohio State", "conference": "Big Ten", "homeAway": "home", "points": 38}
    return [{"id": 1, "teams": [{**team, "stats": [{"category": c, "stat": s} for c, s in stats]}]}]


def players(*athletes, category="passing", kind="C/ATT"):
    types = [{"name": kind, "athletes": [{"id": i, "name": n, "stat": s} for i, n, s in athletes]}]
    return [
        {
            "id": 1,
            "teams": [{"team": "Ohio State", "homeAway": "home", "categories": [{"name": category, "types": types}]}],
        }
    ]


def test_a_game_keeps_what_is_known_and_leaves_the_rest_null():
    (row,) = models.games([GAME], "reading", AT)
    assert row["game_id"] == 401628319
    assert row["kickoff_at"] == datetime(2024, 9, 28, 23, 30, tzinfo=UTC)
    assert row["home_line_scores"] == "[7,14,10,7]"
    assert row["away_line_scores"] is None
    assert row["away_pregame_elo"] is None
    assert row["venue"] is None
    assert row["fetched_at"] == AT


def test_a_game_without_a_kickoff_is_still_a_game():
    (row,) = models.games([{**GAME, "startDate": None}], "reading", AT)
    assert row["kickoff_at"] is None


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("homePoints", "many", "a number"),
        ("homePoints", 7.5, "a whole number"),
        ("homePoints", True, "a number"),
        ("homePoints", float("nan"), "a number"),
        ("completed", "yes", "true or false"),
        ("startDate", "Saturday", "an ISO 8601 instant"),
        ("startDate", "2024-09-28T23:30:00", "an instant with its zone"),
        ("homeTeam", None, "there"),
        ("homeTeam", 194, "a text"),
        ("homeLineScores", "7,14", "a list of numbers"),
    ],
)
def test_a_field_that_no_longer_fits_is_named(field, value, expected):
    with pytest.raises(SourceChanged, match=expected) as caught:
        models.games([{**GAME, field: value}], "reading the games of 2024", AT)
    assert caught.value.field == field
    assert "reading the games of 2024" in str(caught.value)


@pytest.mark.parametrize("body", [None, {"message": "hello"}, ["text"]])
def test_an_answer_that_is_no_list_of_objects_is_refused(body):
    with pytest.raises(SourceChanged, match="a list of objects"):
        models.games(body, "reading", AT)


def test_lines_become_one_row_a_bookmaker_and_fillers_become_null():
    quote = {"provider": "Bovada", "spread": -7, "overUnder": -1.0, "homeMoneyline": 0, "awayMoneyline": 250}
    betting = {"id": 1, "season": 2024, "homeClassification": "fbs", "awayClassification": "fcs"}
    rows = models.lines([{**betting, "lines": [quote, {**quote, "provider": "DraftKings"}]}], "reading", AT)
    assert [row["provider"] for row in rows] == ["Bovada", "DraftKings"]
    assert (rows[0]["spread"], rows[0]["over_under"]) == (-7.0, None)
    assert (rows[0]["home_moneyline"], rows[0]["away_moneyline"]) == (None, 250.0)
    assert rows[0]["spread_open"] is None


def test_lines_of_games_without_an_fbs_side_are_left_out():
    betting = {"id": 1, "season": 2024, "homeClassification": "fcs", "awayClassification": None}
    assert models.lines([{**betting, "lines": [{"provider": "Bovada", "spread": -7}]}], "reading", AT) == []


def test_box_score_texts_become_numbers_and_absent_categories_null():
    stats = [("completionAttempts", "14-19"), ("possessionTime", "29:06"), ("totalPenaltiesYards", "7-52")]
    stats += [("totalYards", "-3"), ("sacks", "2.5"), ("thirdDownEff", "6-15"), ("somethingNew", "??")]
    frame = from_rows(TeamStats, models.team_stats(box(*stats), "reading", 2024, AT))
    row = frame.iloc[0]
    assert (row["completions"], row["passing_attempts"]) == (14, 19)
    assert row["possession_s"] == 29 * 60 + 6
    assert (row["penalties"], row["penalty_yards"]) == (7, 52)
    assert (row["total_yards"], row["sacks"]) == (-3, 2.5)
    assert (row["third_down_conversions"], row["third_down_attempts"]) == (6, 15)
    assert frame["turnovers"].isna().all()
    assert judge(TeamStats, frame).passed


@pytest.mark.parametrize("stat", ["14/19/3", "14", "fourteen"])
def test_a_box_score_text_that_does_not_fit_is_named(stat):
    with pytest.raises(SourceChanged) as caught:
        models.team_stats(box(("completionAttempts", stat)), "reading", 2024, AT)
    assert caught.value.field == "teams.stats[completionAttempts]"


def test_a_dash_in_a_box_score_is_unknown():
    (row,) = models.team_stats(box(("possessionTime", "--"), ("turnovers", "")), "reading", 2024, AT)
    assert row["possession_s"] is None
    assert row["turnovers"] is None


def test_a_player_has_one_row_whatever_he_did():
    body = players(("4432", "Will Howard ", "21/24"))
    body[0]["teams"][0]["categories"] += players(("4432", "Will Howard", "13"), category="rushing", kind="YDS")[0][
        "teams"
    ][0]["categories"]
    frame = from_rows(PlayerStats, models.player_stats(body, "reading", 2024, AT))
    assert len(frame) == 1
    assert frame.loc[0, ["player", "passing_completions", "passing_attempts", "rushing_yards"]].tolist() == [
        "Will Howard",
        21,
        24,
        13,
    ]
    assert frame["receptions"].isna().all()
    assert judge(PlayerStats, frame).passed


def test_a_player_listed_twice_with_different_numbers_has_none():
    rows = models.player_stats(players(("-7", " Team", "0/1"), ("-7", " Team", "0/2")), "reading", 2024, AT)
    (row,) = rows
    assert row["passing_completions"] == 0
    assert row["passing_attempts"] is None
    assert row["player"] == "Team"
