"""How strong each side is, learned match by match: what the goals model knows before a kick-off.

Four quantities are followed, because shots say more about the next goals than few goals do: goals, shots on target,
shots, corners. For each of them a team's attack and defence are normal beliefs about the logarithm of its rate against
an average side. A match moves them by their share of the surprise (a Kalman filter), so a team seen twice moves more
than one seen ten times; between matches and over the summer the belief widens, so old matches fade. A team that
changes tier takes its belief along, shifted by what one tier is worth. Nothing here looks at a price.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

QUANTITIES = ("goals", "shots_on_target", "shots", "corners")
# A side that the model has seen less often, or not for so long, has no prediction.
KNOWN_AFTER_MATCHES = 5
LONGEST_ABSENCE_DAYS = 730
_NEVER = -1
_COUNTS = ("season", "tier", "seen", "last_day")


@dataclass(frozen=True)
class Tuning:
    """How beliefs behave; one number for each of `QUANTITIES` where there are four.

    All were chosen on the seasons up to 2022/23.

    Args:
        level: First guess of the logarithm of what an average side makes in a match.
        spread: Variance of a count beyond its mean, in multiples of the mean (1 for a Poisson count).
        start: Variance of a belief about a team never seen.
        drift: Variance that each match adds.
        summer: Variance that a new season adds.
        carry: Share of a belief that survives the summer.
        attack_a_tier: What an attack is worth more after going down one tier.
        defence_a_tier: The same for a defence.
        newcomer: How far below the average a team starts that joins a division later than the first season.
        home: First guess of the logarithm of the home side's rate over the away side's.
        level_rate: Share of a surprise that moves a division's level.
        home_rate: Share of a surprise that moves a division's home advantage.
        red_noise: How much noisier a match becomes by each sending-off, as a share.
        largest_surprise: A surprise teaches no more than so many standard deviations.
    """

    level: tuple[float, ...] = (0.25, 1.45, 2.45, 1.6)
    spread: tuple[float, ...] = (0.735, 0.32, 1.33, 0.5)
    start: tuple[float, ...] = (0.05, 0.1, 0.042, 0.05)
    drift: tuple[float, ...] = (0.00014, 0.00029, 0.0019, 0.0004)
    summer: float = 0.016
    carry: float = 0.97
    attack_a_tier: float = 0.19
    defence_a_tier: float = 0.21
    newcomer: float = 0.05
    home: float = 0.28
    level_rate: float = 0.0038
    home_rate: float = 0.0007
    red_noise: float = 0.5
    largest_surprise: float = 3.0


@dataclass(frozen=True)
class Inputs:
    """What is known before each match, rows as in the frame it was made from.

    Args:
        log_rates: (quantity, side, match): logarithm of the expected count, side 0 at home.
        certainty: (quantity, side, match): 0 when neither belief behind a rate has learned anything, 1 at most.
        level: (match,): logarithm of the goals of an average side of the division.
        is_known: Whether both sides have been seen often and lately enough.
    """

    log_rates: Floats
    certainty: Floats
    level: Floats
    is_known: Flags


@dataclass(frozen=True)
class _Day:
    """Matches of one day in numbers: teams and divisions by index."""

    home: Ints
    away: Ints
    division: Ints
    tier: Ints
    season: Ints
    day: int

    @property
    def teams(self) -> Ints:
        return np.concatenate([self.home, self.away])


class Strengths:
    """The beliefs about every team and division after the matches learned so far, in order of their days."""

    def __init__(self, tuning: Tuning | None = None) -> None:
        self.tuning = tuning or Tuning()
        self._teams: dict[tuple[str, str], int] = {}
        self._divisions: dict[str, int] = {}
        self._first_season: int | None = None
        count = len(QUANTITIES)
        self._means = np.zeros((2, count, 0))
        self._variances = np.zeros((2, count, 0))
        self._season, self._tier, self._seen, self._last_day = (np.zeros(0, np.int64) for _ in range(4))
        self._level = np.zeros((count, 0))
        self._home = np.zeros((count, 0))

    def knows(self, country: str, team: str, day: pd.Timestamp) -> bool:
        """Whether a team of a country has been seen often enough, and lately enough, to be predicted on `day`."""
        at = self._teams.get((country, team))
        return at is not None and bool(self._is_known(np.array([at]), _days(pd.Series([day]))[0])[0])

    def last_day(self, country: str, team: str) -> int | None:
        """The day of a team's last match that was learned from, in days since 1970; None for a team never seen."""
        at = self._teams.get((country, team))
        return None if at is None or not self._seen[at] else int(self._last_day[at])

    def state(self) -> dict[str, Any]:
        """What `restored` makes Strengths of that say the same of coming matches, as plain lists.

        Teams that have not been seen for too long to be predicted are left out.
        """
        kept = self._last_day >= self._last_day.max(initial=0) - LONGEST_ABSENCE_DAYS
        by_team = {name: getattr(self, f"_{name}")[..., kept] for name in ("means", "variances", *_COUNTS)}
        return {
            "tuning": vars(self.tuning),
            "first_season": self._first_season,
            "teams": [list(key) for key, at in self._teams.items() if kept[at]],
            "divisions": list(self._divisions),
            "level": self._level.tolist(),
            "home": self._home.tolist(),
            **{name: each.tolist() for name, each in by_team.items()},
        }

    @classmethod
    def restored(cls, state: Mapping[str, Any]) -> "Strengths":
        """The Strengths of a `state`. Raises ValueError or KeyError for one of another form."""
        tuning: dict[str, Any] = {
            name: tuple(each) if isinstance(each, list) else each for name, each in state["tuning"].items()
        }
        made = cls(Tuning(**tuning))
        made._first_season = state["first_season"]
        made._teams = {(str(country), str(team)): at for at, (country, team) in enumerate(state["teams"])}
        made._divisions = {str(code): at for at, code in enumerate(state["divisions"])}
        teams, divisions, count = len(made._teams), len(made._divisions), len(QUANTITIES)
        for name, shape in (
            *((each, (2, count, teams)) for each in ("means", "variances")),
            *((each, (count, divisions)) for each in ("level", "home")),
            *((each, (teams,)) for each in _COUNTS),
        ):
            values = np.array(state[name], np.int64 if name in _COUNTS else np.float64).reshape(shape)
            if not np.isfinite(values).all():
                raise ValueError(f"{name} holds what is no number")
            setattr(made, f"_{name}", values)
        return made

    def walk(self, history: pd.DataFrame) -> Inputs:
        """Predict and then learn day by day: no row's inputs know of that day's results or later ones.

        `history` has the columns of `football_data.history` with one row a match, in order of `played_on`.
        """
        made = _counts(history)
        reds = history[["home_reds", "away_reds"]].sum(axis=1).to_numpy(np.float64)
        parts: list[Inputs] = []
        for span, day in self._by_day(history):
            parts.append(self._expect(day))
            self._learn(day, parts[-1].log_rates, made[:, :, span], reds[span])
        return _joined(parts)

    def expect(self, fixtures: pd.DataFrame) -> Inputs:
        """Inputs of matches not played yet, all from what is known now; nothing is learned or forgotten."""
        kept = [np.copy(each) for each in (self._means, self._variances, self._season, self._tier)]
        parts = []
        for _, day in self._by_day(fixtures):
            parts.append(self._expect(day))
            count = kept[2].size
            self._means[..., :count], self._variances[..., :count] = kept[0], kept[1]
            self._season[:count], self._tier[:count] = kept[2], kept[3]
            self._season[count:] = _NEVER
        return _joined(parts)

    def _by_day(self, matches: pd.DataFrame) -> Iterator[tuple[slice, _Day]]:
        days = _days(matches["played_on"])
        if (np.diff(days) < 0).any():
            raise ValueError("matches are not in order of their days")
        home, away = self._team_numbers(matches, "home_team"), self._team_numbers(matches, "away_team")
        division = self._division_numbers(matches["division"])
        tier, season = matches["tier"].to_numpy(np.int64), matches["season"].to_numpy(np.int64)
        edges = [0, *(np.flatnonzero(np.diff(days)) + 1), len(days)] if len(days) else []
        for start, end in pairwise(edges):
            span = slice(int(start), int(end))
            yield span, _Day(home[span], away[span], division[span], tier[span], season[span], int(days[start]))

    def _team_numbers(self, matches: pd.DataFrame, column: str) -> Ints:
        pairs = list(zip(matches["country"], matches[column], strict=True))
        numbers = np.array([self._teams.setdefault(pair, len(self._teams)) for pair in pairs], np.int64)
        new = len(self._teams) - self._season.size
        start = np.array(self.tuning.start)[:, None]
        self._means = np.concatenate([self._means, np.zeros((2, len(QUANTITIES), new))], axis=2)
        fresh = np.broadcast_to(start, (2, len(QUANTITIES), new))
        self._variances = np.concatenate([self._variances, fresh], axis=2)
        self._season = np.concatenate([self._season, np.full(new, _NEVER)])
        self._tier, self._seen, self._last_day = (
            np.concatenate([each, np.zeros(new, np.int64)]) for each in (self._tier, self._seen, self._last_day)
        )
        return numbers

    def _division_numbers(self, divisions: "pd.Series[str]") -> Ints:
        numbers = np.array([self._divisions.setdefault(each, len(self._divisions)) for each in divisions], np.int64)
        new = len(self._divisions) - self._level.shape[1]
        level = np.broadcast_to(np.array(self.tuning.level)[:, None], (len(QUANTITIES), new))
        self._level = np.concatenate([self._level, level], axis=1)
        self._home = np.concatenate([self._home, np.full((len(QUANTITIES), new), self.tuning.home)], axis=1)
        return numbers

    def _expect(self, day: _Day) -> Inputs:
        known = self._is_known(day.teams, day.day)
        self._begin_season(day)
        (attack, defence), start = self._means, np.array(self.tuning.start)[:, None]
        level, edge = self._level[:, day.division], self._home[:, day.division] / 2
        rates = np.stack(
            [
                level + edge + attack[:, day.home] - defence[:, day.away],
                level - edge + attack[:, day.away] - defence[:, day.home],
            ],
            axis=1,
        )
        attack, defence = self._variances
        certainty = np.stack(
            [
                1 - (attack[:, day.home] + defence[:, day.away]) / (2 * start),
                1 - (attack[:, day.away] + defence[:, day.home]) / (2 * start),
            ],
            axis=1,
        )
        count = day.home.size
        return Inputs(rates, certainty, level[0], known[:count] & known[count:])

    def _is_known(self, teams: Ints, day: int) -> Flags:
        return (self._seen[teams] >= KNOWN_AFTER_MATCHES) & (day - self._last_day[teams] <= LONGEST_ABSENCE_DAYS)

    def _begin_season(self, day: _Day) -> None:
        """Carry the beliefs of teams over the summer before their first match of a season."""
        tuning = self.tuning
        seasons, tiers = np.tile(day.season, 2), np.tile(day.tier, 2)
        begins = self._season[day.teams] != seasons
        teams, season, tier = day.teams[begins], seasons[begins], tiers[begins]
        if not teams.size:
            return
        if self._first_season is None:
            self._first_season = int(season.min())
        is_new = self._season[teams] == _NEVER
        down = np.where(is_new, 0, np.clip(tier - self._tier[teams], -2, 2))
        worth = np.array([tuning.attack_a_tier, tuning.defence_a_tier])[:, None, None]
        means = self._means[:, :, teams] * tuning.carry + worth * down
        late = is_new & (season > self._first_season)
        self._means[:, :, teams] = np.where(late, -tuning.newcomer, means)
        start = np.array(tuning.start)[:, None]
        wider = self._variances[:, :, teams] * tuning.carry**2 + tuning.summer
        self._variances[:, :, teams] = np.minimum(np.where(is_new, start, wider), start)
        self._season[teams], self._tier[teams] = season, tier

    def _learn(self, day: _Day, log_rates: Floats, made: Floats, reds: Floats) -> None:
        tuning = self.tuning
        expected = np.exp(log_rates)
        is_counted = np.isfinite(made)
        noise = np.array(tuning.spread)[:, None, None] / expected
        limit = tuning.largest_surprise * np.sqrt(noise)
        surprise = np.where(is_counted, np.clip((made - expected) / expected, -limit, limit), 0.0)
        noise = noise * (1 + tuning.red_noise * reds)
        for side, (attackers, defenders) in enumerate(((day.home, day.away), (day.away, day.home))):
            self._share(attackers, defenders, surprise[:, side], noise[:, side], is_counted[:, side])
        for quantity in range(len(QUANTITIES)):
            first, second = surprise[quantity]
            np.add.at(self._level[quantity], day.division, tuning.level_rate * (first + second) / 2)
            np.add.at(self._home[quantity], day.division, tuning.home_rate * (first - second))
        played = np.tile(np.isfinite(made[0]).all(axis=0), 2)
        self._seen[day.teams[played]] += 1
        self._last_day[day.teams[played]] = day.day

    def _share(self, attackers: Ints, defenders: Ints, surprise: Floats, noise: Floats, is_counted: Flags) -> None:
        """Divide a surprise between the attack that made it and the defence that allowed it."""
        drift = np.array(self.tuning.drift)[:, None]
        total = self._variances[0][:, attackers] + self._variances[1][:, defenders] + noise
        for kind, teams, direction in ((0, attackers, 1.0), (1, defenders, -1.0)):
            variance = self._variances[kind][:, teams]
            gain = np.where(is_counted, variance / total, 0.0)
            self._means[kind][:, teams] += direction * gain * surprise
            self._variances[kind][:, teams] = variance * (1 - gain) + drift


def regressors(inputs: Inputs) -> Floats:
    """What goals are regressed on, (matches, columns): a constant, then functions of rates and their certainty.

    The square and the cube let a mismatch count for more or less than in proportion.
    """
    balance = inputs.log_rates[:, 0] - inputs.log_rates[:, 1]
    total = inputs.log_rates.sum(axis=1)
    certainty = inputs.certainty.mean(axis=1)
    # Shots are not reported everywhere: where they are not, their beliefs must not count.
    reported = (certainty[1] > 0.3).astype(np.float64)
    gap = 0.5 * balance[0] + 0.3 * balance[1] + 0.2 * balance[2]
    columns = [np.ones_like(gap), *balance, *total, *(balance * reported), *(total * reported), reported]
    columns += [balance[0] * certainty[0], gap**2, gap**3, inputs.level]
    return np.stack(columns, axis=1)


def _counts(history: pd.DataFrame) -> Floats:
    """(quantity, side, match) of what each side made; NaN where it was not reported."""
    return np.stack(
        [np.stack([history[f"{side}_{name}"].to_numpy(np.float64) for side in ("home", "away")]) for name in QUANTITIES]
    )


def _days(played_on: "pd.Series[pd.Timestamp]") -> Ints:
    return played_on.to_numpy("datetime64[D]").astype(np.int64)


def _joined(parts: list[Inputs]) -> Inputs:
    if not parts:
        nothing = np.zeros((len(QUANTITIES), 2, 0))
        return Inputs(nothing, nothing, np.zeros(0), np.zeros(0, bool))
    return Inputs(
        np.concatenate([part.log_rates for part in parts], axis=2),
        np.concatenate([part.certainty for part in parts], axis=2),
        np.concatenate([part.level for part in parts]),
        np.concatenate([part.is_known for part in parts]),
    )
