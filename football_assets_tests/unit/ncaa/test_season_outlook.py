"""Power ratings and the rest of the season in leagues small enough to know the answer."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.power_ratings import POINTS, Strengths, power_ratings, strengths
from football_assets.ncaa.season_outlook import season_outlook

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


def test_ratings_of_a_season_see_nothing_of_the_next(build):
    rows = build.league(seasons=(2021, 2022))
    whole = power_ratings(strengths(build.games(*rows), 2021))
    alone = power_ratings(strengths(build.games(*rows[: len(rows) // 2]), 2021))
    pd.testing.assert_frame_equal(whole, alone)
