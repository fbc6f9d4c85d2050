"""Power ratings and the rest of the season in leagues small enough to know the answer."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.power_ratings import POINTS, Strengths, newest, power_ratings, strengths
from football_assets.ncaa.projection_schemas import PowerRatings, SeasonOutlook
from football_assets.ncaa.season_outlook import season_outlook, shares_add_up
from football_assets.tables import judge

WEEK = timedelta(days=7)


def known(ratings, sd=0.0, home_edge=0.0, game_sd=15.0):
    """Strengths of the teams 1, 2 ... in one conference."""
    teams = pd.DataFrame(
        {
            "team_id": range(1, len(ratings) + 1),
            "team": [f"Team {n}" for n in range(1, len(ratings) + 1)],
            "conference": "East",
            "is_fbs": True,
            "rating": ratings,
            "sd": float(sd),
            "offense": 0.0,
            "defense": 0.0,
            "games": 0,
        }
    )
    return Strengths(2024, teams, home_edge, game_sd, None)


def league(build, *games, **changes):
    """Conference games out of (home, away, score or None), a week apart; read before the open ones are due."""
    about = {"is_conference_game": True, "home_conference": "East", "away_conference": "East"}
    about |= {"is_neutral_site": True, "fetched_at": build.START}
    rows = [
        build.game(number + 1, home, away, score, kickoff=build.START + number * WEEK, **{**about, **changes})
        for number, (home, away, score) in enumerate(games)
    ]
    return build.games(*rows)


def by_team(frame):
    return frame.set_index("team_id")


def test_one_open_game_between_known_strengths_is_won_as_often_as_the_normal_says(build):
    found = by_team(season_outlook(league(build, (1, 2, None)), known([15.0, 0.0])))
    assert found.loc[1, "p_title"] == pytest.approx(0.841, abs=0.015)
    assert found.loc[1, "expected_wins"] == pytest.approx(found.loc[1, "p_title"])
    assert found["p_title"].sum() == pytest.approx(1.0)


def test_uncertain_strengths_make_the_outcome_less_certain(build):
    games = league(build, (1, 2, None))
    sure, unsure = (by_team(season_outlook(games, known([15.0, 0.0], sd))).loc[1, "p_title"] for sd in (0.0, 15.0))
    assert 0.5 < unsure < sure - 0.05


def test_the_home_field_counts_and_neutral_ground_does_not(build):
    at_home = league(build, (1, 2, None), is_neutral_site=False)
    strong = known([0.0, 0.0], home_edge=15.0)
    assert by_team(season_outlook(at_home, strong)).loc[1, "expected_wins"] == pytest.approx(0.841, abs=0.015)
    neutral = by_team(season_outlook(league(build, (1, 2, None)), strong))
    assert neutral.loc[1, "expected_wins"] == pytest.approx(0.5, abs=0.015)


def test_results_are_kept_and_a_decided_title_is_certain(build):
    games = league(build, (1, 2, (20, 10)), (1, 3, (20, 10)), (2, 3, None))
    found = by_team(season_outlook(games, known([0.0, 40.0, 40.0])))
    assert found.loc[1, ["expected_wins", "wins_p10", "wins_p90", "p_title", "open_games"]].tolist() == [2, 2, 2, 1, 0]
    assert found.loc[2, "expected_losses"] + found.loc[2, "expected_wins"] == pytest.approx(2.0)


def test_equal_records_go_to_the_stronger_more_often(build):
    games = league(build, (1, 2, (20, 10)), (2, 3, (20, 10)), (3, 1, (20, 10)))
    found = by_team(season_outlook(games, known([10.0, 0.0, -10.0])))["p_title"]
    assert found[1] > found[2] > found[3] > 0
    assert found.sum() == pytest.approx(1.0)


def test_a_listed_championship_game_decides_the_title(build):
    games = league(build, (3, 1, (20, 10)), (3, 2, (20, 10)), (1, 2, None))
    final = games["game_id"] == 3
    games["notes"] = games["notes"].mask(final, "East Championship")
    found = by_team(season_outlook(games, known([15.0, 0.0, 0.0])))["p_title"]
    assert found[3] == 0.0
    assert found[1] == pytest.approx(0.841, abs=0.015)


def test_games_outside_the_conference_do_not_count_for_the_title(build):
    games = league(build, (1, 2, (20, 10)), (2, 1, (20, 10)), is_conference_game=False)
    assert by_team(season_outlook(games, known([0.0, 0.0])))["p_title"].isna().all()


def test_twenty_five_of_thirty_teams_are_ranked_and_a_win_helps(build):
    pairs = [(home, home + 1, (20, 10)) for home in range(1, 30, 2)]
    found = by_team(season_outlook(league(build, *pairs), known([0.0] * 30, sd=3.0)))
    assert found["p_ranked"].sum() == pytest.approx(25.0)
    assert found.loc[range(1, 30, 2), "p_ranked"].min() > found.loc[range(2, 31, 2), "p_ranked"].max()


def test_the_same_seed_gives_the_same_numbers_and_another_one_nearly(build):
    games = league(build, (1, 2, None), (2, 3, None), (3, 1, None))
    one, again, other = (season_outlook(games, known([5.0, 0.0, -5.0], 4.0), seed=seed) for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, again)
    other = by_team(other)["p_title"]
    assert (by_team(one)["p_title"] - other).abs().max() == pytest.approx(0.0, abs=0.03)
    assert not by_team(one)["p_title"].equals(other)


def test_winners_are_rated_higher_and_more_games_narrow_the_interval(build):
    rows = build.league(seasons=(2021, 2022))
    whole = power_ratings(strengths(build.games(*rows), 2022))
    early = power_ratings(strengths(build.games(*rows[: 8 * 3]), 2021))
    assert whole["rank"].tolist() == list(range(1, 17))
    assert whole["rating"].is_monotonic_decreasing
    assert (whole["low"] < whole["rating"]).all()
    assert (whole["rating"] < whole["high"]).all()
    assert whole["sd"].max() < early["sd"].min() < POINTS.noise
    margins = dict.fromkeys(range(1, 17), 0.0)
    for row in rows:
        margins[row["home_team_id"]] += row["home_points"] - row["away_points"]
        margins[row["away_team_id"]] -= row["home_points"] - row["away_points"]
    assert np.corrcoef(whole["rating"], whole["team_id"].map(margins))[0, 1] > 0.9


def test_the_top_25_go_by_rating_and_never_by_name(build):
    names = [f"Team {n:02d}" for n in range(30)]
    ratings = [float(n) for n in range(30)]
    teams = known(ratings).teams.assign(team=names)
    rated = power_ratings(Strengths(2024, teams, 0.0, 15.0, None)).set_index("team")
    assert rated.loc[names[5:], "is_top_25"].all()
    assert not rated.loc[names[:5], "is_top_25"].any()
    assert rated.loc["Team 29", "rank"] == 1


def test_where_ratings_are_alike_nobody_is_put_into_the_top_25_by_chance(build):
    teams = known([9.0] * 3 + [1.0] * 40).teams
    rated = power_ratings(Strengths(2024, teams, 0.0, 15.0, None))
    assert rated["rank"].tolist() == [1] * 3 + [4] * 40
    assert rated["is_top_25"].head(3).all()
    assert rated["is_top_25"].tail(40).isna().all()


def test_the_newest_season_is_rated_and_without_games_nobody_is(build):
    rows = build.league(seasons=(2021, 2022))
    assert newest(build.games(*rows)).season == 2022
    none = newest(build.games())
    rated, ends = power_ratings(none), season_outlook(build.games(), none)
    assert (len(rated), len(ends)) == (0, 0)
    assert judge(PowerRatings, rated).passed
    assert judge(SeasonOutlook, ends).passed


def test_tables_fit_their_declarations_and_chances_that_do_not_add_up_are_found(build):
    games = build.games(*build.league(seasons=(2021, 2022)))
    strong = newest(games)
    ends = season_outlook(games, strong, simulations=50)
    assert judge(PowerRatings, power_ratings(strong)).passed
    assert judge(SeasonOutlook, ends).passed
    assert shares_add_up(ends).passed
    wrong = shares_add_up(ends.assign(p_ranked=ends["p_ranked"] * 0.9))
    assert (wrong.passed, wrong.rows[0]["what"]) == (False, "top 25")
    titles = league(build, (1, 2, None))
    two = season_outlook(titles, known([1.0, 0.0]), simulations=50)
    assert not shares_add_up(two.assign(p_title=two["p_title"] * 2)).passed


def test_ratings_of_a_season_see_nothing_of_the_next(build):
    rows = build.league(seasons=(2021, 2022))
    whole = power_ratings(strengths(build.games(*rows), 2021))
    alone = power_ratings(strengths(build.games(*rows[: len(rows) // 2]), 2021))
    pd.testing.assert_frame_equal(whole, alone)
