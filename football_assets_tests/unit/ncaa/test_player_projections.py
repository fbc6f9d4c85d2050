"""Projections of the coming games: who has one, and that an open game is projected like a played one."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from football_assets.ncaa.player_projections import COLUMNS, player_projections
from football_assets.ncaa.schemas import PlayerStats
from football_assets.tables import from_rows

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


def test_every_regular_of_an_open_game_has_one_row_a_stat(league):
    games, stats = league
    found = player_projections(games, stats, open_games(games))
    assert list(found.columns) == list(COLUMNS)
    assert not found.duplicated(["game_id", "player_id", "stat_type"]).any()
    assert set(found["game_id"]) == set(open_games(games)["game_id"])
    carries = found[found["stat_type"] == "rush_attempts"]
    assert len(carries) == 40
    assert (carries["learned_through"] == 2012).all()
    assert (carries["n_games"] == 47).all()
    assert (carries["p10"] < carries["p90"]).all()
    recent = stats[stats["season"] == 2013].groupby("player_id")["rushing_carries"].mean()
    assert np.corrcoef(carries["mean"], carries["player_id"].map(recent))[0, 1] > 0.9


def test_a_newcomer_has_no_row_and_his_team_mates_do(league):
    games, stats = league
    last_weeks = stats["game_id"] >= 2013 * 1000 + 8 * 10
    renamed = stats.assign(player_id=stats["player_id"].mask(last_weeks & (stats["player_id"] == "3-1"), "rookie"))
    found = player_projections(games, renamed, open_games(games))
    assert "rookie" not in set(found["player_id"])
    assert {"3-0", "3-2", "3-3"} <= set(found["player_id"])


def test_without_an_open_game_or_an_earlier_season_there_is_no_row(league):
    games, stats = league
    assert player_projections(games, stats, open_games(games).head(0)).empty
    young = games["season"] == 2013
    none = player_projections(games[young], stats[stats["season"] == 2013], open_games(games))
    assert none.empty
    assert list(none.columns) == list(COLUMNS)
    assert isinstance(none, pd.DataFrame)
