"""Where a team's ratings begin a season: learned from how earlier seasons ended against what was known before them."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from football_assets.ncaa.preseason import KNOWN, RETURNING, Floats

# With fewer team seasons to learn from, a team keeps this share of its rating and the rest is its conference's.
FEWEST_TEAM_SEASONS = 250
KEPT = 0.75
# Penalty of the regression, in team seasons.
PENALTY = 20.0
NOTHING = np.full(len(KNOWN), np.nan)

Means = Mapping[int, Floats]


@dataclass
class SeasonStarts:
    """Remembers what was known before each season and where the ratings ended, and predicts the next start.

    Ratings are `2 x quantities` a team, offence and defence, as `JointRating.fbs_teams` gives them.
    """

    ends: dict[int, Means] = field(default_factory=dict)
    _pairs: dict[int, tuple[Floats, Floats]] = field(default_factory=dict)
    _asked: dict[int, dict[int, Floats]] = field(default_factory=dict)

    def end(self, season: int, ratings: Means) -> None:
        """The season is over: keep where the ratings ended, beside what had been known before it."""
        self.ends[season] = ratings
        asked = [(inputs, ratings[team]) for team, inputs in self._asked.get(season, {}).items() if team in ratings]
        if asked:
            inputs, outcomes = zip(*asked, strict=True)
            self._pairs[season] = np.array(inputs), np.array(outcomes)

    def starts(self, season: int, conferences: Mapping[int, str | None], known: Means) -> dict[int, Floats]:
        """Where each team starts. `known`: FBS team -> what `preseason` knows of it."""
        last = self.ends.get(season - 1, {})
        if not last:
            return {}
        inputs = self._inputs(season, conferences, known)
        self._asked[season] = inputs
        found = _towards_the_conference(last, conferences)
        if sum(len(outcomes) for _, outcomes in self._pairs.values()) >= FEWEST_TEAM_SEASONS:
            coefficients, base = self._learned()
            for team, row in inputs.items():
                found[team] = (row * coefficients).sum(axis=-1) + base
        return found

    def _inputs(self, season: int, conferences: Mapping[int, str | None], known: Means) -> dict[int, Floats]:
        last, before = self.ends[season - 1], self.ends.get(season - 2, {})
        teams = [team for team in last if team in known]
        groups = _conference_means({team: last[team] for team in teams}, conferences)
        found = {}
        for team in teams:
            about = np.nan_to_num(known.get(team, NOTHING))
            ended = last[team]
            parts = [
                ended,
                before.get(team, ended),
                groups[conferences.get(team)],
                ended[::-1],
                ended * about[RETURNING],
            ]
            shared = np.broadcast_to(about, (*ended.shape, len(about)))
            found[team] = np.concatenate([np.stack(parts, axis=-1), shared], axis=-1)
        return found

    def _learned(self) -> tuple[Floats, Floats]:
        inputs = np.concatenate([pair[0] for pair in self._pairs.values()])
        outcomes = np.concatenate([pair[1] for pair in self._pairs.values()])
        coefficients, base = np.zeros(inputs.shape[1:]), np.zeros(outcomes.shape[1:])
        for place in np.ndindex(base.shape):
            rows, ends = inputs[:, place[0], place[1]], outcomes[:, place[0], place[1]]
            middle, level = rows.mean(axis=0), ends.mean()
            away = rows - middle
            penalty = np.diag(PENALTY * (rows.var(axis=0) + 1e-9))
            coefficients[place] = np.linalg.solve(away.T @ away + penalty, away.T @ (ends - level))
            base[place] = level - middle @ coefficients[place]
        return coefficients, base


def _towards_the_conference(last: Means, conferences: Mapping[int, str | None]) -> dict[int, Floats]:
    groups = _conference_means({team: mean for team, mean in last.items() if team in conferences}, conferences)
    return {
        team: KEPT * mean + (1.0 - KEPT) * groups[conferences[team]] if team in conferences else KEPT * mean
        for team, mean in last.items()
    }


def _conference_means(last: Means, conferences: Mapping[int, str | None]) -> dict[str | None, Floats]:
    groups: dict[str | None, list[Floats]] = {}
    for team, mean in last.items():
        groups.setdefault(conferences.get(team), []).append(mean)
    return {name: np.mean(means, axis=0) for name, means in groups.items()}
