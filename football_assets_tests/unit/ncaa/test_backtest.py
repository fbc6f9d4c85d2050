"""A backtest predicts from earlier games only, names its columns as promised and never reads the closing line."""

import re

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa import plots
from football_assets.ncaa.backtest import COLUMNS, run
from football_assets.ncaa.backtest_report import pictures, report
from football_assets.ncaa.market_model import FIRST_SHARE, Share, opening
from football_assets.ncaa.preseason import SeasonLists
from football_assets.ncaa.team_games import one_row_per_team


def tables(build, rows, **columns):
    games = build.games(*rows)
    lines = build.lines(*((row["game_id"], "A", -3.0, 50.0) for row in rows))
    lines = lines.assign(**{"spread_open": -2.0, "over_under_open": 51.0, **columns})
    return games, one_row_per_team(games, lines, build.boxes()), lines


@pytest.fixture(scope="module")
def league(build):
    return build.league(seasons=(2020, 2021, 2022, 2023), teams=20)


@pytest.fixture(scope="module")
def found(build, league):
    return run(*tables(build, league), SeasonLists(), range(2022, 2024))


def test_each_game_has_one_row_a_family_with_the_promised_columns(found):
    rows = found.predictions[list(COLUMNS)]
    assert not rows.duplicated(["game_id", "family"]).any()
    assert set(rows["family"]) == {"no_market", "market_aware"}
    assert set(rows["season"]) == {2022, 2023}
    assert rows.notna().all().all()
    assert (rows["trained_through"] < rows["kickoff_at"]).all()


def test_the_closing_line_moves_no_prediction(build, league, found):
    other = run(*tables(build, league, spread=17.5, over_under=80.0), SeasonLists(), range(2022, 2024))
    pd.testing.assert_frame_equal(other.predictions[list(COLUMNS)], found.predictions[list(COLUMNS)], check_exact=True)


def test_only_market_aware_follows_the_opening_line(build, league, found):
    other = run(*tables(build, league, spread_open=17.5), SeasonLists(), range(2022, 2024))
    one, two = (each.predictions.set_index(["family", "game_id"])["margin_mean"] for each in (found, other))
    pd.testing.assert_series_equal(one["no_market"], two["no_market"], check_exact=True)
    first_week = one["market_aware"].index[:10]
    assert (two["market_aware"][first_week] < one["market_aware"][first_week] - 10).all()


def test_a_game_without_an_opening_line_is_left_to_the_other_family(build, league):
    other = run(*tables(build, league, spread_open=float("nan")), SeasonLists(), range(2022, 2024))
    assert set(other.predictions["family"]) == {"no_market"}


@pytest.mark.parametrize(
    ("quotes", "line"),
    [((-7.0,), 7.0), ((-6.0, -8.0), 7.0), ((-6.0, 14.0), 6.0), ((-6.0, -7.0, 14.0), 6.0), ((None, -3.0), 3.0)],
)
def test_of_two_first_lines_far_apart_the_one_nearer_to_our_view_counts(quotes, line):
    lines = pd.DataFrame({"game_id": 1, "spread_open": pd.array(quotes, dtype="Float64")})
    ours = pd.DataFrame({"game_id": [1], "margin_mean": [2.0]})
    assert opening(lines, ours, "margin").to_dict() == {1: line}


def test_a_game_without_a_first_line_has_no_opening():
    lines = pd.DataFrame({"game_id": [1, 1], "spread_open": [None, None]}, dtype="float64")
    assert opening(lines, pd.DataFrame({"game_id": [1], "margin_mean": [2.0]}), "margin").empty


def test_the_share_starts_fixed_and_follows_what_paid_off():
    share = Share()
    assert share.value == pytest.approx(FIRST_SHARE)
    share.add(np.full(5000, 6.0), np.full(5000, 6.0))
    assert 0.9 < share.value < 1.0
    share.add(np.full(50_000, 6.0), np.full(50_000, -6.0))
    assert share.value == 0.0


def test_the_report_shows_both_families_the_lines_and_the_gate(build, league, found):
    text = report(found, tables(build, league)[2], range(2022, 2024), "recorded")
    for told in ("no_market", "market_aware", "elo", "opening line", "closing line", "Gate:", "variants", "2023"):
        assert told in text


def test_the_report_shows_every_picture_that_is_drawn_and_no_other(build, league, found):
    text = report(found, tables(build, league)[2], range(2022, 2024), "recorded")
    drawn = pictures(found)
    assert {name for _, name in re.findall(r"!\[([^]]+)\]\(([^)]+)\)", text)} == set(drawn)
    assert len(drawn) == 2
    nothing = plots.calibration({}), plots.misses_by_week({})
    for picture, empty in zip(drawn.values(), nothing, strict=True):
        assert picture.startswith(b"\x89PNG")
        assert picture != empty
