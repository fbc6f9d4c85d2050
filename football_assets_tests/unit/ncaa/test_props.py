"""What a prop is worth: every number follows from its evidence, and no bet is advised that may lose."""

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from football_assets.ncaa.player_distributions import Counts, Spreads
from football_assets.ncaa.player_forecasts import Forecast, texts
from football_assets.ncaa.prices import american_price, decimal_price, market
from football_assets.ncaa.prop_calibration import bucket_of, counted, graded_season
from football_assets.ncaa.props import (
    KELLY_CAP,
    Bucket,
    Outing,
    Question,
    analyze,
    expected_value,
    hit_rate,
    kelly_share,
)

POINTS = Spreads(np.array([np.linspace(10.0, 110.0, 101)]))
SURE = Bucket(0.6, 0.7, 100_000, 0.65, 0.65)


def outing(number, value, *, season=2026, opponent=9):
    return Outing(number, season, f"2026-09-{number:02d}T00:00:00+00:00", opponent, "Foxhollow", value)


def question(line=50.5, *, values=(70, 60, 50, 40, 55, 65), over=1.91, under=1.91, bucket=SURE, forecast=True, **also):
    outings = [outing(20 - n, value) for n, value in enumerate(values)]
    told = Forecast(texts(POINTS)[0]) if forecast else None
    return Question("p", "rushing_yards", line, outings, 2026, 9, told, None, over, under, bucket, bucket, **also)


def test_the_chances_are_those_of_the_distribution_and_sum_to_one():
    body = analyze(question(60.0)).body
    assert body["p_over"] + body["p_under"] + body["p_push"] == pytest.approx(1)
    assert body["p_push"] > 0  # whole yards: a whole line can be hit
    half = analyze(question(60.5)).body
    assert half["p_push"] == 0
    assert half["p_over"] == pytest.approx(np.mean(np.linspace(10, 110, 101) > 60.5), abs=0.02)


def test_hit_rates_count_hits_pushes_and_games_window_by_window():
    asked = question(50.0, values=(70, 50, 40, None, 60, 30, 80))
    rates = analyze(asked).body["hit_rates"]
    assert rates["last_5"] == {"hits": 2, "pushes": 1, "n": 5, "rate": 0.5}
    assert rates["season"] == {"hits": 3, "pushes": 1, "n": 6, "rate": 0.6}
    assert rates["against_opponent"]["n"] == 6
    assert hit_rate([], 1.5) == {"hits": 0, "pushes": 0, "n": 0, "rate": None}


def test_a_bet_is_advised_only_when_even_its_lower_end_gains():
    assert analyze(question(50.5, over=2.2, under=1.7)).recommendation == "over"
    assert analyze(question(50.5, over=1.5, under=2.3)).recommendation == "no_bet"
    unsure = Bucket(0.5, 0.6, 60, 0.55, 0.45)
    assert analyze(question(50.5, over=2.2, under=1.7, bucket=unsure)).recommendation == "no_bet"
    assert analyze(question(85.5, over=2.2, under=1.7)).recommendation == "under"


def test_without_a_known_calibration_no_bet_is_advised():
    made = analyze(question(50.5, over=5.0, under=1.2, bucket=None))
    assert made.recommendation == "no_bet"
    assert "not known yet" in made.body["reason"]
    assert made.body["confidence"] is None


def test_under_four_games_nothing_is_said_of_the_chance():
    made = analyze(question(values=(70, 60, 50)))
    assert made.recommendation == "insufficient_data"
    assert made.body["p_over"] is None
    assert made.body["projection"] is None
    assert made.body["hit_rates"]["last_5"]["n"] == 3
    assert "3 earlier games" in made.body["reason"]
    assert analyze(question(values=(70, None, 60, 50))).recommendation == "insufficient_data"
    assert analyze(question(values=(70, 60, 50, 40))).recommendation != "insufficient_data"


def test_without_a_projection_the_reason_is_told():
    asked = question(forecast=False)
    asked = Question(**{**asked.__dict__, "no_forecast": "he did not play of late"})
    made = analyze(asked)
    assert (made.recommendation, made.body["reason"]) == ("insufficient_data", "he did not play of late")


def test_without_prices_chances_are_told_and_no_bet_is():
    made = analyze(question(over=None, under=None))
    assert made.recommendation == "no_bet"
    assert made.body["market"] is None
    assert made.body["over"]["expected_value"] is None
    assert made.body["over"]["lowest_acceptable_decimal"] > 1


@settings(max_examples=60, deadline=None)
@given(
    line=st.integers(10, 220).map(lambda n: n / 2),
    over=st.floats(1.2, 4.0),
    hold=st.floats(0.0, 0.1),
    values=st.lists(st.one_of(st.none(), st.integers(0, 120)), min_size=4, max_size=14),
    graded=st.integers(50, 5_000),
    observed=st.floats(0.05, 0.95),
)
def test_every_number_can_be_made_again_from_its_evidence(line, over, hold, values, graded, observed):
    under = 1 / (1 + hold - 1 / over) if 1 + hold - 1 / over > 0.05 else 5.0
    if not 0.95 <= 1 / over + 1 / under <= 1.4:
        return
    bucket = Bucket(0.4, 0.5, graded, 0.45, observed)
    made = analyze(question(line, values=tuple(values), over=over, under=under, bucket=bucket))
    body, evidence = made.body, made.evidence
    for sentence in made.sentences:
        assert sentence.evidence in evidence
    for window, rate in body["hit_rates"].items():
        rows = evidence[window].rows
        assert rate["hits"] == sum(each["value"] > line for each in rows)
        assert rate["pushes"] == sum(each["value"] == line for each in rows)
        assert rate["n"] == len(rows)
    prices = evidence["market"].rows[0]
    assert prices["fair_p_over"] + prices["fair_p_under"] == pytest.approx(1)
    if made.recommendation == "insufficient_data":
        return
    told = evidence["projection"].rows[0]
    for side, other in (("over", "under"), ("under", "over")):
        each = body[side]
        assert each["p"] == told[f"p_{side}"]
        gain = told[f"p_{side}"] * (prices[f"{side}_decimal"] - 1) - told[f"p_{other}"]
        assert each["expected_value"] == pytest.approx(gain)
        assert each["expected_value_low"] <= each["expected_value"] + 1e-9
        assert each["expected_value"] <= each["expected_value_high"] + 1e-9
        assert 0 <= each["kelly_share"] <= KELLY_CAP
        if each["lowest_acceptable_decimal"] is not None:
            at = expected_value(
                each["p_low"], each["p"] + body[other]["p"] - each["p_low"], each["lowest_acceptable_decimal"]
            )
            assert at == pytest.approx(0, abs=1e-9)
    gains = made.recommendation in ("over", "under")
    assert gains == (max(body["over"]["expected_value_low"], body["under"]["expected_value_low"]) > 0)
    assert (body["confidence"]["n"], body["confidence"]["observed"]) == (graded, observed)


@pytest.mark.parametrize(
    ("price", "decimal"), [(-110, 1.909090909), (150, 2.5), (-100, 2.0), (100, 2.0), (1.91, 1.91), (2.5, 2.5)]
)
def test_a_price_is_read_in_either_form(price, decimal):
    assert decimal_price(price) == pytest.approx(decimal)
    if abs(price) > 100:
        assert american_price(decimal_price(price)) == pytest.approx(price)


@pytest.mark.parametrize("price", [0, 1, -1.5, -99, 0.5])
def test_what_is_no_price_is_refused(price):
    with pytest.raises(ValueError, match="no price"):
        decimal_price(price)


def test_two_prices_that_cannot_belong_together_are_refused():
    with pytest.raises(ValueError, match="mistyped"):
        market(1.91, 19.1 * 10)
    told = market(1.91, 1.91)
    assert (told.fair_over, round(told.hold, 4)) == (0.5, 0.045)


def test_a_stake_is_never_above_its_cap_and_nothing_on_a_losing_bet():
    assert kelly_share(0.9, 0.1, 3.0) == KELLY_CAP
    assert kelly_share(0.4, 0.6, 2.0) == 0
    assert kelly_share(0.0, 0.0, 2.0) == 0
    assert kelly_share(0.52, 0.48, 2.0) == pytest.approx(0.01)


@pytest.mark.parametrize(
    "found",
    [Counts(np.array([[0.5, 0.3, 0.15, 0.05], [0.1, 0.2, 0.3, 0.4]])), Spreads(np.array([[1.0, 5.0, 9.0, 30.0]]))],
)
def test_a_distribution_survives_its_text(found):
    for number, text in enumerate(texts(found)):
        forecast = Forecast(text)
        assert forecast.mean() == pytest.approx(found.mean()[number], abs=1e-4)
        assert forecast.sd() == pytest.approx(found.sd()[number], abs=1e-3)
        chances = forecast.against(1.5)
        assert chances.over == pytest.approx(1 - found.at_most(np.full(len(found.mean()), 1.0))[number], abs=1e-5)


def test_a_text_of_an_unknown_kind_is_refused():
    with pytest.raises(ValueError, match="wave"):
        Forecast(json.dumps({"kind": "wave", "step": 1, "values": [1]}))


def graded(n, said, hits):
    return pd.DataFrame(
        {"stat_type": "receptions", "p_over": said, "line": 2.5, "actual": [3.0] * hits + [2.0] * (n - hits)}
    )


def test_what_came_true_is_counted_by_tenths_and_mirrored_for_the_under():
    rows = pd.concat([graded(100, 0.65, 60), graded(10, 0.95, 10), graded(5, 1.0, 5)])
    table = counted(rows, 2025, "digest")
    over = bucket_of(table, "receptions", "over", 0.61)
    assert (over.graded, over.said, over.observed, over.low) == (100, pytest.approx(0.65), 0.6, 0.6)
    under = bucket_of(table, "receptions", "under", 0.39)
    assert (under.said, under.observed) == (pytest.approx(0.35), pytest.approx(0.4))
    assert bucket_of(table, "receptions", "over", 0.97) is None  # 15 cases say nothing
    assert bucket_of(table, "tackles", "over", 0.65) is None
    pushed = rows.assign(actual=2.5)
    assert counted(pushed, 2025, "digest").empty


def test_the_graded_season_is_over_and_has_one_before_it():
    def games(*seasons):
        return pd.DataFrame(seasons, columns=["season", "is_completed"])

    assert graded_season(games((2024, True), (2025, True), (2026, False))) == 2025
    assert graded_season(games((2024, True), (2025, True))) == 2025
    assert graded_season(games((2024, True), (2025, False), (2026, True))) == 2026
    assert graded_season(games((2026, True))) is None
    assert graded_season(games((2025, True), (2026, False))) is None
