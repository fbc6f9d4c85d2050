"""What is known of a team before its season: talent, recruits, last season's ratings, who returns, the voters' view.

Everything is relative to the FBS of the season (mean 0, standard deviation 1). Ratings of a whole season count for the
next one only. A list that was not collected, or a team that a list does not name, is missing and not average.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
KNOWN = ("talent", "recruiting", "sp", "fpi", "srs", "returning", "votes")
RETURNING = KNOWN.index("returning")
POLL = "AP Top 25"
# A class plays for four years; the oldest has lost most of those who leave early.
CLASS_WEIGHTS = (1.0, 1.0, 0.8, 0.5)
SYSTEMS = ("sp", "fpi", "srs")


@dataclass(frozen=True)
class SeasonLists:
    """The provider's lists by season, as their tables hold them; None where a list is not collected."""

    ppa_games: pd.DataFrame | None = None
    talent: pd.DataFrame | None = None
    recruiting: pd.DataFrame | None = None
    ratings: pd.DataFrame | None = None
    returning_production: pd.DataFrame | None = None
    rankings: pd.DataFrame | None = None
    teams: pd.DataFrame | None = None
    advanced_stats: pd.DataFrame | None = None
    weather: pd.DataFrame | None = None


def preseason(lists: SeasonLists, fbs: Mapping[int, frozenset[int]]) -> dict[int, dict[int, Floats]]:
    """By season and FBS team: the values of `KNOWN`, NaN where unknown. `fbs`: season -> its FBS teams."""
    found = {
        "talent": _values(lists.talent, "talent"),
        "recruiting": _classes(lists.recruiting),
        "returning": _values(lists.returning_production, "ppa_share"),
        "votes": _votes(lists.rankings),
    }
    for system in SYSTEMS:
        ratings = lists.ratings
        chosen = None if ratings is None else ratings[ratings["system"] == system]
        found[system] = {season + 1: values for season, values in _values(chosen, "rating").items()}
    known = {}
    for season, teams in fbs.items():
        columns = [_standard({team: _of(found[name].get(season, {}), team) for team in teams}) for name in KNOWN]
        known[season] = {team: np.array([column[team] for column in columns]) for team in teams}
    return known


ByTeam = dict[int, float]


def _values(frame: pd.DataFrame | None, column: str) -> dict[int, ByTeam]:
    if frame is None:
        return {}
    rows = frame[["season", "team_id", column]].dropna()
    found: dict[int, ByTeam] = {}
    for season, team, value in rows.itertuples(index=False):
        found.setdefault(int(season), {})[int(team)] = float(value)
    return found


def _of(values: ByTeam, team: int) -> float | None:
    return values[team] if team in values or isinstance(values, defaultdict) else None


def _classes(recruiting: pd.DataFrame | None) -> dict[int, ByTeam]:
    """Mean of the classes on the roster; without this season's class it is not known yet."""
    classes = _values(recruiting, "points")
    found: dict[int, ByTeam] = {}
    for season, newest in classes.items():
        for team in newest:
            pairs = [
                (weight, classes[season - age][team])
                for age, weight in enumerate(CLASS_WEIGHTS)
                if team in classes.get(season - age, {})
            ]
            found.setdefault(season, {})[team] = sum(w * v for w, v in pairs) / sum(w for w, _ in pairs)
    return found


def _votes(rankings: pd.DataFrame | None) -> dict[int, ByTeam]:
    """Square root of the points in the preseason poll; a team without votes has none."""
    if rankings is None:
        return {}
    first = (rankings["season_type"] == "regular") & (rankings["week"] == 1) & (rankings["poll"] == POLL)
    points = _values(rankings[first], "points")
    return {season: defaultdict(float, {team: v**0.5 for team, v in of.items()}) for season, of in points.items()}


def weekly_votes(rankings: pd.DataFrame | None) -> dict[tuple[int, int], ByTeam]:
    """By season and week of the regular season: square root of each team's points in the poll before that week.

    A poll of a week comes out before its games. A team without votes has none; a week without a poll is not there.
    """
    if rankings is None:
        return {}
    polls = rankings[(rankings["season_type"] == "regular") & (rankings["poll"] == POLL)]
    found: dict[tuple[int, int], ByTeam] = {}
    for season, week, team, points in polls[["season", "week", "team_id", "points"]].dropna().itertuples(index=False):
        found.setdefault((int(season), int(week)), defaultdict(float))[int(team)] = float(points) ** 0.5
    return found


def _standard(values: Mapping[int, float | None]) -> ByTeam:
    known = np.array([value for value in values.values() if value is not None], dtype=np.float64)
    spread = float(known.std()) if len(known) > 1 else 0.0
    if spread == 0.0:
        return dict.fromkeys(values, float("nan"))
    mean = float(known.mean())
    return {team: float("nan") if value is None else (value - mean) / spread for team, value in values.items()}
