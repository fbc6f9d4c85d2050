"""`football ncaa backtest-players`: what it asks for, what it writes, and what it says when it cannot."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from typer.testing import CliRunner

from football_assets.cli import ncaa
from football_assets.config import load_settings
from football_assets.ncaa.schemas import Games, PlayerStats
from football_assets.states import Source
from football_assets.tables import from_rows
from football_assets.warehouse.lake import Lake

SEASONS = (2010, 2011, 2012, 2013)


def season_rows(build, season):
    """Ten teams of four rushers each, twelve weeks."""
    chance = np.random.default_rng(season)
    carries = chance.gamma(3.0, 4.0, (10, 4)) + 2.0
    games, stats = [], []
    for week in range(12):
        order = chance.permutation(10)
        for number, (home, away) in enumerate(zip(order[::2], order[1::2], strict=True)):
            game_id = season * 1000 + week * 10 + number
            kickoff = build.START.replace(year=season) + timedelta(days=7 * week)
            about = {"season": season, "week": week + 1, "kickoff": kickoff}
            games.append(build.game(game_id, int(home) + 1, int(away) + 1, (24, 10), **about))
            for team, side in ((home, "home"), (away, "away")):
                for back in range(4):
                    made = float(chance.poisson(carries[team, back]))
                    player = {"player_id": f"{team}-{back}", "player": f"Back {back}", "team": f"Team {team + 1}"}
                    row = {"game_id": game_id, "season": season, "home_away": side, "fetched_at": build.READ_AT}
                    stats.append({**row, **player, "rushing_carries": made, "rushing_yards": round(4.5 * made)})
    return from_rows(Games, games), from_rows(PlayerStats, stats)


def test_it_writes_the_projections_and_the_report_from_what_the_lake_holds(build, tmp_path):
    lake = Lake(load_settings().folder, Source.SIMULATED)
    for season in SEASONS:
        games, stats = season_rows(build, season)
        lake.write(Games, games, str(season))
        lake.write(PlayerStats, stats, str(season))
    out = tmp_path / "found"
    asked = ["backtest-players", "--seasons", "2013-2013", "--from", "2010", "--out", str(out)]
    answer = CliRunner().invoke(ncaa.app, asked, catch_exceptions=False)
    assert answer.exit_code == 0, answer.output
    rows = pd.read_parquet(out / "players.parquet")
    assert {"rush_attempts", "rushing_yards"} <= set(rows["stat_type"])
    assert set(rows["season"]) == {2013}
    needed = ["game_id", "player_id", "stat_type", "line", "p_over", "p_under", "mean", "sd", "actual"]
    assert rows[needed].notna().all(axis=None)
    text = (out / "players-report.md").read_text(encoding="utf-8")
    assert "2013-2013, learned from 2010 on (simulated)" in text
    assert "| rush_attempts |" in text


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        (["--seasons", "2013-2012"], "no range of seasons"),
        (["--seasons", "lately"], "no range of seasons"),
        (["--seasons", "2013", "--from", "2013"], "nothing to learn from"),
    ],
)
def test_seasons_that_make_no_sense_are_refused(asked, says, tmp_path):
    answer = CliRunner().invoke(ncaa.app, ["backtest-players", *asked, "--out", str(tmp_path)])
    assert answer.exit_code == 2
    assert says in " ".join(answer.output.replace("│", " ").split())
