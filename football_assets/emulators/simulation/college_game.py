"""One game of college football, possession by possession.

A possession is a row of series (first and ten until a new first down, a score or the end), a series knows its yards and
its number of plays. That is enough for scores, clock and field position and quick enough for whole seasons;
`college_box` fills the series with plays when someone asks for the box score.
"""

import math
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

HOME, AWAY = 0, 1
QUARTER_S = 900
HALF_S = 2 * QUARTER_S
REGULATION_S = 4 * QUARTER_S
HOME_FIELD_POINTS = 2.5

PLAY_S = 25.3
POSSESSION_S = 11.0  # kicks and the change of teams

# Chance of a new first down per series for evenly matched teams and its slope (log odds) per point of advantage.
FIRST_DOWN_LOG_ODDS = 0.94
FIRST_DOWN_SLOPE = 0.057
FORM_OF_THE_DAY_SD = 1.5  # points by which each attack is better or worse than it is on average

INTERCEPTION, FUMBLE = 0.0265, 0.0185  # per series


class Series(NamedTuple):
    """Yards gained, plays used and how it ended: first, td, punt, fg, downs, int, fumble, safety, end."""

    to_go: int
    gain: int
    plays: int
    end: str


@dataclass(slots=True)
class Possession:
    """One team's turn with the ball.

    `result` is td, fg, missed fg, punt, downs, int, fumble, safety, end, return td (what `began` it was brought back to
    the end zone, no plays) or two (a two-point try of a late overtime).
    """

    side: int
    period: int
    start: int  # yards to the goal line
    seconds: float = 0.0
    series: list[Series] = field(default_factory=list)
    result: str = ""
    points: int = 0
    conversion: str = ""  # after a touchdown: good, missed, two, failed
    kick_yards: int = 0  # length of the punt or field goal
    return_yards: int = 0  # of the kick, punt or turnover that began it
    began: str = "kickoff"  # what gave the ball: kickoff, punt, int, fumble, downs, missed fg, half, overtime
    touchback: bool = False
    clock_end: float = 0.0

    @property
    def yards(self) -> int:
        """Yards from scrimmage."""
        return sum(series.gain for series in self.series)


@dataclass(frozen=True, slots=True)
class Matchup:
    """What decides a game before it starts, home first.

    Advantages are points a game over what an average attack scores on an average defence, home field included.
    """

    advantage: tuple[float, float]
    pace: float
    kicker: tuple[float, float]
    wind: float  # 0 calm or indoors, 1 a gale


@dataclass(slots=True)
class GameResult:
    """A finished game: possessions in order, points by side and period."""

    possessions: list[Possession]
    line_scores: tuple[list[int], list[int]]

    @property
    def points(self) -> tuple[int, int]:
        """Final score, home first."""
        return sum(self.line_scores[HOME]), sum(self.line_scores[AWAY])


def play_game(rng: Random, matchup: Matchup) -> GameResult:
    """Play `matchup` to its end with the numbers of `rng`."""
    return _Game(rng, matchup).play()


class _Game:
    """The state of a running game."""

    def __init__(self, rng: Random, matchup: Matchup) -> None:
        self._rng = rng
        self._random = rng.random
        self._kicker = matchup.kicker
        self._wind = matchup.wind
        self._play_s = PLAY_S + matchup.pace
        self._odds = [
            FIRST_DOWN_LOG_ODDS
            - 0.12 * matchup.wind
            + FIRST_DOWN_SLOPE * (advantage + rng.gauss(0, FORM_OF_THE_DAY_SD))
            for advantage in matchup.advantage
        ]
        self._chances = [1 / (1 + math.exp(-odds)) for odds in self._odds]
        self._clock = 0.0
        self._possessions: list[Possession] = []
        self._lines: tuple[list[int], list[int]] = ([0, 0, 0, 0], [0, 0, 0, 0])

    def play(self) -> GameResult:
        receiver = HOME if self._random() < 0.5 else AWAY
        for half, side in ((1, receiver), (2, 1 - receiver)):
            self._half(half * HALF_S, side)
        if sum(self._lines[HOME]) == sum(self._lines[AWAY]):
            self._overtime()
        return GameResult(self._possessions, self._lines)

    def _half(self, ends_at: float, side: int) -> None:
        possession = self._kickoff(side)
        while True:
            self._possess(possession, ends_at)
            self._close(possession, ends_at)
            if self._clock >= ends_at - 1:
                last = self._possessions[-1]
                last.seconds += ends_at - self._clock
                last.clock_end = self._clock = ends_at
                return
            possession = self._next(possession)

    def _possess(self, possession: Possession, ends_at: float) -> None:
        """Run series until the possession ends; sets `result`."""
        if possession.result:
            return
        used = POSSESSION_S
        distance = possession.start
        chance = self._chances[possession.side]
        while not possession.result:
            series = self._series(chance, distance)
            left = ends_at - self._clock - used
            hurry = 0.62 if left < 150 else 1.0
            each = self._play_s * hurry * (0.85 + 0.3 * self._random())
            if series.plays * each > left:
                self._run_out(possession, series, distance, int(left / each))
                used = ends_at - self._clock
                break
            used += series.plays * each
            distance -= series.gain
            possession.series.append(series)
            if series.end != "first":
                possession.result = series.end
                self._finish(possession, distance)
        possession.seconds = min(used, ends_at - self._clock)

    def _series(self, chance: float, distance: int) -> Series:
        """One series from `distance` yards out."""
        to_go = min(10, distance)
        roll = self._random()
        if roll < INTERCEPTION + FUMBLE:
            plays = 1 + int(self._random() * 3)
            gain = 0 if plays == 1 else self._short(distance, to_go)
            return Series(to_go, gain, plays, "int" if roll < INTERCEPTION else "fumble")
        if distance <= 20:
            chance += 0.05 if distance > 10 else 0.02
        if self._random() < chance:
            return self._converted(distance, to_go)
        gain = self._short(distance, to_go)
        if distance - gain >= 100:
            return Series(to_go, distance - 100, 2, "safety")
        return self._fourth_down(Series(to_go, gain, 3, ""), distance - gain)

    def _converted(self, distance: int, to_go: int) -> Series:
        """A series that reaches the line to gain, sometimes far beyond it."""
        roll = self._random()
        gain = to_go + int(self._rng.expovariate(1 / 5.6))
        if roll < 0.18:
            gain += int(self._rng.expovariate(1 / 26))
        long = gain > 24
        plays = 1 + int(self._random() * (2 if long else 3.08))
        if gain >= distance:
            return Series(to_go, distance, plays, "td")
        return Series(to_go, gain, plays, "first")

    def _short(self, distance: int, to_go: int) -> int:
        """Yards of a series that falls short; a loss beyond the own goal line is a safety."""
        gain = int(self._rng.triangular(-7, to_go, 5))
        return min(gain, to_go - 1)

    def _fourth_down(self, series: Series, distance: int) -> Series:
        """Kick or go: what is done on fourth down from `distance` yards."""
        needed = series.to_go - series.gain
        roll = self._random()
        if distance <= 36:
            going = 0.5 if needed <= 3 else 0.14
        elif distance <= 60:
            going = 0.62 if needed <= 3 else 0.26
        else:
            going = 0.08 if needed <= 2 else 0.03
        if roll < going:
            if self._random() < 0.62 - 0.03 * needed:
                gain = series.gain + needed + int(self._random() * 4)
                total = min(gain, distance + series.gain)
                return Series(series.to_go, total, 4, "td" if total == distance + series.gain else "first")
            return Series(series.to_go, series.gain, 4, "downs")
        return Series(series.to_go, series.gain, 3, "fg" if distance <= 36 else "punt")

    def _run_out(self, possession: Possession, series: Series, distance: int, plays: int) -> None:
        """The half ends during `series`, after `plays` of its plays; a kick in range is tried first."""
        if plays > 0:
            gain = min(max(int(series.gain * plays / series.plays), 0), series.to_go - 1)
            possession.series.append(Series(series.to_go, gain, min(plays, 3), "end"))
            distance -= gain
        possession.result = "end"
        if distance <= 34 and (self._clock < HALF_S or abs(self._lead(possession.side)) <= 3):
            possession.result = "fg"
            self._finish(possession, distance)

    def _lead(self, side: int) -> int:
        return sum(self._lines[side]) - sum(self._lines[1 - side])

    def _finish(self, possession: Possession, distance: int) -> None:
        """Points, kicks and distances of the way a possession ended, `distance` yards from the goal line."""
        if possession.result == "td":
            self._touchdown(possession)
        elif possession.result == "fg":
            possession.kick_yards = distance + 17
            if self._random() < self._kick_chance(possession):
                possession.points = 3
            else:
                possession.result = "missed fg"
        elif possession.result == "punt":
            possession.kick_yards = max(20, min(int(self._rng.gauss(44 - 4 * self._wind, 8)), distance))

    def _kick_chance(self, possession: Possession) -> float:
        reach = possession.kick_yards - self._kicker[possession.side] + 6 * self._wind
        return 1 / (1 + math.exp((reach - 51.5) / 7.5))

    def _touchdown(self, possession: Possession) -> None:
        """Six points and the try: two points are tried when eight, or two, would help late in the game."""
        lead = self._lead(possession.side) + 6
        roll = self._random()
        if self._clock > REGULATION_S * 0.7 and lead in (-10, -5, -2, 1, 5) and roll < 0.8:
            possession.conversion = "two" if self._random() < 0.44 else "failed"
        else:
            possession.conversion = "good" if self._random() < 0.968 else "missed"
        possession.points = 6 + {"good": 1, "missed": 0, "two": 2, "failed": 0}[possession.conversion]

    def _close(self, possession: Possession, ends_at: float) -> None:
        """Book the possession: clock and line scores."""
        self._clock += possession.seconds
        possession.clock_end = self._clock
        quarter = min(int((self._clock - 0.5) // QUARTER_S), 3 if ends_at > HALF_S else 1)
        possession.period = quarter + 1
        self._lines[possession.side][quarter] += possession.points
        if possession.result == "safety":
            self._lines[1 - possession.side][quarter] += 2
        self._possessions.append(possession)

    def _kickoff(self, side: int) -> Possession:
        """A possession that starts with a kick-off to `side`."""
        roll = self._random()
        if roll < 0.004:
            possession = Possession(side, 0, 100, 12.0, result="return td", return_yards=self._rng.randint(88, 100))
            self._touchdown(possession)
            return possession
        if roll < 0.62:
            return Possession(side, 0, 75, touchback=True)
        returned = max(5, int(self._rng.gauss(22, 8)))
        return Possession(side, 0, min(max(99 - returned, 40), 92), return_yards=returned)

    def _next(self, before: Possession) -> Possession:
        """The other side's possession after `before`."""
        side = 1 - before.side
        if before.result in ("td", "fg", "return td", "safety"):
            return self._kickoff(side)
        spot = 100 - before.start + before.yards  # yards `side` has to go from where the ball died
        if before.result == "punt":
            return self._after_punt(side, spot, before)
        if before.result in ("int", "fumble"):
            return self._after_turnover(side, spot, before.result)
        return Possession(side, 0, min(max(spot, 1), 99), began=before.result)

    def _after_punt(self, side: int, spot: int, before: Possession) -> Possession:
        landed = spot + before.kick_yards
        if landed >= 100:
            return Possession(side, 0, 80, began="punt", touchback=True)
        roll = self._random()
        if roll < 0.006:
            possession = Possession(side, 0, landed, 14.0, result="return td", return_yards=landed, began="punt")
            self._touchdown(possession)
            return possession
        returned = min(int(self._rng.expovariate(1 / 9)), landed - 1) if roll < 0.32 else 0
        return Possession(side, 0, min(landed - returned, 99), began="punt", return_yards=returned)

    def _after_turnover(self, side: int, spot: int, kind: str) -> Possession:
        """An interception is caught downfield; both kinds are sometimes brought all the way back."""
        spot = min(max(spot + (int(self._rng.expovariate(1 / 9)) if kind == "int" else 0), 1), 99)
        if self._random() < (0.085 if kind == "int" else 0.045):
            possession = Possession(side, 0, spot, 11.0, result="return td", return_yards=spot, began=kind)
            self._touchdown(possession)
            return possession
        share = 0.55 if kind == "int" else 0.15
        returned = min(int(self._rng.expovariate(1 / 14)), spot - 1) if self._random() < share else 0
        return Possession(side, 0, spot - returned, began=kind, return_yards=returned)

    def _overtime(self) -> None:
        """Both sides get the ball at the 25 until one period is not drawn; from the third on only two-point tries."""
        first = HOME if self._random() < 0.5 else AWAY
        period = 5
        while self._lead(HOME) == 0:
            for side in (HOME, AWAY):
                self._lines[side].append(0)
            for turn, side in enumerate((first, 1 - first)):
                possession = self._overtime_possession(side, period)
                self._lines[side][-1] += possession.points
                self._possessions.append(possession)
                if turn == 0 and self._brought_back(possession, period):
                    break
            first = 1 - first
            period += 1

    def _brought_back(self, before: Possession, period: int) -> bool:
        """Whether the first side's turnover became the other's winning touchdown."""
        if before.result not in ("int", "fumble") or self._random() >= 0.04:
            return False
        side = 1 - before.side
        possession = Possession(side, period, 85, result="return td", points=6, began=before.result, return_yards=85)
        possession.conversion, possession.clock_end = "none", REGULATION_S
        self._lines[side][-1] += 6
        self._possessions.append(possession)
        return True

    def _overtime_possession(self, side: int, period: int) -> Possession:
        possession = Possession(side, period, 25, began="overtime", clock_end=REGULATION_S)
        if period >= 7:
            possession.start = 3
            possession.result = "two"
            possession.points = 2 if self._random() < 0.45 else 0
            return possession
        distance = 25
        while not possession.result:
            series = self._series(self._chances[side], distance)
            distance -= series.gain
            possession.series.append(series)
            if series.end != "first":
                possession.result = "fg" if series.end == "punt" else series.end
                self._finish(possession, distance)
        if possession.result == "td" and period == 6 and possession.conversion in ("good", "missed"):
            possession.conversion = "two" if self._random() < 0.44 else "failed"
            possession.points = 8 if possession.conversion == "two" else 6
        return possession
