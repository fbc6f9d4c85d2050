"""How strong each team is now: points better than an average FBS team on neutral ground, with its uncertainty."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from football_assets.ncaa.features import RATED, over_at, playable
from football_assets.ncaa.projection_schemas import PowerRatings
from football_assets.ncaa.ratings import FBS, PairRating
from football_assets.ncaa.team_games import SIDES
from football_assets.tables import conform

POINTS = RATED["points"][0]
# 90 of 100 normal values lie within so many standard deviations.
Z90 = 1.6448536269514722
RANKED = 25


@dataclass(frozen=True)
class Strengths:
    """The ratings after the latest result: one row a team, and what a game adds.

    `teams`: team_id, team, conference, is_fbs, rating, sd, offense, defense (all in points), games (of the season).
    `home_edge`: points of the home field. `game_sd`: spread of a margin around the difference of true ratings.
    """

    season: int
    teams: pd.DataFrame
    home_edge: float
    game_sd: float
    as_of: pd.Timestamp | None


def strengths(games: pd.DataFrame, season: int) -> Strengths:
    """Rate every team that is listed in `season` by all results of the table `games` up to it.

    Each team's offence and defence are normal beliefs (`ratings.PairRating`); seasons before count as they faded. A
    team's spread is that of both beliefs together.
    """
    listed = playable(games)
    listed = listed[listed["season"] <= season].assign(over_at=over_at)
    played = listed[listed["is_completed"].astype(bool) & listed["home_points"].notna() & listed["away_points"].notna()]
    played = played.sort_values(["over_at", "game_id"])
    rating, current = PairRating(POINTS), None
    for row in played.to_dict("records"):
        if row["season"] != current:
            current = _begin(rating, listed, current, row["season"])
        fbs = (row["home_classification"] == FBS, row["away_classification"] == FBS)
        points = (float(row["home_points"]), float(row["away_points"]))
        where = 0.0 if row["is_neutral_site"] else 1.0
        rating.observe(int(row["home_team_id"]), int(row["away_team_id"]), points, where, fbs)
    if current != season:
        _begin(rating, listed, current, season)
    now = listed[listed["season"] == season]
    latest = played["kickoff_at"].max() if len(played) else None
    return Strengths(season, _table(rating, now), rating.home, POINTS.noise * float(np.sqrt(2.0)), latest)


def newest(games: pd.DataFrame) -> Strengths:
    """The strengths in the newest season that is listed; of no team when none is."""
    return strengths(games, int(games["season"].max()) if len(games) else 0)


def power_ratings(known: Strengths) -> pd.DataFrame:
    """`power_ratings`: one row a FBS team, the strongest first, with the interval that holds it in 90 of 100 cases.

    Rank and top 25 go by the rating alone: teams rated alike share their rank, and where the 25th place falls among
    them nobody knows who has it.
    """
    fbs = known.teams[known.teams["is_fbs"]].sort_values(["rating", "team_id"], ascending=[False, True])
    first = fbs["rating"].rank(method="min", ascending=False)
    last = fbs["rating"].rank(method="max", ascending=False)
    is_top = (first <= RANKED).astype("boolean").mask((first <= RANKED) & (last > RANKED))
    rated = fbs.assign(
        season=known.season,
        rank=first.astype("Int64"),
        is_top_25=is_top,
        low=fbs["rating"] - Z90 * fbs["sd"],
        high=fbs["rating"] + Z90 * fbs["sd"],
        as_of=known.as_of,
    )
    return conform(PowerRatings, rated)


def _begin(rating: PairRating, listed: pd.DataFrame, before: int | None, season: int) -> int:
    """Carry the ratings over into a season; nothing to carry before the first."""
    if before is not None:
        members = _members(listed[listed["season"] == season])
        conferences: Mapping[int, str | None] = {each["team_id"]: each["conference"] for each in members}
        fbs = {each["team_id"] for each in members if each["is_fbs"]}
        rating.new_season(conferences, fbs.__contains__)
    return season


def _members(games: pd.DataFrame) -> list[dict[str, Any]]:
    """The teams of some games: team_id, team, conference (None for none) and is_fbs, by id."""
    found: dict[int, dict[str, Any]] = {}
    for side in SIDES:
        names = [f"{side}_{name}" for name in ("team_id", "team", "conference", "classification")]
        for team_id, team, conference, classification in games[names].drop_duplicates().itertuples(index=False):
            about = {"team": team, "conference": conference if isinstance(conference, str) else None}
            found[int(team_id)] = {"team_id": int(team_id), **about, "is_fbs": classification == FBS}
    return [found[team_id] for team_id in sorted(found)]


def _table(rating: PairRating, games: pd.DataFrame) -> pd.DataFrame:
    over = games[games["is_completed"].astype(bool)]
    counts = pd.concat([over["home_team_id"], over["away_team_id"]]).value_counts()
    rows = []
    for member in _members(games):
        attack = rating.unit(rating.attack, member["team_id"], member["is_fbs"])
        defend = rating.unit(rating.defend, member["team_id"], member["is_fbs"])
        rows.append(
            {
                **member,
                "rating": attack.mean + defend.mean,
                "sd": rating.tuning.noise * float(np.sqrt(attack.variance + defend.variance)),
                "offense": attack.mean,
                "defense": defend.mean,
                "games": int(counts.get(member["team_id"], 0)),
            }
        )
    columns = ["team_id", "team", "conference", "is_fbs", "rating", "sd", "offense", "defense", "games"]
    return pd.DataFrame(rows, columns=columns).astype({"is_fbs": bool})
