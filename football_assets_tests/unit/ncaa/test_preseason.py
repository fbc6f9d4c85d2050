"""What is known before a season: earlier seasons' ratings only, and missing is not average."""

import math

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.preseason import KNOWN, SeasonLists, preseason, weekly_votes
from football_assets.ncaa.season_starts import FEWEST_TEAM_SEASONS, SeasonStarts

FBS = {2023: frozenset({1, 2, 3}), 2024: frozenset({1, 2, 3})}


def known(name, season=2024, **frames):
    found = preseason(SeasonLists(**frames), FBS)[season]
    return {team: found[team][KNOWN.index(name)] for team in FBS[season]}


def test_values_are_against_the_fbs_of_the_season():
    talent = pd.DataFrame({"season": 2024, "team_id": [1, 2, 3, 99], "talent": [900.0, 600.0, 300.0, 9.0]})
    values = known("talent", talent=talent)
    assert [values[team] for team in (1, 2, 3)] == pytest.approx([1.2247, 0.0, -1.2247], abs=1e-4)


def test_ratings_of_a_season_count_for_the_next_one_only():
    ratings = pd.DataFrame({"season": 2023, "system": "sp", "team_id": [1, 2, 3], "rating": [20.0, 0.0, -20.0]})
    assert known("sp", 2024, ratings=ratings)[1] > 1
    assert all(math.isnan(value) for value in known("sp", 2023, ratings=ratings).values())


def test_a_team_that_a_list_does_not_name_is_missing_but_has_no_votes():
    talent = pd.DataFrame({"season": 2024, "team_id": [1, 2], "talent": [900.0, 600.0]})
    assert math.isnan(known("talent", talent=talent)[3])
    poll = {"season": 2024, "season_type": "regular", "week": 1, "poll": "AP Top 25"}
    rankings = pd.DataFrame([{**poll, "team_id": 1, "points": 1500}])
    values = known("votes", rankings=rankings)
    assert values[1] > 0 > values[2] == values[3]


def test_a_poll_after_the_first_week_is_not_of_the_preseason():
    poll = {"season": 2024, "season_type": "regular", "week": 5, "poll": "AP Top 25"}
    rankings = pd.DataFrame([{**poll, "team_id": 1, "points": 1500}])
    assert all(math.isnan(value) for value in known("votes", rankings=rankings).values())


def test_the_votes_of_a_week_are_those_of_the_poll_before_its_games():
    poll = {"season": 2024, "season_type": "regular", "poll": "AP Top 25"}
    rows = [
        {**poll, "week": 5, "team_id": 1, "points": 1600},
        {**poll, "week": 6, "team_id": 2, "points": 900},
        {**poll, "week": 6, "team_id": 1, "points": 400, "poll": "Coaches Poll"},
        {**poll, "week": 1, "team_id": 3, "points": 2500, "season_type": "postseason"},
    ]
    votes = weekly_votes(pd.DataFrame(rows))
    assert votes == {(2024, 5): {1: 40.0}, (2024, 6): {2: 30.0}}
    assert weekly_votes(None) == {}


def test_recruits_of_four_years_count_and_the_newest_class_must_be_known():
    rows = [(2021, 1, 100.0), (2024, 1, 300.0), (2024, 2, 200.0), (2023, 3, 250.0)]
    recruiting = pd.DataFrame(rows, columns=["season", "team_id", "points"])
    values = known("recruiting", recruiting=recruiting)
    assert values[1] > values[2]
    assert math.isnan(values[3])


def test_without_lists_nothing_is_known():
    assert np.isnan(np.array(list(preseason(SeasonLists(), FBS)[2024].values()))).all()


def test_starts_are_learned_from_earlier_seasons():
    """In this world talent alone decides, so that after enough team seasons it decides the start."""
    chance, starts, teams = np.random.default_rng(4), SeasonStarts(), range(100)
    conferences = dict.fromkeys(teams, "East")

    def world():
        return {team: np.append(chance.normal(), np.zeros(len(KNOWN) - 1)) for team in teams}

    told = {}
    for season in range(2016, 2021):
        about = world()
        told = starts.starts(season, conferences, about)
        starts.end(season, {team: np.full((2, 1), about[team][0]) for team in teams})
    assert 3 * len(teams) > FEWEST_TEAM_SEASONS
    pairs = np.array([(told[team][0, 0], about[team][0]) for team in teams])
    assert np.corrcoef(pairs.T)[0, 1] > 0.95


def test_with_few_seasons_a_team_falls_back_to_its_conference():
    starts = SeasonStarts()
    starts.end(2020, {1: np.array([[1.0], [0.0]]), 2: np.array([[0.0], [0.0]])})
    found = starts.starts(2021, {1: "East", 2: "East"}, {})
    assert found[1].ravel() == pytest.approx([0.875, 0.0])
    assert found[2].ravel() == pytest.approx([0.125, 0.0])
