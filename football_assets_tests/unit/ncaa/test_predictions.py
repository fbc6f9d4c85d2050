"""What people read: fair odds, the coming week, and honest figures."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.features import features
from football_assets.ncaa.game_model import walk_forward
from football_assets.ncaa.ledger import ahead, append, last_said
from football_assets.ncaa.ledger_schemas import GamePredictions, Ledger
from football_assets.ncaa.predictions import coming_week, fair_moneyline, game_predictions, metadata, metrics
from football_assets.ncaa.team_games import one_row_per_team
from football_assets.tables import from_rows, judge

CODE = "c" * 64


def predicted(build, rows, lines=()):
    games, quotes = build.games(*rows), build.lines(*lines)
    walk = walk_forward(games, features(games, one_row_per_team(games, quotes, build.boxes())))
    return walk, game_predictions(walk, games, quotes)


@pytest.fixture(scope="module")
def league(build):
    rows = build.league(seasons=(2020, 2021, 2022, 2023))
    end = rows[-1]["kickoff_at"] + timedelta(days=2)
    ahead = [
        build.game(n, 2 * n - 1, 2 * n, None, kickoff=end + timedelta(days=4 + n), season=2023, week=14) for n in (1, 2)
    ]
    return [{**row, "fetched_at": end} for row in [*rows, *ahead]]


@pytest.fixture(scope="module")
def found(build, league):
    lines = [(1, "A", -3.0, 50.0), (1, "B", -4.0, 53.0), (league[-10]["game_id"], "A", 2.5, None)]
    return predicted(build, league, lines)


def test_the_table_fits_its_declaration(found):
    assert judge(GamePredictions, found[1]).passed


def test_the_market_is_the_median_bookmaker_and_unknown_without_one(found):
    frame = found[1].set_index("game_id")
    assert frame.loc[1, ["market_spread", "market_total"]].tolist() == [-3.5, 51.5]
    assert frame.loc[2, ["market_spread", "market_total"]].isna().all()


def test_a_game_ahead_has_no_result_and_a_past_one_is_a_replay(found, league):
    frame = found[1].set_index("game_id")
    assert frame.loc[1, ["is_replay", "is_completed"]].tolist() == [False, False]
    assert frame.loc[[1, 2], ["margin", "total"]].isna().all().all()
    past = frame.loc[league[-10]["game_id"]]
    assert (past["is_replay"], past["margin"]) == (True, league[-10]["home_points"] - league[-10]["away_points"])
    assert (frame["predicted_at"] == pd.Timestamp(league[0]["fetched_at"])).all()


@pytest.mark.parametrize(("chance", "odds"), [(0.5, -100.0), (0.6, -150.0), (0.4, 150.0), (0.9, -900.0)])
def test_fair_odds_neither_gain_nor_lose(chance, odds):
    assert fair_moneyline(np.array([chance]))[0] == pytest.approx(odds)
    gain = 100 / -odds if odds < 0 else odds / 100
    assert chance * gain - (1 - chance) == pytest.approx(0.0)


def test_the_coming_week_is_the_earliest_with_a_game_to_play(found):
    assert coming_week(found[1])["game_id"].tolist() == [1, 2]


def test_a_week_stays_until_its_last_game_is_over_and_a_called_off_game_holds_nothing_open(found):
    frame = found[1]
    one_over = frame.assign(is_completed=frame["is_completed"] | (frame["game_id"] == 1))
    assert coming_week(one_over)["game_id"].tolist() == [1, 2]
    long_after = frame["kickoff_at"].max() + timedelta(days=3)
    assert coming_week(frame, long_after).empty


def test_there_is_no_coming_week_without_predictions(found):
    assert coming_week(found[1].head(0)).empty


def test_the_figures_are_those_of_games_that_are_over_and_the_market_is_judged_on_its_own_games(found):
    frame = found[1]
    over = frame[frame["is_completed"]]
    about = metrics(frame, "margin")
    assert about["evaluated_games"] == len(over)
    assert about["mae"] == pytest.approx((over["margin"].astype(float) - over["margin_mean"]).abs().mean())
    assert 0 < about["brier"] < 0.25
    assert about["market_games"] == 1
    (row,) = over[over["market_spread"].notna()].to_dict("records")
    assert about["market_mae"] == pytest.approx(abs(row["margin"] - -row["market_spread"]))
    assert "trained_from_to" in metadata(frame)


def test_without_predictions_the_figures_are_unknown_not_zero(found):
    about = metrics(found[1].head(0), "margin")
    assert about["evaluated_games"] == 0
    assert about["mae"] is about["brier"] is about["market_mae"] is None


def test_a_league_too_small_gives_empty_tables_of_the_right_shape(build):
    _, frame = predicted(build, build.league(seasons=(2022,), teams=8))
    assert frame.empty
    assert judge(GamePredictions, frame).passed


def test_a_game_that_has_begun_is_shown_as_it_was_said_whatever_is_calculated_now(build, league, found):
    walk, frame = found
    said_at = league[0]["fetched_at"]
    ledger = append(from_rows(Ledger, []), ahead(frame, build.lines(), said_at, CODE), said_at)
    rows = [
        row | {"fetched_at": row["kickoff_at"] + timedelta(hours=1)} if row["game_id"] == 1 else row for row in league
    ]
    games = build.games(*rows)
    other = type(walk)(walk.predictions.assign(margin_mean=99.0), [], {})
    said = last_said(ledger, games)
    shown = game_predictions(other, games, build.lines(), said=said).set_index("game_id")
    told = frame.set_index("game_id").loc[1]
    names = ["p_home", "margin_mean", "margin_sd", "total_mean", "total_sd", "home_fair_moneyline", "trained_through"]
    assert shown.loc[1, names].tolist() == told[names].tolist(), "the same bits"
    assert (shown.loc[1, "state"], shown.loc[1, "is_replay"]) == ("said", False)
    assert shown.loc[1, "predicted_at"] == pd.Timestamp(said_at)
    assert (shown.loc[2, "state"], shown.loc[2, "margin_mean"]) == ("open", 99.0)
    replayed = shown.drop(index=[1, 2])
    assert set(replayed["state"]) == {"replayed"}
    assert (replayed["margin_mean"] == 99.0).all()
    gone = type(walk)(walk.predictions.query("game_id != 1"), [], {})
    alone = game_predictions(gone, games, build.lines(), said=said).set_index("game_id")
    assert alone.loc[1, "margin_mean"] == told["margin_mean"], "it is shown though nothing is calculated now"
