"""Invented seasons of two leagues of one country for the tests of the goals model."""

import numpy as np
import pandas as pd

from football_assets.soccer.football_data import COLUMNS

LEAGUES = {"D1": 1, "D2": 2}
TEAMS = 12


def played_seasons(seasons=4, seed=5, first=2015):
    """Rounds of 12 teams a league, each pair twice; one team changes league each summer."""
    rng = np.random.default_rng(seed)
    members = {league: [f"{league} {n}" for n in range(TEAMS)] for league in LEAGUES}
    strength = {team: rng.normal(0, 0.25) for league in LEAGUES for team in members[league]}
    rows = []
    for season in range(first, first + seasons):
        for league, tier in LEAGUES.items():
            rows += _season(rng, members[league], strength, league, tier, season)
        members["D1"][0], members["D2"][0] = members["D2"][0], members["D1"][0]
    table = pd.DataFrame(rows).reindex(columns=list(COLUMNS))
    table["played_on"] = table["played_on"].astype("datetime64[s]")
    return table.sort_values(["played_on", "division", "home_team"], kind="stable", ignore_index=True)


def _season(rng, teams, strength, league, tier, season):
    circle = list(teams)
    start = pd.Timestamp(season, 8, 1)
    for leg in range(2):
        for number in range(TEAMS - 1):
            day = start + pd.Timedelta(days=7 * (number + leg * (TEAMS - 1)))
            for home, away in zip(circle[: TEAMS // 2], reversed(circle[TEAMS // 2 :]), strict=True):
                yield _match(rng, strength, (away, home) if leg else (home, away), league, tier, season, day)
            circle = [circle[0], circle[-1], *circle[1:-1]]


def _match(rng, strength, pair, league, tier, season, day):
    row = {"season": season, "division": league, "country": "Germany", "tier": tier, "played_on": day}
    row |= {"home_team": pair[0], "away_team": pair[1], "home_reds": 0.0, "away_reds": 0.0}
    for side, other, edge, at in (("home", 1, 0.15, 0), ("away", 0, -0.15, 1)):
        rate = 1.35 * np.exp(edge + strength[pair[at]] - strength[pair[other]])
        goals = rng.poisson(rate)
        on_target = goals + rng.poisson(2.2 * rate)
        row |= {
            f"{side}_goals": float(goals),
            f"{side}_shots_on_target": float(on_target),
            f"{side}_shots": float(on_target + rng.poisson(6 * rate)),
            f"{side}_corners": float(rng.poisson(3.7 * rate)),
        }
    return row
