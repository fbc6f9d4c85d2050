"""Pictures: drawn without a display, closed, with the points that the figures say."""

import base64
import re
import sys

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa import plots
from football_assets.ncaa.game_model import fit

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def told():
    """A thousand games in which the home side wins as often as told, each missed by ten points and the line by five."""
    chance = np.random.default_rng(2).uniform(0.05, 0.95, 1000)
    won = np.random.default_rng(3).uniform(size=1000) < chance
    margin = np.where(won, 7, -7)
    frame = pd.DataFrame(
        {
            "game_id": range(1000),
            "week": np.arange(1000) % 10 + 1,
            "season_type": "regular",
            "p_home": chance,
            "margin": pd.array(margin, dtype="Int64"),
            "margin_mean": margin + 10.0,
            "market_spread": -margin - 5.0,
        }
    )
    return {"no_market": frame, "market_aware": frame.head(600)}


def test_every_picture_is_a_png_and_no_figure_stays_open(told):
    pictures = [
        plots.calibration(told),
        plots.misses_by_week(told),
        plots.importance({f"input {n}": n - 30.0 for n in range(60)}, "points"),
        plots.quality([row("games", 0.9), row("weather", None)], 0.8),
    ]
    for picture in pictures:
        assert picture.startswith(PNG)
        assert len(picture) > 2_000
    assert "matplotlib.pyplot" not in sys.modules, "the state of pyplot would keep figures"


def row(table, score):
    return {"table": table, "score": score, "completeness": score, **dict.fromkeys(list(plots.PARTS)[1:])}


def test_markdown_carries_the_picture():
    found = re.fullmatch(r"!\[title\]\(data:image/png;base64,(.+)\)", plots.markdown(PNG, "title"))
    assert base64.b64decode(found[1]) == PNG


def test_tenths_hold_chance_and_wins_and_leave_out_few_games_and_open_ones(told):
    frame = told["no_market"]
    tenths = plots.tenths(frame)
    assert tenths["games"].sum() == 1000
    assert (tenths["won"] - tenths["told"]).abs().max() < 0.12
    few = frame[(frame["p_home"] > 0.5)].head(400)
    assert plots.tenths(few)["told"].min() > 0.5
    half = frame.assign(margin=frame["margin"].mask(frame.index % 2 == 0))
    pd.testing.assert_frame_equal(plots.tenths(half), plots.tenths(frame[frame.index % 2 == 1]))


def test_weekly_misses_are_means_over_the_week(told):
    frame = told["no_market"]
    assert plots.weekly_misses(frame, frame["margin_mean"]).tolist() == [10.0] * 10
    assert plots.weekly_misses(frame, -frame["market_spread"]).tolist() == [5.0] * 10
    assert plots.weekly_misses(frame.head(100), frame["margin_mean"].head(100)).empty


def test_weights_are_named_and_say_what_one_deviation_adds():
    rng = np.random.default_rng(1)
    inputs = rng.normal(size=(300, 2))
    values = 10 * inputs[:, 0]
    inputs[::3, 1] = np.nan
    weights = plots.weights_of(fit(inputs, values, np.ones(300), penalty=0.1), ("elo", "rest"))
    assert list(weights) == ["elo", "rest"]
    assert weights["elo"] == pytest.approx(10.0, abs=0.7)
    assert abs(weights["rest"]) < 0.5


def test_nothing_to_draw_draws_an_empty_picture():
    assert plots.calibration({}).startswith(PNG)
    assert plots.misses_by_week({}).startswith(PNG)
