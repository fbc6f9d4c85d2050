"""How both sides of a game compare by joint ratings: points, deserved margin, play by play, tempo; as at kickoff.

`net_*` is home less away (offence plus defence of each), `sum_*` what both offences make less what both defences
prevent, both above average. A quantity is missing while a side was never seen in it, or not for long.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from football_assets.ncaa.joint_ratings import Dynamics, Floats, JointRating, Quantity
from football_assets.ncaa.preseason import KNOWN, SeasonLists, preseason, weekly_votes
from football_assets.ncaa.season_starts import SeasonStarts
from football_assets.ncaa.team_games import SIDES

FORGOTTEN_AFTER_GAMES = 8
# A win probability of 84 % after the game is worth one of these.
POINTS_PER_DEVIATION = 16.5
SUREST = 0.001
THREE_QUARTERS = 3

# Noise and home field as measured on 2014-2020. A deserved margin is shared by both sides, half each.
SCORED = {
    "points": Quantity(28.0, 11.0, 3.0, 9.0),
    "three_quarters": Quantity(21.0, 10.0, 2.5, 7.5),
    "deserved": Quantity(0.0, 7.0, 3.0, 7.0),
}
BOXED = {
    "yards": Quantity(400.0, 92.0, 24.0, 45.0),
    "plays": Quantity(70.0, 9.5, 0.7, 1.0),
    "yards_per_play": Quantity(5.7, 1.25, 0.3, 0.6),
    "yards_per_rush": Quantity(4.25, 1.45, 0.3, 0.5),
    "third_down_pct": Quantity(39.0, 12.5, 2.0, 4.0),
    "turnovers": Quantity(-1.5, 1.25, 0.1, 0.2, sign=-1.0),
}
CHARTED = {
    "ppa": Quantity(0.15, 0.155, 0.04, 0.08),
    "passing_ppa": Quantity(0.23, 0.30, 0.06, 0.12),
    "rushing_ppa": Quantity(0.09, 0.19, 0.02, 0.06),
}
GROUPS = {"scored": SCORED, "boxed": BOXED, "charted": CHARTED}
QUANTITIES = tuple(name for group in GROUPS.values() for name in group)
DIFFERENCES = ("talent", "recruiting")
COLUMNS = (
    *(f"net_{name}" for name in QUANTITIES),
    *(f"sum_{name}" for name in QUANTITIES),
    "rating_doubt",
    *(f"net_{name}" for name in DIFFERENCES),
    "net_votes",
)
DYNAMICS = Dynamics()

Game = Mapping[str, Any]


@dataclass
class Group:
    """One group of quantities seen together, and how long each team has not been seen in it."""

    rating: JointRating
    starts: SeasonStarts = field(default_factory=SeasonStarts)
    unseen: dict[int, int] = field(default_factory=dict)

    def learn(self, game: Game, made: tuple[Floats, Floats], where: float, fbs: tuple[bool, bool]) -> None:
        """Take in one result, or note that it lacks these quantities."""
        teams = game["home_team_id"], game["away_team_id"]
        whole = not (np.isnan(made[0]).any() or np.isnan(made[1]).any())
        for team in teams:
            self.unseen[team] = 0 if whole else self.unseen.get(team, FORGOTTEN_AFTER_GAMES) + 1
        if whole:
            self.rating.observe(*teams, made, where, fbs)

    def knows(self, team: int) -> bool:
        """Whether the team was seen lately."""
        return self.unseen.get(team, FORGOTTEN_AFTER_GAMES + 1) <= FORGOTTEN_AFTER_GAMES


class Strengths:
    """The joint ratings carried from game to game: the caller gives games and results in the order of time."""

    def __init__(
        self,
        lists: SeasonLists,
        conferences: Mapping[int, Mapping[int, str | None]],
        fbs: Mapping[int, frozenset[int]],
    ) -> None:
        self._known = preseason(lists, fbs)
        self._votes = weekly_votes(lists.rankings)
        self._conferences = conferences
        self._groups = {name: Group(JointRating(group, DYNAMICS)) for name, group in GROUPS.items()}
        self._season: int | None = None

    def begin(self, season: int) -> None:
        """Carry the ratings over into a new season."""
        if self._season is not None:
            for group in self._groups.values():
                group.starts.end(self._season, group.rating.fbs_teams())
                known, conferences = self._known.get(season, {}), self._conferences.get(season, {})
                group.rating.new_season(group.starts.starts(season, conferences, known))
        self._season = season

    def learn(self, game: Game, where: float, fbs: tuple[bool, bool]) -> None:
        """Take in one result with its `made`: group -> what each side made."""
        for name, group in self._groups.items():
            group.learn(game, game["made"][name], where, fbs)

    def known(self, game: Game, fbs: tuple[bool, bool]) -> dict[str, float]:
        """The values of `COLUMNS` for one game."""
        home, away = game["home_team_id"], game["away_team_id"]
        row: dict[str, float] = {}
        for name, group in self._groups.items():
            known = name == "scored" or (group.knows(home) and group.knows(away))
            ours, theirs = group.rating.told(home, fbs[0]), group.rating.told(away, fbs[1])
            net, both = ours[0] + ours[1] - theirs[0] - theirs[1], ours[0] + theirs[0] - ours[1] - theirs[1]
            for place, quantity in enumerate(group.rating.names):
                row[f"net_{quantity}"] = float(net[place]) if known else math.nan
                row[f"sum_{quantity}"] = float(both[place]) if known else math.nan
        row["rating_doubt"] = self._groups["scored"].rating.doubt(home, away, fbs)
        about = self._known.get(game["season"], {})
        for place, quantity in enumerate(KNOWN):
            if quantity in DIFFERENCES:
                both_known = home in about and away in about
                row[f"net_{quantity}"] = float(about[home][place] - about[away][place]) if both_known else math.nan
        votes = self._votes.get((game["season"], game["week"])) if game["season_type"] == "regular" else None
        row["net_votes"] = math.nan if votes is None else votes.get(home, 0.0) - votes.get(away, 0.0)
        return row


def made(games: pd.DataFrame, team_games: pd.DataFrame, ppa_games: pd.DataFrame | None) -> list[dict[str, Any]]:
    """For each of the games: group -> what home and away made in it, NaN where unknown."""
    tables = {"boxed": _benches(team_games, list(BOXED)), "charted": _charted(ppa_games)}
    scored = [_scored(games, side) for side in SIDES]
    sides: dict[str, list[Floats]] = {"scored": [np.array(one, dtype=np.float64) for one in scored]}
    for name, table in tables.items():
        sides[name] = [
            table.reindex(pd.MultiIndex.from_frame(games[["game_id", f"{side}_team_id"]])).to_numpy(np.float64)
            for side in SIDES
        ]
    return [{name: (values[0][row], values[1][row]) for name, values in sides.items()} for row in range(len(games))]


def _benches(team_games: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return team_games.set_index(["game_id", "team_id"])[names].astype("float64")


def _charted(ppa_games: pd.DataFrame | None) -> pd.DataFrame:
    sent = ["offense_ppa", "offense_passing_ppa", "offense_rushing_ppa"]
    if ppa_games is None:
        none = pd.MultiIndex.from_arrays([[], []], names=["game_id", "team_id"])
        return pd.DataFrame(np.zeros((0, len(sent))), columns=list(CHARTED), index=none)
    rows = ppa_games[ppa_games["team_id"].notna()].drop_duplicates(["game_id", "team_id"])
    return rows.set_index(["game_id", "team_id"])[sent].astype("float64").set_axis(list(CHARTED), axis=1)


def _scored(games: pd.DataFrame, side: str) -> list[tuple[float, float, float]]:
    sign = 0.5 if side == "home" else -0.5
    margins = (games["home_points"] - games["away_points"]).astype("float64")
    chances = games["home_postgame_win_probability"].astype("float64")
    points, scores = games[f"{side}_points"].astype("float64"), games[f"{side}_line_scores"]
    return [
        (made, _three_quarters(quarters, made), sign * _deserved(chance, margin))
        for made, quarters, chance, margin in zip(points, scores, chances, margins, strict=True)
    ]


def _deserved(chance: float, margin: float) -> float:
    """The margin that the play deserved; the margin itself where the provider does not judge the game."""
    if math.isnan(chance):
        return margin
    return POINTS_PER_DEVIATION * NormalDist().inv_cdf(min(max(chance, SUREST), 1.0 - SUREST))


def _three_quarters(scores: Any, points: float) -> float:
    """Points after three quarters; their usual share of all points where the quarters are unknown."""
    quarters = json.loads(scores) if isinstance(scores, str) else []
    known = len(quarters) > THREE_QUARTERS and None not in quarters
    return float(sum(quarters[:THREE_QUARTERS])) if known else 0.75 * points
