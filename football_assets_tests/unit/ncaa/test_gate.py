"""What may be published: better than Elo, not worse than what is in service, and never what learned from noise."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.backtest import permuted, run
from football_assets.ncaa.game_model import p_home
from football_assets.ncaa.gate import Score, calibration, decide, gate_passed, judged_by, score
from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.team_games import one_row_per_team

GOOD = Score(500, 12.5, 0.19, 0.56, 0.03, 0.80, 12.8, 0.80)


@pytest.fixture(scope="module")
def tables(build):
    rows = build.league(seasons=(2020, 2021, 2022, 2023), teams=24)
    games = build.games(*rows)
    lines = build.lines(*((row["game_id"], "A", -3.0, 50.0) for row in rows))
    lines["spread_open"], lines["over_under_open"] = -3.0, 50.0
    return games, one_row_per_team(games, lines, build.boxes()), lines


@pytest.mark.parametrize("worse", [{"mae": 12.7}, {"brier": 0.2}])
def test_a_model_that_loses_to_elo_in_either_measure_is_refused(worse):
    decision = decide(replace(GOOD, **worse), replace(GOOD, mae=12.6, brier=0.195))
    assert not decision.publish
    assert "Elo" in decision.why
    assert not gate_passed(pd.DataFrame(), decision).passed
    assert "not published" in gate_passed(pd.DataFrame(), decision).says


BETTER = {"mae": 12.49, "brier": 0.1899}


@pytest.mark.parametrize(
    ("changes", "is_same", "passes"),
    [
        (BETTER, False, True),
        ({}, False, False),
        ({"mae": 12.49}, False, False),
        ({"brier": 0.1899}, False, False),
        ({**BETTER, "brier": 0.1901}, False, False),
        ({}, True, True),
        ({"mae": 12.504, "brier": 0.1901}, True, True),
        ({"mae": 12.52}, True, False),
        ({"brier": 0.1903}, True, False),
    ],
)
def test_another_model_has_to_beat_the_one_in_service_in_both_and_the_same_one_may_be_as_good(changes, is_same, passes):
    elo = replace(GOOD, mae=12.8, brier=0.2)
    decision = decide(replace(GOOD, **changes), elo, GOOD, is_same=is_same)
    assert decision.publish is passes
    assert "in service" in decision.why


def told(build, skill, seed=5):
    """`game_predictions` of 500 games that are over, and their Elo, which knows nothing; `skill` from 0 to 1."""
    chance = np.random.default_rng(seed)
    margin = np.round(chance.normal(0, 20, 500)) + 0.5
    mean = skill * margin + (1 - skill) * chance.normal(0, 20, 500)
    rows = pd.DataFrame(
        {"game_id": range(500), "margin": margin, "total": 50.0, "margin_mean": mean, "margin_sd": 16.0}
    )
    rows = rows.assign(p_home=p_home(mean, np.full(500, 16.0)), total_mean=50.0, total_sd=15.0, family="no_market")
    kickoffs = [pd.Timestamp(build.START) + timedelta(days=n) for n in range(500)]
    rows = rows.assign(is_fbs_game=True, is_neutral_site=True, is_kickoff_tbd=False, kickoff_at=kickoffs)
    return rows, pd.DataFrame({"game_id": range(500), "home_elo": 1500.0, "away_elo": 1500.0})


def test_a_model_is_the_same_when_it_says_nearly_the_same_and_another_has_to_be_better(build):
    (mine, elo), (better, _) = told(build, 0.6), told(build, 0.7)
    nudged = mine.assign(margin_mean=mine["margin_mean"] + 0.01)
    assert judged_by(mine, elo, mine).publish, "it learned on and is as good as before"
    assert judged_by(mine, elo, nudged).publish
    assert judged_by(better, elo, mine).publish
    refused = judged_by(mine, elo, better)
    assert not refused.publish
    assert "does not beat the model in service" in refused.why
    other = mine.assign(margin_mean=mine["margin_mean"].iloc[::-1].to_numpy())
    assert not judged_by(other, elo, None).publish


def test_a_run_with_permuted_labels_fails_the_gate(tables):
    games, team_games, lines = tables
    found = run(games, team_games, lines, SeasonLists(), range(2022, 2024), permuted(games, 7))
    assert len(found.judged["no_market"]) > 200
    assert not found.decision.publish
    assert found.scores["no_market"].mae > found.scores["elo"].mae


def test_permuting_keeps_the_scores_and_moves_most_of_them(tables):
    games = tables[0]
    dealt = permuted(games, 7)
    pairs = [sorted(zip(each["home_points"], each["away_points"], strict=True)) for each in (games, dealt)]
    assert pairs[0] == pairs[1]
    assert (dealt["home_points"] != games["home_points"]).mean() > 0.5
    assert dealt["game_id"].equals(games["game_id"])


def test_figures_of_a_perfectly_calibrated_coin():
    chance = np.random.default_rng(2)
    p = chance.uniform(0.05, 0.95, 20_000)
    margin = np.where(chance.uniform(size=len(p)) < p, 3.0, -3.0)
    rows = pd.DataFrame({"p_home": p, "margin": margin, "total": 50.0, "margin_mean": 0.0, "total_mean": 52.0})
    found = score(rows.assign(margin_sd=10.0, total_sd=1.0))
    assert found.calibration_gap < 0.03
    assert (found.mae, found.total_mae) == (3.0, 2.0)
    assert (found.margin_coverage, found.total_coverage) == (1.0, 0.0)
    assert calibration(rows)["games"].tolist() == [2000] * 10


def test_too_few_games_let_a_first_model_in_and_replace_none(build, tables):
    games, team_games, lines = tables
    found = run(games, team_games, lines, SeasonLists(), range(2022, 2024))
    few = found.predictions[found.predictions["family"] == "no_market"].head(50)
    known = pd.DataFrame({"game_id": few["game_id"], "home_elo": 1500.0, "away_elo": 1500.0})
    assert judged_by(few, known, None).publish
    assert not judged_by(few, known, few).publish
