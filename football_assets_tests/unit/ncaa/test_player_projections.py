"""Projections of the coming games: who has one, and that an open game is projected like a played one."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa import player_model_files
from football_assets.ncaa.player_model import NEW_PLAYER, NO_MODEL, SMALL_ROLE
from football_assets.ncaa.player_projections import coming_games, player_projections, squads_known
from football_assets.ncaa.projection_schemas import PlayerModels, PlayerProjections
from football_assets.ncaa.schemas import PlayerStats
from football_assets.tables import from_rows, judge

SEASONS = (2010, 2011, 2012, 2013)


@pytest.fixture(scope="module")
def league(build):
    """Four seasons of ten teams with four rushers each; the last week of the last season is still open."""
    chance = np.random.default_rng(8)
    games, stats = [], []
    for season in SEASONS:
        carries = chance.gamma(3.0, 4.0, (10, 4)) + 4.0
        for week in range(12):
            order = chance.permutation(10)
            is_open = season == SEASONS[-1] and week == 11
            for number, (home, away) in enumerate(zip(order[::2], order[1::2], strict=True)):
                kickoff = build.START.replace(year=season) + timedelta(days=7 * week)
                about = {"season": season, "week": week + 1, "kickoff": kickoff}
                about["fetched_at"] = build.START.replace(year=SEASONS[-1]) + timedelta(days=74)
                game_id = season * 1000 + week * 10 + number
                score = None if is_open else (24, 10)
                games.append(build.game(game_id, int(home) + 1, int(away) + 1, score, **about))
                for team, side in () if is_open else ((home, "home"), (away, "away")):
                    for back in range(4):
                        made = float(chance.poisson(carries[team, back]))
                        row = {"game_id": game_id, "season": season, "home_away": side, "fetched_at": build.READ_AT}
                        row |= {"player_id": f"{team}-{back}", "player": f"Back {back}", "team": f"Team {team + 1}"}
                        stats.append({**row, "rushing_carries": made, "rushing_yards": round(4.5 * made)})
    return build.games(*games), from_rows(PlayerStats, stats)


def open_games(games):
    return games[~games["is_completed"]]


@pytest.fixture(scope="module")
def fits():
    return {}


@pytest.fixture(scope="module")
def found(league, fits):
    games, stats = league
    return player_projections(games, stats, open_games(games), fits)


def test_every_regular_of_an_open_game_has_one_row_a_stat(league, found):
    games, stats = league
    assert judge(PlayerProjections, found).passed
    assert set(found["game_id"]) == set(open_games(games)["game_id"])
    carries = found[found["stat_type"] == "rush_attempts"]
    assert len(carries) == 40
    assert set(carries["state"]) == {"projected"}
    assert carries["reason"].isna().all()
    assert (carries["learned_through"] == 2012).all()
    assert (carries["n_games"] == 47).all()
    assert (carries["p10"] < carries["p90"]).all()
    assert np.allclose(carries["p_over"] + carries["p_under"], 1.0)
    recent = stats[stats["season"] == 2013].groupby("player_id")["rushing_carries"].mean()
    assert np.corrcoef(carries["mean"], carries["player_id"].map(recent))[0, 1] > 0.9
    medians = stats.groupby("player_id")["rushing_carries"].median()
    lines = carries["player_id"].map(medians)
    assert ((carries["line"] - lines).between(0.0, 0.5)).all()


def test_a_newcomer_has_no_numbers_but_a_reason_and_his_team_mates_have_numbers(league, fits):
    games, stats = league
    last_weeks = stats["game_id"] >= 2013 * 1000 + 8 * 10
    renamed = stats.assign(player_id=stats["player_id"].mask(last_weeks & (stats["player_id"] == "3-1"), "rookie"))
    found = player_projections(games, renamed, open_games(games), fits)
    rookie = found[found["player_id"] == "rookie"]
    assert len(rookie)
    assert set(zip(rookie["state"], rookie["reason"], strict=True)) == {("insufficient_data", NEW_PLAYER)}
    assert rookie[["mean", "sd", "p10", "p50", "p90", "line", "p_over", "p_under"]].isna().all(axis=None)
    assert (rookie["n_games"] == 3).all()
    others = found[(found["stat_type"] == "rush_attempts") & found["player_id"].isin(["3-0", "3-2", "3-3"])]
    assert (others["state"] == "projected").all()


def test_a_small_role_is_a_reason(league, fits):
    games, stats = league
    few = stats["player_id"] == "3-1"
    carries = stats["rushing_carries"].mask(few, 1.0)
    found = player_projections(games, stats.assign(rushing_carries=carries), open_games(games), fits)
    row = found[(found["player_id"] == "3-1") & (found["stat_type"] == "rush_attempts")]
    assert row["reason"].tolist() == [SMALL_ROLE]


def test_without_an_open_game_there_is_no_row_and_without_earlier_seasons_a_reason(league):
    games, stats = league
    none = player_projections(games, stats, open_games(games).head(0))
    assert none.empty
    assert judge(PlayerProjections, none).passed
    young = player_projections(games[games["season"] == 2013], stats[stats["season"] == 2013], open_games(games))
    assert set(young["reason"]) == {NO_MODEL}
    assert young["mean"].isna().all()
    assert judge(PlayerProjections, young).passed


def test_kept_models_say_the_same_bit_for_bit(league, fits, found, tmp_path):
    games, stats = league
    table = player_model_files.store(fits, 2013, "m", "c" * 64, tmp_path)
    assert judge(PlayerModels, table).passed
    assert (table["learned_through"] == 2012).all()
    again, problem = player_model_files.kept(table, 2013, "m", tmp_path)
    assert (set(again), problem) == (set(fits), None)
    pd.testing.assert_frame_equal(player_projections(games, stats, open_games(games), again), found)


def test_models_of_other_data_another_season_or_a_changed_file_are_not_used(fits, tmp_path):
    table = player_model_files.store(fits, 2013, "m", "c" * 64, tmp_path)
    assert player_model_files.kept(table, 2013, "other", tmp_path) == ({}, None)
    assert player_model_files.kept(table, 2014, "m", tmp_path) == ({}, None)
    file = tmp_path / table["file"].iloc[0]
    file.write_bytes(file.read_bytes() + b"x")
    again, problem = player_model_files.kept(table, 2013, "m", tmp_path)
    assert again == {}
    assert "sha256" in problem
    verdict = player_model_files.verified(table, problem)
    assert (verdict.passed, verdict.level) == (False, "warn")


def test_the_coming_games_are_those_of_the_earliest_open_week(build):
    day = timedelta(days=1)
    rows = [
        build.game(1, 1, 2, (3, 0), fetched_at=build.START + day),
        build.game(2, 3, 4, None, kickoff=build.START + 2 * day, fetched_at=build.START + day),
        build.game(3, 5, 6, None, kickoff=build.START + 7 * day, week=2, fetched_at=build.START + day),
    ]
    assert coming_games(build.games(*rows))["game_id"].tolist() == [2]
    later = [{**row, "fetched_at": build.START + 5 * day} for row in rows]
    assert coming_games(build.games(*later))["game_id"].tolist() == [3], "a game never played holds no week open"
    assert coming_games(build.games(rows[0])).empty


def test_a_coming_game_without_a_known_player_is_told(league, found):
    coming = open_games(league[0])
    assert squads_known(found, coming).passed
    verdict = squads_known(found[found["game_id"] != coming["game_id"].iloc[0]], coming)
    assert (verdict.passed, verdict.rows[0]["game_id"]) == (False, coming["game_id"].iloc[0])
