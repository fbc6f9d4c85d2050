"""What may be published: better than Elo, not worse than what is in service, and never what learned from noise."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.backtest import permuted, run
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


def test_a_model_worse_than_the_one_in_service_is_refused_and_one_as_good_is_not():
    elo = replace(GOOD, mae=12.8, brier=0.2)
    assert not decide(replace(GOOD, mae=12.52), elo, GOOD).publish
    assert "in service" in decide(replace(GOOD, mae=12.52), elo, GOOD).why
    assert decide(GOOD, elo, GOOD).publish


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
