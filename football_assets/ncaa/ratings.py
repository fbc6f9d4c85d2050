"""Ratings that are carried from game to game: what a side makes and what it lets the other make, above average.

Each unit (a team's offence, a team's defence) is a normal belief with a mean and a variance. A game moves both units
that met by their share of the surprise (a Kalman filter), so that a team seen twice moves more than one seen ten
times. Between seasons a belief falls back towards its conference's mean and widens.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

FBS = "fbs"


@dataclass(frozen=True)
class Tuning:
    """How a rated quantity behaves; variances are in units of the noise of one game.

    Args:
        noise: Standard deviation of one game around the true ratings, in the quantity's unit. A surprise of more
            than three of them teaches no more than three.
        level: First guess of the average, replaced by what is seen.
        home: First guess of what playing at home adds to the difference of both sides.
        outsider: How far a side outside the FBS starts below the average, for offence and defence alike.
        start: Variance of a unit never seen.
        carry: Share of a mean that survives the off-season; the rest is the conference's.
        widen: Variance that an off-season adds.
        drift: Variance that each game adds.
    """

    noise: float
    level: float
    home: float
    outsider: float
    start: float = 0.35
    carry: float = 0.75
    widen: float = 0.12
    drift: float = 0.008
    learn_level: float = 0.002


@dataclass
class Unit:
    """A belief about one team's offence or defence: games in which the quantity was seen, and since it last was."""

    mean: float
    variance: float
    seen: int = 0
    unseen: int = 0


Flags = tuple[bool, bool]


@dataclass
class PairRating:
    """Offence and defence ratings of one quantity, such as points or yards a play; more is better for both.

    `sign` is -1 where less is better for the side that makes it (turnovers).
    """

    tuning: Tuning
    sign: float = 1.0
    attack: dict[int, Unit] = field(default_factory=dict)
    defend: dict[int, Unit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.level = self.tuning.level
        self.home = self.tuning.home

    def unit(self, units: dict[int, Unit], team: int, is_fbs: bool) -> Unit:
        """The belief about a team, the starting one when it has never been seen."""
        found = units.get(team)
        if found is None:
            found = Unit(0.0 if is_fbs else -self.tuning.outsider, self.tuning.start)
            units[team] = found
        return found

    def observe(self, home: int, away: int, made: tuple[float | None, float | None], where: float, fbs: Flags) -> None:
        """Learn from one game: what each side made (None: not known), `where` 1 at home and 0 on neutral ground."""
        surprise = []
        for (side, other), value, edge, ours in zip(
            ((home, away), (away, home)), made, (0.5, -0.5), (fbs, fbs[::-1]), strict=True
        ):
            attack, defend = self.unit(self.attack, side, ours[0]), self.unit(self.defend, other, ours[1])
            if value is None:
                attack.unseen += 1
                defend.unseen += 1
                continue
            expected = self.level + attack.mean - defend.mean + edge * self.home * where
            limit = 3 * self.tuning.noise
            error = min(max(self.sign * value - expected, -limit), limit)
            surprise.append(error)
            _share(attack, defend, error, self.tuning.drift)
        if len(surprise) == 2 and all(fbs):
            self.level += self.tuning.learn_level * sum(surprise) / 2
            self.home += self.tuning.learn_level * (surprise[0] - surprise[1]) * where

    def new_season(self, conference: Mapping[int, str | None], is_fbs: Callable[[int], bool]) -> None:
        """Let every belief fall back towards its conference's mean and widen."""
        for units in (self.attack, self.defend):
            means = _group_means(units, conference)
            for team, unit in units.items():
                name = conference.get(team)
                default = 0.0 if is_fbs(team) else -self.tuning.outsider
                anchor = means.get(name, default) if name is not None and is_fbs(team) else default
                unit.mean = self.tuning.carry * unit.mean + (1 - self.tuning.carry) * anchor
                unit.variance = min(unit.variance * self.tuning.carry**2 + self.tuning.widen, self.tuning.start)


def _share(attack: Unit, defend: Unit, error: float, drift: float) -> None:
    total = attack.variance + defend.variance + 1.0
    for unit, direction in ((attack, 1.0), (defend, -1.0)):
        gain = unit.variance / total
        unit.mean += direction * gain * error
        unit.variance = unit.variance * (1 - gain) + drift
        unit.seen += 1
        unit.unseen = 0


def _group_means(units: Mapping[int, Unit], conference: Mapping[int, str | None]) -> dict[str, float]:
    groups: dict[str, list[float]] = {}
    for team, unit in units.items():
        name = conference.get(team)
        if name is not None:
            groups.setdefault(name, []).append(unit.mean)
    return {name: sum(values) / len(values) for name, values in groups.items()}


@dataclass
class MarginElo:
    """An Elo rating moved by the margin: 400 points of difference are 16 points on the scoreboard.

    `home` is what the home field adds, in Elo points; `gain` how much of a surprise is learned; `carry` the share of
    the distance to the conference's mean that survives the off-season.
    """

    gain: float = 0.14
    home: float = 60.0
    carry: float = 0.75
    outsider: float = 1000.0
    per_point: float = 25.0
    longest_margin: float = 60.0
    ratings: dict[int, float] = field(default_factory=dict)

    def rating(self, team: int, is_fbs: bool) -> float:
        """The rating of a team, the starting one when it has never been seen."""
        return self.ratings.setdefault(team, 1500.0 if is_fbs else self.outsider)

    def observe(self, home: int, away: int, margin: float, where: float, fbs: Flags) -> None:
        """Learn from one game's margin."""
        ours, theirs = self.rating(home, fbs[0]), self.rating(away, fbs[1])
        expected = (ours - theirs + self.home * where) / self.per_point
        limit = self.longest_margin
        move = self.gain * self.per_point * (min(max(margin, -limit), limit) - min(max(expected, -limit), limit))
        self.ratings[home] = ours + move
        self.ratings[away] = theirs - move

    def new_season(self, conference: Mapping[int, str | None], is_fbs: Callable[[int], bool]) -> None:
        """Let every rating fall back towards its conference's mean."""
        groups: dict[str, list[float]] = {}
        for team, rating in self.ratings.items():
            name = conference.get(team)
            if name is not None and is_fbs(team):
                groups.setdefault(name, []).append(rating)
        for team, rating in self.ratings.items():
            name = conference.get(team)
            default = 1500.0 if is_fbs(team) else self.outsider
            anchor = sum(groups[name]) / len(groups[name]) if name is not None and name in groups else default
            self.ratings[team] = self.carry * rating + (1 - self.carry) * anchor
