"""What the beliefs about teams know, when they know it, and what moves them."""

import numpy as np
import pandas as pd
import pytest

from football_assets.soccer.match_features import KNOWN_AFTER_MATCHES, Strengths, Tuning, regressors
from football_assets_tests.unit.soccer.seasons import played_seasons


@pytest.fixture(scope="module")
def matches():
    return played_seasons(2)


def fixture(home, away, day="2017-06-01", season=2016, division="D1", tier=1):
    return pd.DataFrame(
        {
            "season": [season],
            "division": [division],
            "country": ["Germany"],
            "tier": [tier],
            "played_on": pd.to_datetime([day]).astype("datetime64[s]"),
            "home_team": [home],
            "away_team": [away],
        }
    )


def walked(matches):
    strengths = Strengths()
    return strengths, strengths.walk(matches)


def test_matches_of_one_day_do_not_know_of_each_other(matches):
    _, before = walked(matches)
    day = matches["played_on"] == matches["played_on"].iloc[150]
    changed = matches.copy()
    changed.loc[day, ["home_goals", "home_shots_on_target"]] += 5
    _, after = walked(changed)
    known = (changed["played_on"] <= matches["played_on"].iloc[150]).to_numpy()
    assert np.array_equal(before.log_rates[:, :, known], after.log_rates[:, :, known])
    assert not np.array_equal(before.log_rates[:, :, ~known], after.log_rates[:, :, ~known])


def test_a_team_that_scores_more_is_expected_to_score_more(matches):
    changed = matches.copy()
    changed.loc[changed["home_team"] == "D1 3", "home_goals"] += 2
    usual, better = (walked(each)[0].expect(fixture("D1 3", "D1 4")).log_rates[0, :, 0] for each in (matches, changed))
    assert better[0] > usual[0]


def test_a_side_seen_too_seldom_or_too_long_ago_is_not_known(matches):
    strengths, inputs = walked(matches)
    first = (matches["home_team"] == "D1 3") | (matches["away_team"] == "D1 3")
    assert not inputs.is_known[first.to_numpy()][:KNOWN_AFTER_MATCHES].any()
    assert inputs.is_known[-1]
    last = matches["played_on"].max()
    assert strengths.knows("Germany", "D1 3", last)
    assert not strengths.knows("Germany", "D1 3", last + pd.Timedelta(days=1000))
    assert not strengths.knows("Germany", "Stranger", last)
    assert not strengths.knows("Spain", "D1 3", last)
    assert not strengths.expect(fixture("D1 3", "Stranger")).is_known[0]


def test_looking_ahead_teaches_nothing(matches):
    strengths, _ = walked(matches)
    wanted = fixture("D1 3", "D1 4", day="2017-08-05", season=2017)
    first = strengths.expect(wanted)
    strengths.expect(fixture("Stranger", "D1 4", day="2017-08-12", season=2017, division="D2", tier=2))
    again = strengths.expect(wanted)
    assert np.array_equal(first.log_rates, again.log_rates)
    assert np.array_equal(first.certainty, again.certainty)


def test_a_summer_makes_every_belief_less_certain_and_a_lower_tier_makes_a_team_stronger(matches):
    strengths, _ = walked(matches)
    now = strengths.expect(fixture("D1 3", "D1 4"))
    later = strengths.expect(fixture("D1 3", "D1 4", day="2017-08-05", season=2017))
    assert (later.certainty < now.certainty).all()
    stays, down = (
        strengths.expect(fixture("D1 3", "Stranger", day="2017-08-05", season=2017, tier=tier)) for tier in (1, 2)
    )
    moved = down.log_rates[0, :, 0] - stays.log_rates[0, :, 0]
    assert moved == pytest.approx([Tuning().attack_a_tier, -Tuning().defence_a_tier])


def test_what_is_not_reported_moves_nothing_and_does_not_count(matches):
    season = matches[matches["season"] == 2015]
    _, inputs = walked(season.assign(home_shots=np.nan, away_shots=np.nan))
    assert np.allclose(inputs.log_rates[2], inputs.log_rates[2, :, :1])
    assert np.ptp(inputs.log_rates[0]) > 0.1
    assert np.isfinite(regressors(inputs)).all()


def test_an_abandoned_match_teaches_nothing_about_goals_and_does_not_count_as_seen(matches):
    nothing = {name: np.nan for name in matches if name.startswith(("home_", "away_")) and "team" not in name}
    strengths, inputs = walked(matches.head(60).assign(**nothing))
    assert np.ptp(inputs.log_rates, axis=2).max() == 0
    assert not strengths.expect(fixture("D1 3", "D1 4", day="2015-12-01", season=2015)).is_known[0]


def test_matches_out_of_order_are_refused(matches):
    with pytest.raises(ValueError, match="order"):
        Strengths().walk(matches.iloc[::-1])
