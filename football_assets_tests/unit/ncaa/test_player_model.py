"""Player projections: nothing of the future, calibrated on seasons not learned from, and no guess without evidence."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.player_backtest import backtest, calibration, report, scores
from football_assets.ncaa.player_counts import BESIDE, curves
from football_assets.ncaa.player_distributions import against
from football_assets.ncaa.player_games import COUNTED, SHARES
from football_assets.ncaa.player_history import Walk
from football_assets.ncaa.player_model import NEW_PLAYER, NO_MODEL, project

SEASONS = (2009, 2010, 2011, 2012)
TEAMS, BACKS, WEEKS = 16, 4, 12


@cache
def league_logs():
    """Rushers with a new role each season: carries are Poisson, yards a carry normal, touchdowns rare."""
    chance = np.random.default_rng(5)
    rows = []
    for season in SEASONS:
        carries = chance.gamma(3.0, 4.0, (TEAMS, BACKS)) + 2.0
        for week in range(WEEKS):
            order = chance.permutation(TEAMS)
            kickoff = pd.Timestamp(f"{season}-09-01 17:00", tz="UTC") + week * pd.Timedelta(days=7)
            for game, (home, away) in enumerate(zip(order[::2], order[1::2], strict=True)):
                for team, other, place in ((home, away, 1.0), (away, home, -1.0)):
                    for back in range(BACKS):
                        made = chance.poisson(carries[team, back])
                        rows.append(
                            {
                                "game_id": season * 10_000 + week * 100 + game,
                                "season": season,
                                "week": week + 1,
                                "kickoff_at": kickoff,
                                "player_id": f"{team}-{back}",
                                "player": f"Back {back}",
                                "team_id": int(team),
                                "team": f"Team {team}",
                                "opponent_id": int(other),
                                "place": place,
                                "rushing_carries": made,
                                "rushing_yards": np.round(chance.normal(4.5 * made, 5.0 * np.sqrt(made + 0.1))),
                                "rushing_tds": chance.poisson(made / 30),
                            }
                        )
    frame = pd.DataFrame(rows)
    blank = pd.DataFrame(np.nan, index=frame.index, columns=[n for n in (*COUNTED, *SHARES) if n not in frame])
    frame = pd.concat([frame, blank], axis=1).astype(dict.fromkeys(COUNTED, "float64"))
    over = frame["kickoff_at"] + pd.Timedelta(hours=4)
    return frame.assign(over_at=over, is_fbs_opponent=1.0, elo_gap=np.nan, is_open=False)


@cache
def judged():
    return backtest(league_logs(), (2012,), ("rushing_yards", "rushing_tds"))


def projected(logs, season=2012, stat_type="rushing_yards"):
    [found] = project(logs, (season,), (stat_type,))
    return found


def told(found):
    """What is projected, by game and player, as numbers that can be compared bit by bit."""
    line = np.full(len(found.logs), 40.5)
    over, under, push = against(found.found, line)
    columns = {"over": over, "under": under, "push": push, "mean": found.found.mean(), "sd": found.found.sd()}
    return found.logs[["game_id", "player_id", "kickoff_at"]].assign(**columns).reset_index(drop=True)


@pytest.mark.parametrize(("stat_type", "week"), [("rushing_yards", 1), ("rushing_yards", 6), ("rushing_tds", 6)])
def test_rewriting_every_game_from_a_kickoff_on_changes_no_projection_up_to_it(stat_type, week):
    logs = league_logs()
    moment = pd.Timestamp("2012-09-01 17:00", tz="UTC") + week * pd.Timedelta(days=7)
    late = logs["kickoff_at"] >= moment
    tampered = logs.copy()
    tampered.loc[late, ["rushing_carries", "rushing_yards", "rushing_tds"]] = [90.0, 900.0, 9.0]
    before, after = (told(projected(each, stat_type=stat_type)) for each in (logs, tampered))
    early = before["kickoff_at"] <= moment
    assert early.sum() > 50
    pd.testing.assert_frame_equal(before[early], after[early], check_exact=True)
    if week < WEEKS - 1:
        assert not before.equals(after)


def test_the_season_that_is_projected_teaches_nothing():
    found = projected(league_logs(), 2012)
    assert found.model.seasons == (2009, 2010, 2011)
    assert 0 < found.model.n_rows < (league_logs()["season"] < 2012).sum()


def test_probabilities_are_calibrated_and_beat_the_players_own_mean_and_spread():
    for row in scores(judged()).to_dict("records"):
        assert row["worst_decile"] < 3.0 * row["by_chance"]
        assert row["gain"] > 0.0
        assert abs(row["bias"]) < 0.1 * judged()["mean"].mean()
    rows = judged()
    assert np.allclose(rows["p_over"] + rows["p_under"] + rows["p_push"], 1.0)
    yards = rows[rows["stat_type"] == "rushing_yards"]
    assert yards["actual"].between(yards["p10"], yards["p90"]).mean() == pytest.approx(0.8, abs=0.05)


def test_the_line_is_the_median_of_the_earlier_games_at_a_half_point():
    rows = judged()
    row = rows[rows["stat_type"] == "rushing_tds"].iloc[17]
    logs = league_logs()
    kickoff = logs.loc[logs["game_id"] == row["game_id"], "kickoff_at"].iloc[0]
    earlier = logs[(logs["player_id"] == row["player_id"]) & (logs["kickoff_at"] < kickoff)]["rushing_tds"]
    assert row["line"] == np.floor(earlier.median()) + 0.5
    assert row["own_mean"] == pytest.approx(earlier.mean())
    assert row["n_games"] == len(earlier)


def test_a_player_with_under_four_earlier_games_has_no_projection():
    logs = league_logs()
    new = (logs["season"] == 2012) & (logs["player_id"] == "3-1")
    logs = logs.assign(player_id=logs["player_id"].mask(new, "rookie"))
    found = projected(logs)
    weeks = found.logs.loc[found.logs["player_id"] == "rookie", "week"]
    assert weeks.min() == 5
    assert found.gaps.loc[found.gaps["player_id"] == "rookie", "reason"].tolist() == [NEW_PLAYER] * 3


def test_without_earlier_seasons_there_is_nothing_to_project():
    early = project(league_logs(), (2009, 2010), ("rushing_yards",))
    assert [(each.model, each.found, NO_MODEL in set(each.gaps["reason"])) for each in early] == [
        (None, None, True)
    ] * 2
    unknown = project(league_logs(), (2012,), ("passing_yards", "tackles"))
    assert [(each.model, each.found, len(each.gaps)) for each in unknown] == [(None, None, 0)] * 2
    assert backtest(league_logs(), (2009,), ("rushing_yards",)).empty


def test_the_page_names_stats_that_are_off():
    rows = judged().assign(p_over=0.9)
    text = report(pd.concat([rows] * 5), "2012", "recorded")
    assert "off by more than 0.05: rushing_yards, rushing_tds" in text
    assert calibration(rows)["rows"].sum() == len(rows)


def test_a_fading_mean_sees_only_rows_before_and_skips_what_is_not_known():
    walk = Walk(np.array([0, 1, 0, 0, 1]))
    values = np.array([[4.0], [7.0], [np.nan], [8.0], [9.0]])
    means = walk.means(values, np.inf)[:, 0]
    assert np.isnan(means[:2]).all()
    assert means[2:].tolist() == [4.0, 4.0, 7.0]
    assert walk.last(values)[4, 0] == 7.0
    halved = Walk(np.zeros(3, dtype=int)).means(np.array([[0.0], [3.0], [5.0]]), 1.0)
    assert halved[2, 0] == pytest.approx(2.0)


def about_nothing(count):
    """Rows that tell nothing beside the expectation."""
    return pd.DataFrame(0.0, index=range(count), columns=list(BESIDE))


def test_chances_of_small_numbers_follow_the_expectation_to_its_ends_and_leave_nothing_impossible():
    chance = np.random.default_rng(6)
    expected = chance.gamma(2.0, 0.35, 6000)
    found = curves(expected, about_nothing(6000), chance.poisson(expected).astype(float))
    asked = np.linspace(0.02, 4.0, 50)
    told = found.chances(asked, about_nothing(50))
    assert told.sum(axis=1) == pytest.approx(1.0)
    assert (told > 0).all()
    assert (np.diff(told[:, 0]) <= 0).all()
    for mean in (0.15, 0.7, 1.5):
        (row,) = found.chances(np.array([mean]), about_nothing(1))
        assert row[0] == pytest.approx(np.exp(-mean), abs=0.03)
        assert row[1] == pytest.approx(mean * np.exp(-mean), abs=0.03)


def test_an_expectation_that_is_too_high_for_small_roles_is_corrected_by_the_role():
    chance = np.random.default_rng(7)
    passes = chance.uniform(3.0, 40.0, 8000)
    true, drawn_in = passes / 30.0, np.full(8000, passes.mean() / 30.0)
    rows = about_nothing(8000).assign(fast_volume=passes)
    found = curves(drawn_in, rows, chance.poisson(true).astype(float))
    few = passes < 8.0
    none = found.chances(drawn_in[few], rows[few])[:, 0]
    assert none.mean() == pytest.approx(np.exp(-true[few]).mean(), abs=0.02)
    assert none.mean() > np.exp(-drawn_in[few]).mean() + 0.1


def test_an_input_that_is_missing_is_an_average_one():
    chance = np.random.default_rng(8)
    expected = chance.gamma(2.0, 0.35, 4000)
    gap = chance.normal(0.0, 300.0, 4000)
    value = chance.poisson(expected * np.exp(gap / 600.0)).astype(float)
    found = curves(expected, about_nothing(4000).assign(elo_gap=gap), value)
    half, rows = np.array([0.7, 0.7, 0.7]), about_nothing(3).assign(elo_gap=[np.nan, found.middle[7], 300.0])
    unknown, average, strong = found.chances(half, rows)[:, 0]
    assert unknown == pytest.approx(average)
    assert strong < average - 0.05


def test_what_never_happened_yet_has_a_chance_that_falls_as_numbers_grow():
    found = curves(np.linspace(0.1, 0.3, 2000), about_nothing(2000), np.zeros(2000))
    told = found.chances(np.array([0.1, 0.3]), about_nothing(2))
    assert (np.diff(told[:, 1:], axis=1) <= 0).all()
    assert (told[:, 1:4] > 0).all()
